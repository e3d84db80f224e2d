package webssotest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestRescope asks for the scopes that internal/conformance, which has the others, can't ask a
// real Keystone for.
func TestRescope(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	cloud.SetUser(webssotest.User{
		Name: "dora", Password: "x", Domains: []string{"Default"}, System: true,
		Projects: []webssotest.Project{{Name: "demo"}, {Name: "demo", Domain: "Other"}},
	})
	var trust string
	cloud.Configure(func(c *webssotest.Config) { trust = c.Quirks.AddTrust("dora", "vault") })
	parents := map[string]string{"alice": alice(t, cloud), "dora": signIn(t, cloud, "dora", "x")}
	for _, tt := range []struct {
		user, scope string
		status      int
		message     string // in the answer
	}{
		{"alice", `{"project": {"name": "demo", "domain": {"id": "default"}}}`, 201, `"name":"demo"`},
		{"dora", `{"project": {"name": "demo", "domain": {"name": "Other"}}}`, 201, `"name":"Other"`},
		{"dora", `{"domain": {"id": "default"}}`, 201, `"domain":{"id":"default"`},
		{"dora", `{"system": {"all": true}}`, 201, `"system":{"all":true}`},
		{"dora", `{"OS-TRUST:trust": {"id": "` + trust + `"}}`, 201, `"OS-TRUST:trust"`},
		{"alice", `{"project": {"name": "demo", "domain": {"name": "Other"}}}`, 401, "requires authentication"},
		{"alice", `{"OS-TRUST:trust": {"id": "` + trust + `"}}`, 401, "requires authentication"},
		{"alice", `{"system": {"all": true}, "domain": {"id": "default"}}`, 400, "scope"},
	} {
		got := rescope(t, cloud, parents[tt.user], tt.scope)
		got.Is(t, tt.status)
		if !strings.Contains(got.Text, tt.message) || (got.Header.Get("X-Subject-Token") != "") != (tt.status == http.StatusCreated) {
			t.Errorf("%s, %s: got %s, want …%s…", tt.user, tt.scope, got.Text, tt.message)
		}
	}
}

func TestNoRescope(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	demo, lab := conformance.ProjectScope("demo"), conformance.ProjectScope("lab")
	hers := alice(t, cloud)
	token := rescope(t, cloud, hers, demo).Header.Get("X-Subject-Token")
	rescope(t, cloud, token, lab).Is(t, http.StatusCreated)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.NoRescope = true })
	rescope(t, cloud, token, lab).Is(t, http.StatusForbidden)
	rescope(t, cloud, hers, lab).Is(t, http.StatusCreated)
	// Keystone never gives a token for that of a trust.
	var trust string
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.NoRescope, trust = false, c.Quirks.AddTrust("carol", "vault") })
	got := rescope(t, cloud, signIn(t, cloud, "carol", "singer"), `{"OS-TRUST:trust": {"id": "`+trust+`"}}`)
	rescope(t, cloud, got.Header.Get("X-Subject-Token"), "").Is(t, http.StatusForbidden)
}

// Keystone 27 and 30 answer the first question about a dead token from a cache.
func TestValidationCache(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.ValidationCache = true })
	token := alice(t, cloud)
	validate(t, cloud, token).Is(t, http.StatusOK)
	cloud.Revoke(token)
	at(cloud).Ask(t, "GET /v3/auth/projects", token, "", "").Is(t, http.StatusUnauthorized)
	validate(t, cloud, token).Says(t, http.StatusNotFound, "Failed to validate token")
	validate(t, cloud, token).Says(t, http.StatusUnauthorized, "The request you have made requires authentication.")
}

func TestTokensOfOtherUsers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	hers, his := alice(t, cloud), signIn(t, cloud, "bob", "builder")
	at(cloud).Ask(t, "GET /v3/auth/tokens", his, hers, "").Is(t, http.StatusForbidden)
	at(cloud).Ask(t, "DELETE /v3/auth/tokens", his, hers, "").Is(t, http.StatusForbidden)
	validate(t, cloud, hers).Is(t, http.StatusOK)
}
