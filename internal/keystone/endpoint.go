package keystone

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// ParseEndpoint returns the one spelling of the URL of Keystone, which ends in /v3. The
// error is a [cloudconf.SettingError]. It shows nothing of a user, a password or a query.
func ParseEndpoint(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "":
		return "", mistake(words{"no identity endpoint"}, "set ", cloudconf.AuthURL, " to the URL of Keystone")
	case err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != ""):
		return "", mistake(words{cloudconf.AuthURL, " has a user, a query or a fragment"}, "use only scheme, host and path")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "", mistake(words{cloudconf.AuthURL, " ", terminal.Printable(strconv.Quote(terminal.Address(endpoint))), " is not an http or https URL"},
			"use one such as https://identity.example.com/v3")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":") // a port may be empty (RFC 3986, section 3.2.3)
	host = strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/v3"), "/")
	return u.Scheme + "://" + host + path + "/v3", nil
}
