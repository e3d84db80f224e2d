package webssotest_test

import (
	"net/http"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestVersions asks beside the addresses of internal/conformance.
func TestVersions(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for path, want := range map[string]int{
		"/identity": 300, "/identity/": 300, "/identity/v3": 200, "/identity/v3/": 200,
		"/compute/": 200, "/compute/v2.1/": 200,
		"/v3/users": 404, "/v3/auth": 404, "/compute/v2.1/flavors": 404, "/identity/v2.0": 404,
	} {
		ask(t, cloud, "GET", path, "").want(want)
	}
	version := ask(t, cloud, "GET", "/identity/v3", "").at("version").(map[string]any)
	link := version["links"].([]any)[0].(map[string]any)
	if want := cloud.URL() + "/identity/v3/"; link["rel"] != "self" || link["href"] != want {
		t.Errorf("got link %v, want self %s", link, want)
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

// TestOtherMethods has those that internal/conformance has not.
func TestOtherMethods(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"password", password("admin", "secret", "Default"), 201},
		{"wrong password", password("admin", "Secret", "Default"), 401},
		{"wrong domain", password("admin", "secret", "acme"), 401},
		{"unknown user", password("nobody", "secret", "Default"), 401},
		{"identity provider's user", password("alice", "wonderland", "acme"), 401},
		{"wrong secret", credential(credentialID, "x", ""), 401},
		{"unknown credential", credential("x", credentialSecret, ""), 404},
		{"credential with a scope", credential(credentialID, credentialSecret, `, "scope": `+projectScope(cloud.Project("demo"))), 401},
		{"nothing", ``, 400},
	} {
		if got := ask(t, cloud, "POST", "/v3/auth/tokens", tt.body).want(tt.status); (got.token() != "") != (tt.status == http.StatusCreated) {
			t.Errorf("%s: got token %q with status %d", tt.name, got.token(), tt.status)
		}
	}
	got := ask(t, cloud, "POST", "/v3/auth/tokens", credential(credentialID, credentialSecret, ""))
	if name := got.at("token", "project", "name"); name != "demo" {
		t.Errorf("got project %v for the credential, want demo", name)
	}
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
