package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// answer is Keystone's to one request.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask sends a request to a path of Keystone's; headers are pairs.
func (c *Cloud) ask(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(c.Options.IdentityEndpoint, "/v3")+path, strings.NewReader(body))
	must(t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{TLSClientConfig: c.TLS.Clone(), DisableKeepAlives: true}
	got, err := transport.RoundTrip(r)
	must(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return answer{got.StatusCode, got.Header, string(text)}
}

// show asks about a token with another one.
func (c *Cloud) show(t *testing.T, with, token string) answer {
	t.Helper()
	return c.ask(t, "GET", "/v3/auth/tokens", "", "X-Auth-Token", with, "X-Subject-Token", token)
}

// rescope asks for a token with another one. The scope is JSON; "" leaves it out.
func (c *Cloud) rescope(t *testing.T, token, scope string) answer {
	t.Helper()
	if scope != "" {
		scope = `, "scope": ` + scope
	}
	return c.ask(t, "POST", "/v3/auth/tokens", `{"auth": {"identity": {"methods": ["token"], "token": {"id": `+quote(token)+`}}`+scope+`}}`)
}

func projectScope(name string) string {
	return `{"project": {"name": ` + quote(name) + `, "domain": {"name": "Default"}}}`
}

func quote(s string) string {
	text, _ := json.Marshal(s) // never fails
	return string(text)
}

// unscoped signs in, and returns the token that Keystone gave the browser.
func (c *Cloud) unscoped(t *testing.T) string {
	t.Helper()
	return c.authenticate(t, c.options("", &websso.MemoryCache{}), "").Token()
}

// scoped makes a token for a project.
func (c *Cloud) scoped(t *testing.T, token, project string) string {
	t.Helper()
	got := c.rescope(t, token, projectScope(project))
	got.is(t, http.StatusCreated)
	return got.header.Get("X-Subject-Token")
}

func (a answer) is(t *testing.T, status int) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
}

// says checks the message of an error.
func (a answer) says(t *testing.T, status int, message string) {
	t.Helper()
	a.is(t, status)
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("an error of type %q", kind)
	}
	var body struct {
		Error struct {
			Code           int
			Message, Title string
		}
	}
	must(t, json.Unmarshal([]byte(a.text), &body))
	if body.Error.Code != status || body.Error.Message != message || body.Error.Title != http.StatusText(status) {
		t.Errorf("%s; want %d %q", a.text, status, message)
	}
	if a.header.Get("X-Subject-Token") != "" {
		t.Error("an error with a token")
	}
	if challenge := a.header.Get("WWW-Authenticate"); (challenge != "") != (status == http.StatusUnauthorized) {
		t.Errorf("status %d with WWW-Authenticate %q", status, challenge)
	}
}

// Messages of Keystone's.
const (
	unauthorized = "The request you have made requires authentication."
	unsupported  = "Attempted to authenticate with an unsupported method."
	unrecognized = "Could not recognize Fernet token"
	dead         = "Failed to validate token"
)

// token is the body that describes one.
type token struct {
	Methods  []string
	AuditIDs []string `json:"audit_ids"`
	Issued   string   `json:"issued_at"`
	Expires  string   `json:"expires_at"`
	User     struct {
		ID, Name   string
		Domain     struct{ ID, Name string }
		Federation *struct {
			Provider struct{ ID string } `json:"identity_provider"`
			Protocol struct{ ID string }
			Groups   []struct{ ID string }
		} `json:"OS-FEDERATION"`
	}
	Project *struct {
		ID, Name string
		Domain   struct{ ID, Name string }
	}
	Roles    []struct{ ID, Name string }
	Catalog  []struct{ Type string }
	IsDomain *bool `json:"is_domain"`
}

func (a answer) token(t *testing.T) token {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("a token of type %q", kind)
	}
	var body struct{ Token token }
	must(t, json.Unmarshal([]byte(a.text), &body))
	return body.Token
}
