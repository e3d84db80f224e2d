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

// answer is Keystone's answer to one request.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask sends Keystone a request, such as "GET /v3/auth/projects". Empty headers and bodies
// are left out.
func (c *Cloud) ask(t *testing.T, request, auth, subject, body string) answer {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(c.Options.IdentityEndpoint, "/v3")+path, strings.NewReader(body))
	must(t, err)
	for name, value := range map[string]string{"X-Auth-Token": auth, "X-Subject-Token": subject} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := c.transport().RoundTrip(r)
	must(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return answer{got.StatusCode, got.Header, string(text)}
}

// rescope exchanges a token for one of the given scope.
func (c *Cloud) rescope(t *testing.T, token, scope string) (answer, string) {
	t.Helper()
	got := c.ask(t, "POST /v3/auth/tokens", "", "", rescoping(token, scope))
	got.is(t, http.StatusCreated)
	return got, got.header.Get("X-Subject-Token")
}

// rescoping is the body of that request. scope is JSON, or empty for none.
func rescoping(token, scope string) string {
	if scope != "" {
		scope = `, "scope": ` + scope
	}
	return `{"auth": {"identity": {"methods": ["token"], "token": {"id": "` + token + `"}}` + scope + `}}`
}

func projectScope(name string) string {
	return `{"project": {"name": "` + name + `", "domain": {"name": "Default"}}}`
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
	a.has(t, map[string]string{"error.code": strconv.Itoa(status), "error.message": message, "error.title": http.StatusText(status)})
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
	forbidden    = "You are not authorized to perform the requested action"
)

// isDead checks that Keystone no longer accepts a token, by its answer to a request that
// authenticates with the token and is about it. Keystone 22 answers 401. Keystone 27 and
// 30 sometimes answer 404: a process that has seen the token alive authenticates it from a
// cache, once, and then finds it revoked.
func (a answer) isDead(t *testing.T) {
	t.Helper()
	if a.status == http.StatusNotFound {
		a.says(t, http.StatusNotFound, invalid)
		return
	}
	a.says(t, http.StatusUnauthorized, unauthorized)
}

// What has wants of a value whose text it does not know.
const (
	some = "some"
	none = "none"
)

// has checks values of the JSON by their paths.
func (a answer) has(t *testing.T, want map[string]string) {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("got type %q, want application/json", kind)
	}
	for path, want := range want {
		got := a.at(t, path)
		if ok := got == want || want == some && got != none && got != ""; !ok {
			t.Errorf("got %s %q, want %q: %s", path, got, want, a.text)
		}
	}
}

// at returns the text of a value by its path, such as "token.roles.0.name", or none.
func (a answer) at(t *testing.T, path string) string {
	t.Helper()
	var value any
	must(t, json.Unmarshal([]byte(a.text), &value))
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
