package webssotest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

func TestVersions(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for path, want := range map[string]int{
		"/": 300, "/identity": 300, "/identity/": 300,
		"/v3": 200, "/v3/": 200, "/identity/v3": 200, "/identity/v3/": 200,
		"/compute/": 200, "/compute/v2.1/": 200,
		"/v2.0": 404, "/v3/users": 404, "/v3/auth": 404, "/compute/v2.1/flavors": 404, "/identity/v2.0": 404,
	} {
		ask(t, cloud, "GET", path, "").want(want)
	}
	for _, path := range []string{"/", "/v3", "/v3/auth/projects"} {
		ask(t, cloud, "PUT", path, "").want(http.StatusMethodNotAllowed)
	}
	for path, self := range map[string]string{"": cloud.URL() + "/v3/", "/identity": cloud.URL() + "/identity/v3/"} {
		list := ask(t, cloud, "GET", path+"/", "").at("versions", "values").([]any)
		version := ask(t, cloud, "GET", path+"/v3", "").at("version").(map[string]any)
		if len(list) != 1 || !strings.HasPrefix(version["id"].(string), "v3.") || version["status"] != "stable" {
			t.Errorf("%s: got versions %v and version %v, want one stable v3", path, list, version)
		}
		link := version["links"].([]any)[0].(map[string]any)
		if link["rel"] != "self" || link["href"] != self {
			t.Errorf("%s: got link %v, want self %s", path, link, self)
		}
	}
}

func password(user, password, domain string) string {
	return `{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": ` + quote(user) +
		`, "password": ` + quote(password) + `, "domain": {"name": ` + quote(domain) + `}}}}}}`
}

func credential(id, secret, scope string) string {
	return `{"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": ` +
		quote(id) + `, "secret": ` + quote(secret) + `}}` + scope + `}}`
}

// admin's application credential, as CloudsYAML has it.
const credentialID, credentialSecret = "c0ffee00c0ffee00c0ffee00c0ffee00", "application-secret"

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
		{"identity provider's user", password("alice", "wonderland", "acme"), 401},
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
			got := ask(t, cloud, "POST", "/v3/auth/tokens", tt.body).want(tt.status)
			if (got.token() != "") != (tt.status == http.StatusCreated) {
				t.Errorf("got token %q with status %d", got.token(), tt.status)
			}
		})
	}
	got := ask(t, cloud, "POST", "/v3/auth/tokens", credential(credentialID, credentialSecret, ""))
	if name := got.at("token", "project", "name"); name != "demo" {
		t.Errorf("got project %v for the credential, want demo", name)
	}
}

func TestProjectsAreThoseWithARole(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for _, tt := range []struct {
		user, password string
		want           []string
	}{
		{"alice", "wonderland", []string{"demo", "lab"}},
		{"bob", "builder", []string{"demo", "vault"}},
		{"carol", "singer", nil},
	} {
		got := get(t, cloud, "/v3/auth/projects", signIn(t, cloud, tt.user, tt.password)).want(http.StatusOK)
		var names []string
		for _, p := range got.at("projects").([]any) {
			names = append(names, p.(map[string]any)["name"].(string))
		}
		if !slices.Equal(names, tt.want) {
			t.Errorf("%s: got projects %v, want %v", tt.user, names, tt.want)
		}
	}
}

func TestCatalog(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	get(t, cloud, "/v3/auth/catalog", alice(t, cloud)).want(http.StatusForbidden)
	token := scoped(t, cloud)
	if list := get(t, cloud, "/v3/auth/catalog", token).want(http.StatusOK).at("catalog").([]any); len(list) != 2 {
		t.Errorf("got catalog %v, want two services", list)
	}
	for _, size := range []int{5_000, 200_000} {
		cloud.Configure(func(c *webssotest.Config) { c.Quirks.CatalogSize = size })
		got := rescope(t, cloud, token, projectScope(cloud.Project("demo")))
		if n := len(got.text); n < size || n > size+5_000 {
			t.Errorf("got %d bytes with CatalogSize %d, want at most 5,000 more", n, size)
		}
	}
}

func TestTokenLifetimeAndClock(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	const skew = -5 * time.Hour
	cloud.Configure(func(c *webssotest.Config) { c.TokenLifetime, c.ClockSkew = 10*time.Minute, skew })
	got := ask(t, cloud, "POST", "/v3/auth/tokens", password("admin", "secret", "Default")).want(http.StatusCreated)
	date, err := http.ParseTime(got.header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	issued, expires := instant(t, got.at("token", "issued_at")), instant(t, got.at("token", "expires_at"))
	if off := time.Until(date) - skew; off.Abs() > time.Minute {
		t.Errorf("got a Date that is off by %s, want the Keystone's time", off)
	}
	if off := issued.Sub(date); off.Abs() > time.Minute {
		t.Errorf("got an issued_at that is off by %s, want the Keystone's time", off)
	}
	if life := expires.Sub(issued); (life - 10*time.Minute).Abs() > time.Second {
		t.Errorf("got a token that is valid for %s, want 10m", life)
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

func TestOtherAnswersAboutTokens(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.OmitSubjectToken, c.Quirks.Validate203 = true, true })
	got := validate(t, cloud, token).want(http.StatusNonAuthoritativeInfo)
	if got.token() != "" {
		t.Errorf("got X-Subject-Token %q with OmitSubjectToken, want none", got.token())
	}
}
