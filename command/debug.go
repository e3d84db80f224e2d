package command

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// traced returns a transport that does what t does and, with --debug, tells of each
// request. It stays an *http.Transport, in which the library looks for the TLS settings and the proxy:
// the requests of both schemes are passed on to t.
func (a *app) traced(t *http.Transport) *http.Transport {
	if !a.bool("debug") {
		return t
	}
	outer := &http.Transport{TLSClientConfig: t.TLSClientConfig.Clone(), Proxy: t.Proxy}
	for _, scheme := range []string{"http", "https"} {
		outer.RegisterProtocol(scheme, tracer{a, t})
	}
	return outer
}

type tracer struct {
	app  *app
	next http.RoundTripper
}

// RoundTrip tells the method, address, status and time of a request. Tokens are in none
// of them: they are in headers and bodies.
func (t tracer) RoundTrip(r *http.Request) (*http.Response, error) {
	t.app.requests.Add(1)
	start := time.Now()
	resp, err := t.next.RoundTrip(r)
	took := time.Since(start).Round(time.Millisecond)
	if err != nil {
		t.app.debug("%s %s: %v (%s)", r.Method, r.URL.Redacted(), err, took)
		return nil, err
	}
	t.app.debug("%s %s: %s (%s)", r.Method, r.URL.Redacted(), resp.Status, took)
	return resp, nil
}

// debugBefore tells where a sign-in begins.
func (c *cloud) debugBefore() {
	if !c.app.bool("debug") {
		return
	}
	c.app.requests.Store(0)
	scope := cmp.Or(c.opts.Scope, &gophercloud.AuthScope{})
	c.app.debug("sign-in to %s, identity provider %q, protocol %q, %s", c.opts.IdentityEndpoint, c.opts.IdentityProvider, c.opts.Protocol, keystone.DescribeScope(*scope))
	for _, setting := range c.settings().Settings {
		for _, hidden := range setting.Hidden {
			c.app.debug("%s hides %s", setting.Value.From, hidden.From)
		}
	}
	signIn, err := websso.Status(c.opts)
	switch {
	case c.opts.ForceLogin:
		c.app.debug("a new sign-in is wanted; the cache is not looked at")
	case errors.Is(err, websso.ErrLoginRequired):
		c.app.debug("cache: nobody is signed in")
	case err != nil:
		c.app.debug("cache: %v", err)
	default:
		c.app.debug("cache: %s is signed in until %s; scoped tokens: %d", signIn.UserName, terminal.Clock(signIn.ExpiresAt), len(signIn.Scopes))
	}
}

// debugAfter tells where the token came from.
func (c *cloud) debugAfter() {
	if n := c.app.requests.Load(); n > 0 {
		c.app.debug("the token was made or checked with Keystone; requests: %d", n)
	} else {
		c.app.debug("the token came from the cache, without a request")
	}
}
