package e2e_test

import (
	"testing"

	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestConformance runs the suite that package webssotest's Keystone passes, too.
func TestConformance(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	conformance.Run(t, func(*testing.T) *conformance.Cloud {
		return &conformance.Cloud{
			Options:  c.options(),
			TLS:      c.tls,
			Browser:  &webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls},
			Mine:     "demo",
			Other:    "lab",
			NotMine:  "secret",
			Revoke:   func(t *testing.T, token string) { c.revoke(t, token) },
			Requests: c.requests,
		}
	})
}
