package webssotest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

func TestUnscopedToken(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	got := validate(t, cloud, token)
	if got.status != http.StatusOK || got.header.Get("X-Subject-Token") != token || len(token) != 268 {
		t.Fatal(got.status, got.header, len(token))
	}
	for _, key := range []string{"catalog", "roles", "project", "is_domain"} {
		if got.at("token", key) != nil {
			t.Errorf("an unscoped token has a %s", key)
		}
	}
	for path, want := range map[string]string{
		"name":                               "alice",
		"domain name":                        "acme",
		"OS-FEDERATION identity_provider id": "acme",
		"OS-FEDERATION protocol id":          "openid",
	} {
		if is := got.at(append([]string{"token", "user"}, strings.Fields(path)...)...); is != want {
			t.Errorf("user %s is %v, want %s", path, is, want)
		}
	}
	if methods := got.at("token", "methods").([]any); len(methods) != 1 || methods[0] != "openid" {
		t.Errorf("methods %v", methods)
	}
}

func TestRescope(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	cloud.SetUser(webssotest.User{
		Name: "dora", Password: "x", Domains: []string{"Default"}, System: true,
		Projects: []webssotest.Project{{Name: "demo"}, {Name: "demo", Domain: "Other"}},
	})
	trust := cloud.AddTrust("dora", "vault")
	for _, tt := range []struct {
		name, user, password, scope string
		status                      int
		message                     string // in the answer
	}{
		{"project by id", "alice", "wonderland", projectScope(cloud.Project("lab")), 201, `"name":"lab"`},
		{"project by name and domain name", "alice", "wonderland", `{"project": {"name": "demo", "domain": {"name": "Default"}}}`, 201, `"name":"demo"`},
		{"project by name and domain id", "alice", "wonderland", `{"project": {"name": "demo", "domain": {"id": "default"}}}`, 201, `"name":"demo"`},
		{"project of that name in another domain", "dora", "x", `{"project": {"name": "demo", "domain": {"name": "Other"}}}`, 201, `"name":"Other"`},
		{"domain", "dora", "x", `{"domain": {"id": "default"}}`, 201, `"domain":{"id":"default"`},
		{"system", "dora", "x", `{"system": {"all": true}}`, 201, `"system":{"all":true}`},
		{"trust", "dora", "x", `{"OS-TRUST:trust": {"id": "` + trust + `"}}`, 201, `"OS-TRUST:trust"`},
		{"no scope", "alice", "wonderland", "", 201, `"user"`},
		{"unscoped", "alice", "wonderland", `"unscoped"`, 201, `"user"`},
		{"unscoped as an object", "alice", "wonderland", `{"unscoped": {}}`, 201, `"user"`},

		{"somebody else's project", "alice", "wonderland", projectScope(cloud.Project("vault")), 401, "requires authentication"},
		{"unknown project id", "alice", "wonderland", `{"project": {"id": "nowhere"}}`, 401, "requires authentication"},
		{"unknown project name", "alice", "wonderland", `{"project": {"name": "nowhere", "domain": {"name": "Default"}}}`, 401, "requires authentication"},
		{"project in the wrong domain", "alice", "wonderland", `{"project": {"name": "demo", "domain": {"name": "Other"}}}`, 401, "requires authentication"},
		{"project in an unknown domain", "alice", "wonderland", `{"project": {"name": "demo", "domain": {"id": "nowhere"}}}`, 401, "requires authentication"},
		{"project in another spelling", "alice", "wonderland", `{"project": {"name": "Demo", "domain": {"name": "Default"}}}`, 401, "requires authentication"},
		{"domain without a role", "alice", "wonderland", `{"domain": {"name": "Default"}}`, 401, "requires authentication"},
		{"unknown domain", "alice", "wonderland", `{"domain": {"name": "nowhere"}}`, 401, "requires authentication"},
		{"somebody else's trust", "alice", "wonderland", `{"OS-TRUST:trust": {"id": "` + trust + `"}}`, 401, "requires authentication"},
		{"unknown trust", "alice", "wonderland", `{"OS-TRUST:trust": {"id": "nothing"}}`, 401, "requires authentication"},
		{"system without a role", "alice", "wonderland", `{"system": {"all": true}}`, 500, "<h1>"},
		{"project without its domain", "alice", "wonderland", `{"project": {"name": "demo"}}`, 400, "scope"},
		{"two scopes", "alice", "wonderland", `{"system": {"all": true}, "domain": {"id": "default"}}`, 400, "scope"},
		{"empty scope", "alice", "wonderland", `{}`, 400, "scope"},
		{"scope that is a number", "alice", "wonderland", `7`, 400, "scope"},
		{"scope that is null", "alice", "wonderland", `null`, 400, "scope"},
		{"scope that is a word", "alice", "wonderland", `"project"`, 400, "scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parent := signIn(t, cloud, tt.user, tt.password)
			got := rescope(t, cloud, parent, tt.scope)
			if got.status != tt.status || !strings.Contains(got.text, tt.message) {
				t.Fatalf("status %d: %s; want %d: …%s…", got.status, got.text, tt.status, tt.message)
			}
			token := got.header.Get("X-Subject-Token")
			if tt.status != http.StatusCreated {
				if token != "" {
					t.Error("a refusal has a token")
				}
				if json := strings.HasPrefix(got.header.Get("Content-Type"), "application/json"); json != (tt.status != 500) {
					t.Errorf("content type %q", got.header.Get("Content-Type"))
				}
				return
			}
			before := validate(t, cloud, parent)
			if got.at("token", "expires_at") != before.at("token", "expires_at") {
				t.Error("the new token ends at another time than the sign-in")
			}
			old, new := before.at("token", "audit_ids").([]any), got.at("token", "audit_ids").([]any)
			if len(new) != 1 || slices.Contains(old, new[0]) {
				t.Errorf("audit ids %v after %v", new, old)
			}
			if token == parent || validate(t, cloud, token).status != http.StatusOK {
				t.Error("the new token is none")
			}
		})
	}
}

