package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Answer is Keystone's answer to one request.
type Answer struct {
	Status int
	Header http.Header
	Text   string
}

// Ask sends Keystone a request, such as "GET /v3/auth/projects". Empty headers are
// left out.
func (c *Cloud) Ask(t *testing.T, request, auth, subject, body string) Answer {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(c.Options.IdentityEndpoint, "/v3")+path, strings.NewReader(body))
	must(t, err)
	for name, value := range map[string]string{"X-Auth-Token": auth, "X-Subject-Token": subject} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	r.Header.Set("Content-Type", "application/json")
	got, err := c.transport().RoundTrip(r)
	must(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return Answer{got.StatusCode, got.Header, string(text)}
}

// rescope exchanges a token for one of the given scope.
func (c *Cloud) rescope(t *testing.T, token, scope string) (Answer, string) {
	t.Helper()
	got := c.Ask(t, "POST /v3/auth/tokens", "", "", Rescoping(token, scope))
	got.Is(t, http.StatusCreated)
	return got, got.Header.Get("X-Subject-Token")
}

// Rescoping is the body of that request. scope is JSON, or empty for none.
func Rescoping(token, scope string) string {
	if scope != "" {
		scope = `, "scope": ` + scope
	}
	return `{"auth": {"identity": {"methods": ["token"], "token": {"id": "` + token + `"}}` + scope + `}}`
}

// ProjectScope is the scope for a project in the domain Default.
func ProjectScope(name string) string {
	return `{"project": {"name": "` + name + `", "domain": {"name": "Default"}}}`
}

// Is ends the test unless the answer has the status.
func (a Answer) Is(t *testing.T, status int) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("got status %d, want %d: %s", a.Status, status, a.Text)
	}
}

// Says checks that the answer is Keystone's JSON error with the given message.
func (a Answer) Says(t *testing.T, status int, message string) {
	t.Helper()
	a.Is(t, status)
	a.has(t, map[string]string{"error.code": strconv.Itoa(status), "error.message": message, "error.title": http.StatusText(status)})
	if a.Header.Get("X-Subject-Token") != "" {
		t.Error("got an error with X-Subject-Token, want none")
	}
	if challenge := a.Header.Get("WWW-Authenticate"); (challenge != "") != (status == http.StatusUnauthorized) {
		t.Errorf("got WWW-Authenticate %q with status %d, want it with 401 only", challenge, status)
	}
}

// Keystone's error messages.
const (
	unauthorized = "The request you have made requires authentication."
	unsupported  = "Attempted to authenticate with an unsupported method."
	unrecognized = "Could not recognize Fernet token"
	invalid      = "Failed to validate token"
	forbidden    = "You are not authorized to perform the requested action"
)

// isDead checks that Keystone no longer accepts a token, by its answer to a request that
// authenticates with the token and is about it. Keystone 22 answers 401. Keystone 27 and
// 30 sometimes answer 404: a process that has seen the token alive authenticates it from a
// cache, once, and then finds it revoked.
func (a Answer) isDead(t *testing.T) {
	t.Helper()
	if a.Status == http.StatusNotFound {
		a.Says(t, http.StatusNotFound, invalid)
		return
	}
	a.Says(t, http.StatusUnauthorized, unauthorized)
}

// What has wants of a value whose text it does not know.
const (
	some = "some"
	none = "none"
)

// has checks values of the JSON by their paths.
func (a Answer) has(t *testing.T, want map[string]string) {
	t.Helper()
	if kind := a.Header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("got type %q, want application/json", kind)
	}
	for path, want := range want {
		got := a.at(t, path)
		if ok := got == want || want == some && got != none && got != ""; !ok {
			t.Errorf("got %s %q, want %q: %s", path, got, want, a.Text)
		}
	}
}

// at returns the text of a value by its path, such as "token.roles.0.name", or none.
func (a Answer) at(t *testing.T, path string) string {
	t.Helper()
	var value any
	must(t, json.Unmarshal([]byte(a.Text), &value))
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			value = nil
			if i, err := strconv.Atoi(key); err == nil && i < len(v) {
				value = v[i]
			}
		default:
			return none
		}
	}
	if value == nil {
		return none
	}
	return fmt.Sprint(value)
}
