package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// answer is Keystone's answer to one request.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask sends Keystone a request. headers are names and values in turn.
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

// show asks Keystone about a token, authenticated with another.
func (c *Cloud) show(t *testing.T, with, token string) answer {
	t.Helper()
	return c.ask(t, "GET", "/v3/auth/tokens", "", "X-Auth-Token", with, "X-Subject-Token", token)
}

// isDead checks that Keystone no longer accepts a token, given its answer to a request
// that authenticates with the token and is about that token. Keystone 22 answers 401.
// Keystone 27 and 30 sometimes answer 404: a process that has seen the token alive
// authenticates it from a cache, once, and then finds it revoked.
func (a answer) isDead(t *testing.T) {
	t.Helper()
	if a.status == http.StatusNotFound {
		a.says(t, http.StatusNotFound, invalid)
		return
	}
	a.says(t, http.StatusUnauthorized, unauthorized)
}

// rescope exchanges a token for one of the given scope, which is JSON. With an empty
// scope the request has none.
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
	text, _ := json.Marshal(s) // a string always encodes
	return string(text)
}

// unscoped signs in and returns the token that Keystone gave the browser.
func (c *Cloud) unscoped(t *testing.T) string {
	t.Helper()
	return c.authenticate(t, c.options("", &websso.MemoryCache{}), "").Token()
}

// scoped exchanges a token for one of the given project.
func (c *Cloud) scoped(t *testing.T, token, project string) string {
	t.Helper()
	got := c.rescope(t, token, projectScope(project))
	got.is(t, http.StatusCreated)
	return got.header.Get("X-Subject-Token")
}

func (a answer) is(t *testing.T, status int) {
	t.Helper()
	if a.status != status {
		t.Fatalf("got status %d, want %d: %s", a.status, status, a.text)
	}
}

// says checks that the answer is Keystone's JSON error with the given message.
func (a answer) says(t *testing.T, status int, message string) {
	t.Helper()
	a.is(t, status)
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("got an error of type %q, want application/json", kind)
	}
	var body struct {
		Error struct {
			Code           int
			Message, Title string
		}
	}
	must(t, json.Unmarshal([]byte(a.text), &body))
	if body.Error.Code != status || body.Error.Message != message || body.Error.Title != http.StatusText(status) {
		t.Errorf("got error %s, want %d %q", a.text, status, message)
	}
	if a.header.Get("X-Subject-Token") != "" {
		t.Error("got an error with X-Subject-Token, want none")
	}
	if challenge := a.header.Get("WWW-Authenticate"); (challenge != "") != (status == http.StatusUnauthorized) {
		t.Errorf("got WWW-Authenticate %q with status %d, want it with 401 only", challenge, status)
	}
}

// Keystone's error messages.
const (
	unauthorized = "The request you have made requires authentication."
	unsupported  = "Attempted to authenticate with an unsupported method."
	unrecognized = "Could not recognize Fernet token"
	invalid      = "Failed to validate token"
)

// token is the body in which Keystone describes a token.
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
		t.Errorf("got a token of type %q, want application/json", kind)
	}
	var body struct{ Token token }
	must(t, json.Unmarshal([]byte(a.text), &body))
	return body.Token
}