// Clients must not read anything into the order of the methods.
func TestMethodsComeInEitherOrder(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	var seen []string
	for range 4 {
		methods := rescope(t, cloud, token, projectScope(cloud.Project("demo"))).at("token", "methods").([]any)
		if len(methods) != 2 {
			t.Fatal(methods)
		}
		seen = append(seen, methods[0].(string))
	}
	if !slices.Contains(seen, "token") || !slices.Contains(seen, "openid") {
		t.Errorf("the first method is always the same: %v", seen)
	}
}

func TestScopedTokenScopesOn(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := scoped(t, cloud)
	if got := rescope(t, cloud, token, projectScope(cloud.Project("lab"))); got.status != http.StatusCreated {
		t.Error(got.status, got.text)
	}
	cloud.Configure(func(c *webssotest.Config) { c.NoRescope = true })
	if got := rescope(t, cloud, token, projectScope(cloud.Project("lab"))); got.status != http.StatusForbidden {
		t.Error(got.status, got.text)
	}
	if got := rescope(t, cloud, alice(t, cloud), projectScope(cloud.Project("lab"))); got.status != http.StatusCreated {
		t.Error(got.status, got.text)
	}
}

func TestTrustScopedTokenDoesNot(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	trust := cloud.AddTrust("carol", "vault")
	got := rescope(t, cloud, signIn(t, cloud, "carol", "singer"), `{"OS-TRUST:trust": {"id": "`+trust+`"}}`)
	if got := rescope(t, cloud, got.header.Get("X-Subject-Token"), ""); got.status != http.StatusForbidden {
		t.Error(got.status, got.text)
	}
}

// A dead token is a 404 where one is made from it, whatever killed it.
func TestDeadTokens(t *testing.T) {
	for _, tt := range []struct {
		name    string
		kill    func(*webssotest.Keystone, string)
		message string
	}{
		{"revoked", func(k *webssotest.Keystone, token string) { k.Revoke(token) }, "Failed to validate token"},
		{"all revoked", func(k *webssotest.Keystone, _ string) { k.RevokeAll() }, "Failed to validate token"},
		{"keys rotated", func(k *webssotest.Keystone, _ string) { k.RotateKeys() }, "Could not recognize Fernet token"},
		{"expired", func(k *webssotest.Keystone, _ string) {
			k.Configure(func(c *webssotest.Config) { c.ClockSkew = c.TokenLifetime })
		}, "Failed to validate token"},
		{"user disabled", func(k *webssotest.Keystone, _ string) { k.DisableUser("alice") }, "Failed to validate token"},
		{"role removed", func(k *webssotest.Keystone, _ string) { k.RemoveRole("demo") }, "Failed to validate token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := webssotest.NewKeystone(t)
			token := scoped(t, cloud)
			tt.kill(cloud, token)
			if got := rescope(t, cloud, token, projectScope(cloud.Project("demo"))); got.status != http.StatusNotFound || got.message() != tt.message {
				t.Error("POST:", got.status, got.text)
			}
			for _, method := range []string{"GET", "DELETE"} {
				got := ask(t, cloud, method, "/v3/auth/tokens", "", "X-Auth-Token", token, "X-Subject-Token", token)
				if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") == "" {
					t.Error(method, got.status, got.text)
				}
			}
			for _, path := range []string{"/v3/auth/projects", "/v3/auth/catalog", "/compute/v2.1/servers"} {
				if got := ask(t, cloud, "GET", path, "", "X-Auth-Token", token); got.status != http.StatusUnauthorized {
					t.Error(path, got.status, got.text)
				}
			}
		})
	}
}

