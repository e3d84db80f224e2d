package webssotest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

func TestUnscopedToken(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	got := validate(t, cloud, token).want(http.StatusOK)
	if got.token() != token || len(token) != 268 {
		t.Errorf("got X-Subject-Token %q for %q, want the same with 268 characters", got.token(), token)
	}
	for _, key := range []string{"catalog", "roles", "project", "is_domain"} {
		if value := got.at("token", key); value != nil {
			t.Errorf("got %s %v in an unscoped token, want none", key, value)
		}
	}
	for path, want := range map[string]string{
		"name":                               "alice",
		"domain name":                        "acme",
		"OS-FEDERATION identity_provider id": "acme",
		"OS-FEDERATION protocol id":          "openid",
	} {
		if is := got.at(append([]string{"token", "user"}, strings.Fields(path)...)...); is != want {
			t.Errorf("got user %s %v, want %s", path, is, want)
		}
	}
	if methods := got.at("token", "methods").([]any); len(methods) != 1 || methods[0] != "openid" {
		t.Errorf("got methods %v, want [openid]", methods)
	}
}

func TestRescope(t *testing.T) {
	const refused = "requires authentication"
	cloud := webssotest.NewKeystone(t)
	cloud.SetUser(webssotest.User{
		Name: "dora", Password: "x", Domains: []string{"Default"}, System: true,
		Projects: []webssotest.Project{{Name: "demo"}, {Name: "demo", Domain: "Other"}},
	})
	var trust string
	cloud.Configure(func(c *webssotest.Config) { trust = c.Quirks.AddTrust("dora", "vault") })
	parents := map[string]string{"alice": alice(t, cloud), "dora": signIn(t, cloud, "dora", "x")}
	for _, tt := range []struct {
		name, user, scope string
		status            int
		message           string // in the answer
	}{
		{"project by ID", "alice", projectScope(cloud.Project("lab")), 201, `"name":"lab"`},
		{"project by name and domain name", "alice", `{"project": {"name": "demo", "domain": {"name": "Default"}}}`, 201, `"name":"demo"`},
		{"project by name and domain ID", "alice", `{"project": {"name": "demo", "domain": {"id": "default"}}}`, 201, `"name":"demo"`},
		{"project of that name in another domain", "dora", `{"project": {"name": "demo", "domain": {"name": "Other"}}}`, 201, `"name":"Other"`},
		{"domain", "dora", `{"domain": {"id": "default"}}`, 201, `"domain":{"id":"default"`},
		{"system", "dora", `{"system": {"all": true}}`, 201, `"system":{"all":true}`},
		{"trust", "dora", `{"OS-TRUST:trust": {"id": "` + trust + `"}}`, 201, `"OS-TRUST:trust"`},
		{"no scope", "alice", "", 201, `"user"`},
		{"unscoped", "alice", `"unscoped"`, 201, `"user"`},
		{"unscoped as an object", "alice", `{"unscoped": {}}`, 201, `"user"`},

		{"another user's project", "alice", projectScope(cloud.Project("vault")), 401, refused},
		{"unknown project ID", "alice", `{"project": {"id": "nowhere"}}`, 401, refused},
		{"unknown project name", "alice", `{"project": {"name": "nowhere", "domain": {"name": "Default"}}}`, 401, refused},
		{"project in the wrong domain", "alice", `{"project": {"name": "demo", "domain": {"name": "Other"}}}`, 401, refused},
		{"project in an unknown domain", "alice", `{"project": {"name": "demo", "domain": {"id": "nowhere"}}}`, 401, refused},
		{"project with another capital", "alice", `{"project": {"name": "Demo", "domain": {"name": "Default"}}}`, 401, refused},
		{"domain without a role", "alice", `{"domain": {"name": "Default"}}`, 401, refused},
		{"unknown domain", "alice", `{"domain": {"name": "nowhere"}}`, 401, refused},
		{"another user's trust", "alice", `{"OS-TRUST:trust": {"id": "` + trust + `"}}`, 401, refused},
		{"unknown trust", "alice", `{"OS-TRUST:trust": {"id": "nothing"}}`, 401, refused},
		{"system without a role", "alice", `{"system": {"all": true}}`, 500, "<h1>"},
		{"project without its domain", "alice", `{"project": {"name": "demo"}}`, 400, "scope"},
		{"two scopes", "alice", `{"system": {"all": true}, "domain": {"id": "default"}}`, 400, "scope"},
		{"empty scope", "alice", `{}`, 400, "scope"},
		{"scope that is a number", "alice", `7`, 400, "scope"},
		{"scope that is null", "alice", `null`, 400, "scope"},
		{"scope that is a word", "alice", `"project"`, 400, "scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parent := parents[tt.user]
			got := rescope(t, cloud, parent, tt.scope).want(tt.status)
			if !strings.Contains(got.text, tt.message) {
				t.Fatalf("got %s, want …%s…", got.text, tt.message)
			}
			if tt.status != http.StatusCreated {
				if got.token() != "" {
					t.Errorf("got token %q with status %d, want none", got.token(), tt.status)
				}
				kind := got.header.Get("Content-Type")
				if isJSON := strings.HasPrefix(kind, "application/json"); isJSON != (tt.status != 500) {
					t.Errorf("got content type %q with status %d", kind, tt.status)
				}
				return
			}
			before := validate(t, cloud, parent)
			if is, want := got.at("token", "expires_at"), before.at("token", "expires_at"); is != want {
				t.Errorf("got expires_at %v, want the sign-in's, %v", is, want)
			}
			old, new := before.at("token", "audit_ids").([]any), got.at("token", "audit_ids").([]any)
			if len(new) != 1 || slices.Contains(old, new[0]) {
				t.Errorf("got audit IDs %v, want one that is not in %v", new, old)
			}
			if got.token() == parent {
				t.Error("got the parent's token, want another one")
			}
			validate(t, cloud, got.token()).want(http.StatusOK)
		})
	}
}

