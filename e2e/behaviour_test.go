package e2e_test

import (
	"testing"

	"github.com/gophercloud-websso/websso/internal/behaviour"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestBehaviour runs the suite that package webssotest's Keystone passes.
func TestBehaviour(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	behaviour.Run(t, func(*testing.T) *behaviour.Cloud {
		return &behaviour.Cloud{
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
