package websso_test

import (
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestConformance holds the Keystone of package webssotest, and the sign-in to it, to the
// suite that the end-to-end tests hold a real one to.
func TestConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T) *conformance.Cloud {
		ks := webssotest.NewTLSKeystone(t)
		return &conformance.Cloud{
			Options: ks.AuthOptions(),
			TLS:     ks.TLSConfig(),
			Browser: ks.Browser(),
			Mine:    "demo", Other: "lab", NotMine: "vault",
			Revoke: func(_ *testing.T, token string) { ks.Revoke(token) },
			Requests: func(_ *testing.T, agent string) []string {
				var list []string
				for _, r := range ks.APIRequests() {
					if strings.HasPrefix(r.UserAgent, agent+" ") {
						list = append(list, r.Method+" "+r.Path)
					}
				}
				return list
			},
		}
	})
}
