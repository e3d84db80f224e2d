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
	wrong := func(problem, advice words) (string, error) {
		return "", &cloudconf.SettingError{Problem: problem, Advice: advice}
	}
	if endpoint == "" {
		return wrong(words{"no identity endpoint"}, words{"set ", cloudconf.AuthURL, " to the URL of Keystone"})
	}
	u, err := url.Parse(endpoint)
	if err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		return wrong(words{cloudconf.AuthURL, " has a user, a query or a fragment"}, words{"use only scheme, host and path"})
	}
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return wrong(words{cloudconf.AuthURL, " ", terminal.Printable(strconv.Quote(terminal.Address(endpoint))), " is not an http or https URL"},
			words{"use one such as https://identity.example.com/v3"})
	}
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":") // a port may be empty (RFC 3986, section 3.2.3)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/v3"), "/")
	return u.Scheme + "://" + host + path + "/v3", nil
}
