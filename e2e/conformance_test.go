package e2e_test

import (
	"testing"

	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestConformance runs the suite that package webssotest's Keystone passes, too, with
// both modules that this Keystone has in front of it.
func TestConformance(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	for name, module := range map[string]struct{ provider, protocol string }{
		"mod_auth_openidc": {"lemon", "openid"},
		"mod_auth_mellon":  {"lime", "saml2"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := c.options()
			opts.IdentityProvider, opts.Protocol = module.provider, module.protocol
			conformance.Run(t, func(*testing.T) *conformance.Cloud {
				return &conformance.Cloud{
					Options:  opts,
					TLS:      c.tls,
					Browser:  &webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls},
					Mine:     "demo",
					Other:    "lab",
					NotMine:  "secret",
					Revoke:   func(t *testing.T, token string) { c.revoke(t, token) },
					Requests: c.requests,
				}
			})
		})
	}
}
