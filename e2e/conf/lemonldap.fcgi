#!/bin/sh
# Starts LemonLDAP::NG with a log of its own. Its standard error would otherwise
# end up among Apache's messages, all identity providers in one file.
exec /usr/share/lemonldap-ng/portal/htdocs/index.fcgi 2>>"$LLNG_LOG"