func TestUnrecognizedTokens(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	for _, wrong := range []string{"", "garbage", token[:len(token)-1], "x" + token[1:]} {
		if got := rescope(t, cloud, wrong, ""); got.status != http.StatusNotFound || wrong != "" && got.message() != "Could not recognize Fernet token" {
			t.Errorf("POST %q: %d %s", wrong, got.status, got.text)
		}
		if got := ask(t, cloud, "GET", "/v3/auth/tokens", "", "X-Auth-Token", token, "X-Subject-Token", wrong+"x"); got.status != http.StatusNotFound {
			t.Errorf("GET %q: %d %s", wrong, got.status, got.text)
		}
	}
}

func TestRevokedParentLeavesItsChildren(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	parent := alice(t, cloud)
	first := rescope(t, cloud, parent, projectScope(cloud.Project("demo"))).header.Get("X-Subject-Token")
	second := rescope(t, cloud, parent, projectScope(cloud.Project("lab"))).header.Get("X-Subject-Token")
	for _, token := range []string{parent, first} {
		got := ask(t, cloud, "DELETE", "/v3/auth/tokens", "", "X-Auth-Token", token, "X-Subject-Token", token)
		if got.status != http.StatusNoContent {
			t.Fatal(got.status, got.text)
		}
		if got := validate(t, cloud, token); got.status != http.StatusUnauthorized {
			t.Error("revoked, and", got.status)
		}
	}
	if got := validate(t, cloud, second); got.status != http.StatusOK {
		t.Error(got.status, got.text)
	}
}

func TestTokensOfOthers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	hers, his := alice(t, cloud), signIn(t, cloud, "bob", "builder")
	for _, method := range []string{"GET", "DELETE"} {
		got := ask(t, cloud, method, "/v3/auth/tokens", "", "X-Auth-Token", his, "X-Subject-Token", hers)
		if got.status != http.StatusForbidden {
			t.Error(method, got.status, got.text)
		}
	}
	if got := validate(t, cloud, hers); got.status != http.StatusOK {
		t.Error(got.status)
	}
}

func TestProjectsAreThoseWithARole(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for user, want := range map[string][]string{"alice": {"demo", "lab"}, "bob": {"demo", "vault"}, "carol": nil} {
		var password string
		for _, u := range cloud.Users() {
			if u.Name == user {
				password = u.Password
			}
		}
		got := ask(t, cloud, "GET", "/v3/auth/projects", "", "X-Auth-Token", signIn(t, cloud, user, password))
		var names []string
		for _, p := range got.at("projects").([]any) {
			names = append(names, p.(map[string]any)["name"].(string))
		}
		if got.status != http.StatusOK || !slices.Equal(names, want) {
			t.Errorf("%s: %d %v, want %v", user, got.status, names, want)
		}
	}
}

func TestCatalogIsForScopedTokens(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	if got := ask(t, cloud, "GET", "/v3/auth/catalog", "", "X-Auth-Token", alice(t, cloud)); got.status != http.StatusForbidden {
		t.Error(got.status, got.text)
	}
	got := ask(t, cloud, "GET", "/v3/auth/catalog", "", "X-Auth-Token", scoped(t, cloud))
	if got.status != http.StatusOK || len(got.at("catalog").([]any)) != 2 {
		t.Error(got.status, got.text)
	}
}

func TestCatalogSize(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	for _, size := range []int{5_000, 200_000} {
		cloud.Configure(func(c *webssotest.Config) { c.CatalogSize = size })
		got := rescope(t, cloud, token, projectScope(cloud.Project("demo")))
		if n := len(got.text); n < size || n > size+5_000 {
			t.Errorf("%d bytes with a catalog of %d", n, size)
		}
	}
}