// Clients must not rely on the order of the methods.
func TestMethodsComeInEitherOrder(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	var first []string
	for range 4 {
		methods := rescope(t, cloud, token, projectScope(cloud.Project("demo"))).at("token", "methods").([]any)
		if len(methods) != 2 {
			t.Fatalf("got methods %v, want two", methods)
		}
		first = append(first, methods[0].(string))
	}
	if !slices.Contains(first, "token") || !slices.Contains(first, "openid") {
		t.Errorf("got first methods %v, want token and openid among them", first)
	}
}

func TestNoRescope(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	lab := projectScope(cloud.Project("lab"))
	token := scoped(t, cloud)
	rescope(t, cloud, token, lab).want(http.StatusCreated)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.NoRescope = true })
	rescope(t, cloud, token, lab).want(http.StatusForbidden)
	rescope(t, cloud, alice(t, cloud), lab).want(http.StatusCreated)
}

func TestTrustScopedTokenCannotRescope(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	var trust string
	cloud.Configure(func(c *webssotest.Config) { trust = c.Quirks.AddTrust("carol", "vault") })
	got := rescope(t, cloud, signIn(t, cloud, "carol", "singer"), `{"OS-TRUST:trust": {"id": "`+trust+`"}}`).want(http.StatusCreated)
	rescope(t, cloud, got.token(), "").want(http.StatusForbidden)
}

// However a token died, rescoping it is answered 404 and using it 401.
func TestDeadTokens(t *testing.T) {
	for _, tt := range []struct {
		name    string
		kill    func(*webssotest.Keystone, string)
		message string
	}{
		{"revoked", func(k *webssotest.Keystone, token string) { k.Revoke(token) }, "Failed to validate token"},
		{"all revoked", func(k *webssotest.Keystone, _ string) { k.RevokeAll() }, "Failed to validate token"},
		{"keys rotated", func(k *webssotest.Keystone, _ string) {
			k.Configure(func(c *webssotest.Config) { c.Quirks.RotateKeys() })
		}, "Could not recognize Fernet token"},
		{"expired", func(k *webssotest.Keystone, _ string) {
			k.Configure(func(c *webssotest.Config) { c.ClockSkew = c.TokenLifetime })
		}, "Failed to validate token"},
		{"user disabled", func(k *webssotest.Keystone, _ string) { k.DisableUser("alice") }, "Failed to validate token"},
		{"role removed", func(k *webssotest.Keystone, _ string) {
			k.Configure(func(c *webssotest.Config) { c.Quirks.RemoveRole("demo") })
		}, "Failed to validate token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := webssotest.NewKeystone(t)
			token := scoped(t, cloud)
			tt.kill(cloud, token)
			rescope(t, cloud, token, projectScope(cloud.Project("demo"))).wantMessage(http.StatusNotFound, tt.message)
			for _, method := range []string{"GET", "DELETE"} {
				about(t, cloud, method, token, token).wantMessage(http.StatusUnauthorized, "The request you have made requires authentication.")
			}
			for _, path := range []string{"/v3/auth/projects", "/v3/auth/catalog", "/compute/v2.1/servers"} {
				get(t, cloud, path, token).want(http.StatusUnauthorized)
			}
		})
	}
}

