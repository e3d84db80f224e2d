package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// refusals visits what Keystone answers the browser with an error page.
func refusals(t *testing.T, c *Cloud) {
	idp, protocol, trusted := c.Options.IdentityProvider, c.Options.Protocol, c.origin("localhost")
	const (
		noOrigin   = "Request must have an origin query parameter"
		federation = "/auth/OS-FEDERATION/"
	)
	start := func(idp, protocol string) string {
		return federation + "identity_providers/" + idp + "/protocols/" + protocol + "/websso"
	}
	from := func(origin string) string { return "?origin=" + url.QueryEscape(origin) }
	type row struct {
		path, query string
		status      int
		message     string
	}
	rows := []row{
		{start(idp, protocol), "", http.StatusBadRequest, noOrigin},
		{start(idp, protocol), from(""), http.StatusBadRequest, noOrigin},
		{start("nosuch", protocol), "", http.StatusBadRequest, noOrigin},
		{start("nosuch", protocol), from(trusted), http.StatusNotFound, "Could not find Identity Provider: nosuch."},
		{start("nosuch", protocol), from("x"), http.StatusUnauthorized, unauthorized},
		{start(idp, "kerberos"), from(trusted), http.StatusUnauthorized, unsupported},
		{start("nosuch", "kerberos"), from(trusted), http.StatusUnauthorized, unsupported},
		{federation + "websso/kerberos", from(trusted), http.StatusUnauthorized, unauthorized},
	}
	for _, untrusted := range []string{
		strings.TrimSuffix(trusted, "/"), trusted + "?state=x", trusted + "x", trusted + "#",
		c.origin("127.0.0.1"), c.origin("[::1]"), c.origin("LOCALHOST"),
		strings.Replace(trusted, "http:", "https:", 1), "http://localhost:1/auth/websso/", "x",
	} {
		rows = append(rows, row{start(idp, protocol), from(untrusted), http.StatusUnauthorized, unauthorized})
	}
	for _, row := range rows {
		page, err := c.Browser.Visit(c.Options.IdentityEndpoint + row.path + row.query)
		must(t, err)
		if page.Status != row.status || !strings.Contains(page.Text, row.message) || !strings.HasPrefix(page.URL, c.Options.IdentityEndpoint) {
			t.Errorf("visiting %s: got %+v, want %d %q", row.path+row.query, page, row.status, row.message)
		}
	}
}