func TestTokenLifetimeAndClock(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	const skew = -5 * time.Hour
	cloud.Configure(func(c *webssotest.Config) { c.TokenLifetime, c.ClockSkew = 10*time.Minute, skew })
	// Nobody accepts a token that ended hours ago: ask Keystone directly.
	got := ask(t, cloud, "POST", "/v3/auth/tokens", password("admin", "secret", "Default"))
	if got.status != http.StatusCreated {
		t.Fatal(got.status, got.text)
	}
	date, err := http.ParseTime(got.header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	issued, expires := instant(t, got.at("token", "issued_at")), instant(t, got.at("token", "expires_at"))
	if off := time.Until(date) - skew; off.Abs() > time.Minute {
		t.Errorf("Date is off by %s", off)
	}
	if off := issued.Sub(date); off.Abs() > time.Minute {
		t.Errorf("issued_at is off by %s", off)
	}
	if life := expires.Sub(issued); (life - 10*time.Minute).Abs() > time.Second {
		t.Errorf("the token lives for %s", life)
	}
}

func instant(t *testing.T, value any) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, value.(string))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestShowTokenKnobs(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	cloud.Configure(func(c *webssotest.Config) { c.OmitSubjectToken, c.Validate203 = true, true })
	got := validate(t, cloud, token)
	if got.status != http.StatusNonAuthoritativeInfo || got.header.Get("X-Subject-Token") != "" {
		t.Error(got.status, got.header)
	}
}

// admin's application credential, as CloudsYAML has it.
const credentialID, credentialSecret = "c0ffee00c0ffee00c0ffee00c0ffee00", "application-secret"

func password(user, password, domain string) string {
	return `{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": ` + quote(user) +
		`, "password": ` + quote(password) + `, "domain": {"name": ` + quote(domain) + `}}}}}}`
}

func credential(id, secret, scope string) string {
	return `{"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": ` +
		quote(id) + `, "secret": ` + quote(secret) + `}}` + scope + `}}`
}

func TestOtherMethods(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"password", password("admin", "secret", "Default"), 201},
		{"application credential", credential(credentialID, credentialSecret, ""), 201},
		{"wrong password", password("admin", "Secret", "Default"), 401},
		{"wrong domain", password("admin", "secret", "acme"), 401},
		{"unknown user", password("nobody", "secret", "Default"), 401},
		{"user of the identity provider's", password("alice", "wonderland", "acme"), 401},
		{"wrong secret", credential(credentialID, "x", ""), 401},
		{"unknown credential", credential("x", credentialSecret, ""), 404},
		{"credential with a scope", credential(credentialID, credentialSecret, `, "scope": `+projectScope(cloud.Project("demo"))), 401},
		{"methods missing", `{"auth": {"identity": {}}}`, 400},
		{"no method", `{"auth": {"identity": {"methods": []}}}`, 401},
		{"unsupported method", `{"auth": {"identity": {"methods": ["totp"]}}}`, 401},
		{"no auth", `{}`, 400},
		{"no JSON", `auth`, 400},
		{"nothing", ``, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, cloud, "POST", "/v3/auth/tokens", tt.body)
			if got.status != tt.status {
				t.Fatalf("%d %s, want %d", got.status, got.text, tt.status)
			}
			if token := got.header.Get("X-Subject-Token"); (token != "") != (tt.status == http.StatusCreated) {
				t.Errorf("token %q", token)
			}
		})
	}
	got := ask(t, cloud, "POST", "/v3/auth/tokens", credential(credentialID, credentialSecret, ""))
	if name := got.at("token", "project", "name"); name != "demo" {
		t.Errorf("the credential is for %v", name)
	}
}

func TestVersions(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for path, want := range map[string]int{
		"/": 300, "/identity/": 300, "/v3": 200, "/v3/": 200, "/identity/v3": 200, "/identity/v3/": 200,
		"/compute/": 200, "/compute/v2.1/": 200,
		"/v2.0": 404, "/v3/users": 404, "/v3/auth": 404, "/compute/v2.1/flavors": 404, "/identity": 300,
	} {
		if got := ask(t, cloud, "GET", path, ""); got.status != want {
			t.Errorf("GET %s: %d, want %d", path, got.status, want)
		}
	}
	got := ask(t, cloud, "GET", "/identity/v3", "")
	if !strings.Contains(got.text, cloud.URL()+"/identity/v3/") {
		t.Errorf("the path is missing in %s", got.text)
	}
}
