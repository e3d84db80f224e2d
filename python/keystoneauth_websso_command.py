"""keystoneauth's plugin v3websso, by websso credential (docs/plugins.md)."""

import functools
import json
import logging
import os
import shutil
import subprocess
from datetime import datetime, timezone

from keystoneauth1 import access, exceptions, loading
from keystoneauth1.identity.v3 import base
from stevedore.extension import ExtensionManager

LOG = logging.getLogger(__name__)
INSTALL = "install it from https://github.com/gophercloud-websso/websso"
SIGN_IN = ("identity_provider", "protocol", "username", "redirect_host",
           "redirect_port")
SCOPE = ("project_id", "project_name", "project_domain_id", "domain_id",
         "project_domain_name", "domain_name", "trust_id", "system_scope")


class SignInFailed(exceptions.AuthorizationFailure):
    """Has the command's words, and its exit status (None: no answer)."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class WebSSO(base.BaseAuth):
    """Takes what BaseAuth takes, the names in SIGN_IN, and login_timeout."""

    def __init__(self, auth_url, **kwargs):
        timeout = kwargs.pop("login_timeout", None)
        self._settings = {name: kwargs.pop(name, None) for name in SIGN_IN}
        super().__init__(auth_url, **kwargs)
        self._settings["timeout"] = timeout and "%ss" % float(timeout)
        self._rejected = False

    def invalidate(self):
        # A service answered 401, maybe to several threads: each may try again,
        # with a token that was checked with Keystone.
        self._rejected, self.auth_ref = True, None
        return True

    def get_auth_state(self):
        # openstacksdk before 4.20 writes this to the keyring even though there
        # is no cache ID to read it back with.
        return ""

    def get_auth_ref(self, session, **kwargs):
        options = self._options(session)
        options["check"], self._rejected = self._rejected, False
        # osc_lib calls this, and get_access after it: the command runs once.
        self.auth_ref, left = _ask(options)
        # If tokens never live for two minutes, don't ask for each request.
        self.MIN_TOKEN_LIFE_SECONDS = min(120, left.total_seconds() / 2)
        return self.auth_ref

    def _options(self, session):
        options = {"auth_url": self.auth_url, **self._settings}
        options.update((name, getattr(self, name)) for name in SCOPE)
        options["unscoped"] = not self.has_scope_parameters
        # As in keystoneauth, an ID needs no name, and no name no domain.
        if self.project_id or not self.project_name:
            options.update(project_name=None, project_domain_id=None,
                           project_domain_name=None)
        options.update(insecure=session.verify is False, cacert=session.verify)
        if session.verify is True:  # then requests reads these variables
            options["cacert"] = (os.environ.get("REQUESTS_CA_BUNDLE")
                                 or os.environ.get("CURL_CA_BUNDLE"))
        cert = session.cert  # one file, or two
        options["cert"], options["key"] = (
            cert if isinstance(cert, (tuple, list)) else (cert, cert))
        return options


def _ask(options):
    path = os.pathsep.join(filter(os.path.isabs, os.get_exec_path()))
    command = shutil.which("websso", path=path)  # not in the current directory
    if not command or not os.path.isabs(command):
        raise SignInFailed("websso is not in your PATH: " + INSTALL)
    # Without a terminal, nobody would see where to sign in.
    watched = (os.isatty(0) or os.isatty(2)
               or os.environ.get("WEBSSO_NON_INTERACTIVE"))
    options["non_interactive"] = not watched
    try:
        done = subprocess.run(
            [command, "credential"]
            + ["--" + name.replace("_", "-")
               + ("" if value is True else "=%s" % value)
               for name, value in options.items() if value],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=None if watched else subprocess.PIPE)
        answer = json.loads(done.stdout)
        if answer["version"] != 1 or not answer.get("id", True):
            raise ValueError
        if "error" in answer:
            lines = [answer["error"]["message"], *answer["error"]["advice"]]
            raise SignInFailed("\n".join(lines), done.returncode)
        auth_ref = access.AccessInfoV3({"token": answer["token"]},
                                       auth_token=answer["id"])
        left = auth_ref.expires - datetime.now(timezone.utc)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as e:
        raise SignInFailed("%s is too old, or another program: %s"
                           % (command, INSTALL)) from e
    if done.stderr:
        LOG.warning("%s", done.stderr.decode(errors="replace").strip())
    return auth_ref, left


@functools.lru_cache(maxsize=None)
def _look_for_others():
    # stevedore has read the entry points by the time that it makes a loader.
    named = [ep.value.partition(":")[0] for ep in
             ExtensionManager.ENTRY_POINT_CACHE.get("keystoneauth1.plugin", ())
             if ep.name == "v3websso" and __name__ not in ep.value]
    others = [name for name in named if not name.startswith("keystoneauth1.")]
    if others:
        name = others[0].partition(".")[0].replace("_", "-")
        text = "two plugins are named v3websso: pip uninstall " + name
        if others == named:  # keystoneauth before 5.17, which finds neither
            raise exceptions.AuthPluginException(text)
        LOG.warning("%s", text)


class Loader(loading.BaseFederationLoader):

    plugin_class = WebSSO

    def __init__(self):
        _look_for_others()

    def get_options(self):
        options = super().get_options()
        for option in options:
            option.required = option.dest in ("auth_url", "protocol")
        return options + [loading.Opt(name, help=text) for name, text in (
            ("username", "Tells several accounts in one cloud apart"),
            ("redirect-host", "Host that the browser returns to"),
            ("redirect-port", "Port that the browser returns to"),
            ("login-timeout", "Seconds that you have to sign in"),
            ("cache-path", "Has no effect: websso has the cache"))]

    def create_plugin(self, **kwargs):
        # Ignore what else is in the cloud's auth (password, user_domain_name).
        known = {*SIGN_IN, *SCOPE, "auth_url", "login_timeout",
                 "reauthenticate", "include_catalog"}
        return WebSSO(**{k: v for k, v in kwargs.items() if k in known})
