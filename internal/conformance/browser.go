package conformance

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// webSSO returns the URL at which a browser begins to sign in.
func (c *Cloud) webSSO(idp, protocol, origin string) string {
	u := c.Options.IdentityEndpoint + "/auth/OS-FEDERATION/identity_providers/" + idp + "/protocols/" + protocol + "/websso"
	if origin != "" {
		u += "?origin=" + url.QueryEscape(origin)
	}
	return u
}

// origin returns the callback URL on the given host, as Keystone sees it.
func (c *Cloud) origin(host string) string {
	port := c.Options.RedirectPort
	if port == 0 {
		port = websso.DefaultRedirectPort
	}
	return "http://" + host + ":" + strconv.Itoa(port) + "/auth/websso/"
}

// refused visits a URL and checks that the browser ends on Keystone's error page.
func (c *Cloud) refused(t *testing.T, at string, status int, message string) {
	t.Helper()
	page, err := c.Browser.Visit(at)
	must(t, err)
	if page.Status != status || !strings.Contains(page.Text, message) || !strings.HasPrefix(page.URL, c.Options.IdentityEndpoint) {
		t.Errorf("visiting %s: got %+v, want %d %q", at, page, status, message)
	}
}

func noOrigin(t *testing.T, c *Cloud) {
	idp, protocol := c.Options.IdentityProvider, c.Options.Protocol
	const message = "Request must have an origin query parameter"
	c.refused(t, c.webSSO(idp, protocol, ""), http.StatusBadRequest, message)
	c.refused(t, c.webSSO(idp, protocol, "")+"?origin=", http.StatusBadRequest, message)
	c.refused(t, c.webSSO("nosuch", protocol, ""), http.StatusBadRequest, message)
}

func untrustedOrigin(t *testing.T, c *Cloud) {
	trusted := c.origin("localhost")
	for _, origin := range []string{
		strings.TrimSuffix(trusted, "/"), trusted + "?state=x", trusted + "x", trusted + "#",
		c.origin("127.0.0.1"), c.origin("[::1]"), c.origin("LOCALHOST"),
		strings.Replace(trusted, "http:", "https:", 1), "http://localhost:1/auth/websso/", "x",
	} {
		c.refused(t, c.webSSO(c.Options.IdentityProvider, c.Options.Protocol, origin), http.StatusUnauthorized, unauthorized)
	}
}

func unknownProvider(t *testing.T, c *Cloud) {
	c.refused(t, c.webSSO("nosuch", c.Options.Protocol, c.origin("localhost")), http.StatusNotFound, "Could not find Identity Provider: nosuch.")
	c.refused(t, c.webSSO("nosuch", c.Options.Protocol, "x"), http.StatusUnauthorized, unauthorized)
}

func unknownProtocol(t *testing.T, c *Cloud) {
	trusted := c.origin("localhost")
	c.refused(t, c.webSSO(c.Options.IdentityProvider, "kerberos", trusted), http.StatusUnauthorized, unsupported)
	c.refused(t, c.webSSO("nosuch", "kerberos", trusted), http.StatusUnauthorized, unsupported)
	alone := c.Options.IdentityEndpoint + "/auth/OS-FEDERATION/websso/kerberos?origin=" + url.QueryEscape(trusted)
	c.refused(t, alone, http.StatusUnauthorized, unauthorized)
}
