package e2e_test

import (
	"net/http"
	"os"
	"testing"
)

// TestIsolation checks that all pages of a sign-in here have the strictest isolation
// that a cloud may set, so that the other tests have shown sign-ins with it.
func TestIsolation(t *testing.T) {
	c := realCloud(t)
	for name, address := range map[string]string{
		"Keystone":          c.endpoint,
		"the websso path":   c.websso("lemon"),
		"the SAML module":   c.endpoint + "/auth/OS-FEDERATION/websso/saml2",
		"identity provider": os.Getenv("WEBSSO_E2E_IDP"),
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
			must(t, err)
			resp, err := c.http().Do(req)
			must(t, err)
			resp.Body.Close()
			for header, want := range map[string]string{
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Embedder-Policy": "require-corp",
			} {
				if got := resp.Header.Get(header); got != want {
					t.Errorf("got %s %q, want %q", header, got, want)
				}
			}
		})
	}
}