// Tokens from before a user was disabled stay dead, and the user can sign in again.
func TestEnableUser(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	before, other := alice(t, cloud), signIn(t, cloud, "bob", "builder")
	cloud.DisableUser("alice")
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.EnableUser("alice") })
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.EnableUser("nobody") })
	get(t, cloud, "/v3/auth/projects", before).want(http.StatusUnauthorized)
	for _, token := range []string{alice(t, cloud), other} {
		validate(t, cloud, token).want(http.StatusOK)
	}
}

// Keystone 27 and 30 answer the first question about a dead token from a cache.
func TestValidationCache(t *testing.T) {
	const dead, refused = "Failed to validate token", "The request you have made requires authentication."
	cloud := webssotest.NewKeystone(t)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.ValidationCache = true })
	first, other, lost := scoped(t, cloud), alice(t, cloud), alice(t, cloud)
	validate(t, cloud, first).want(http.StatusOK)
	cloud.Revoke(first)
	validate(t, cloud, other).want(http.StatusOK)

	// Everything but the question about itself is as it was.
	rescope(t, cloud, first, "").wantMessage(http.StatusNotFound, dead)
	get(t, cloud, "/v3/auth/projects", first).wantMessage(http.StatusUnauthorized, refused)
	about(t, cloud, "GET", other, first).wantMessage(http.StatusUnauthorized, refused)
	about(t, cloud, "DELETE", first, first).wantMessage(http.StatusUnauthorized, refused)
	about(t, cloud, "GET", first, other).wantMessage(http.StatusNotFound, dead)

	validate(t, cloud, first).wantMessage(http.StatusNotFound, dead)
	for range 3 {
		validate(t, cloud, first).wantMessage(http.StatusUnauthorized, refused)
	}
	cloud.RevokeAll()
	validate(t, cloud, other).wantMessage(http.StatusNotFound, dead)
	validate(t, cloud, other).wantMessage(http.StatusUnauthorized, refused)

	cloud.Configure(func(c *webssotest.Config) { c.Quirks.RotateKeys() })
	validate(t, cloud, lost).wantMessage(http.StatusUnauthorized, refused)
	validate(t, cloud, "garbage").wantMessage(http.StatusUnauthorized, refused)
}

func TestUnrecognizedTokens(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	for _, wrong := range []string{"garbage", token[:len(token)-1], "x" + token[1:]} {
		rescope(t, cloud, wrong, "").wantMessage(http.StatusNotFound, "Could not recognize Fernet token")
		about(t, cloud, "GET", wrong, token).want(http.StatusNotFound)
	}
	rescope(t, cloud, "", "").want(http.StatusNotFound)
}

func TestRevocationSparesParentAndChildren(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	parent := alice(t, cloud)
	first := rescope(t, cloud, parent, projectScope(cloud.Project("demo"))).token()
	second := rescope(t, cloud, parent, projectScope(cloud.Project("lab"))).token()
	about(t, cloud, "DELETE", first, first).want(http.StatusNoContent)
	validate(t, cloud, first).want(http.StatusUnauthorized)
	validate(t, cloud, parent).want(http.StatusOK)
	about(t, cloud, "DELETE", parent, parent).want(http.StatusNoContent)
	validate(t, cloud, parent).want(http.StatusUnauthorized)
	validate(t, cloud, second).want(http.StatusOK)
}

func TestTokensOfOtherUsers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	hers, his := alice(t, cloud), signIn(t, cloud, "bob", "builder")
	about(t, cloud, "GET", hers, his).want(http.StatusForbidden)
	about(t, cloud, "DELETE", hers, his).want(http.StatusForbidden)
	validate(t, cloud, hers).want(http.StatusOK)
}
