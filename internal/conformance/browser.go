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
		noOrigin    = "Request must have an origin query parameter"
		federation  = "/auth/OS-FEDERATION/"
		unknownPath = federation + "websso/kerberos"
	)
	start := func(idp, protocol string) string {
		return federation + "identity_providers/" + idp + "/protocols/" + protocol + "/websso"
	}
	type row struct {
		path, origin string
		status       int
		message      string
	}
	rows := []row{
		{start(idp, protocol), "", http.StatusBadRequest, noOrigin},
		{start("nosuch", protocol), "", http.StatusBadRequest, noOrigin},
		{start("nosuch", protocol), trusted, http.StatusNotFound, "Could not find Identity Provider: nosuch."},
		{start("nosuch", protocol), "x", http.StatusUnauthorized, unauthorized},
		{start(idp, "kerberos"), trusted, http.StatusUnauthorized, unsupported},
		{start("nosuch", "kerberos"), trusted, http.StatusUnauthorized, unsupported},
		{unknownPath, trusted, http.StatusUnauthorized, unauthorized},
	}
	for _, origin := range []string{
		strings.TrimSuffix(trusted, "/"), trusted + "?state=x", trusted + "x", trusted + "#",
		c.origin("127.0.0.1"), c.origin("[::1]"), c.origin("LOCALHOST"),
		strings.Replace(trusted, "http:", "https:", 1), "http://localhost:1/auth/websso/", "x",
	} {
		rows = append(rows, row{start(idp, protocol), origin, http.StatusUnauthorized, unauthorized})
	}
	for _, row := range rows {
		page, err := c.Browser.Visit(c.Options.IdentityEndpoint + row.path + "?origin=" + url.QueryEscape(row.origin))
		must(t, err)
		if page.Status != row.status || !strings.Contains(page.Text, row.message) || !strings.HasPrefix(page.URL, c.Options.IdentityEndpoint) {
			t.Errorf("visiting %s with origin %q: got %+v, want %d %q", row.path, row.origin, page, row.status, row.message)
		}
	}
	page, err := c.Browser.Visit(c.Options.IdentityEndpoint + start(idp, protocol))
	must(t, err)
	if page.Status != http.StatusBadRequest || !strings.Contains(page.Text, noOrigin) {
		t.Errorf("without a query: got %+v, want %d %q", page, http.StatusBadRequest, noOrigin)
	}
}
