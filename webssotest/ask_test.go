package webssotest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// answer is what an API said.
type answer struct {
	status int
	header http.Header
	text   string
	t      *testing.T
}

// at follows keys through the JSON of an answer.
func (a answer) at(keys ...string) any {
	a.t.Helper()
	var value any
	if err := json.Unmarshal([]byte(a.text), &value); err != nil {
		a.t.Fatalf("%v in %q", err, a.text)
	}
	for _, key := range keys {
		object, ok := value.(map[string]any)
		if !ok {
			a.t.Fatalf("no %q in %q", keys, a.text)
		}
		value = object[key]
	}
	return value
}

// message is that of a Keystone's error.
func (a answer) message() string {
	a.t.Helper()
	text, _ := a.at("error", "message").(string)
	return text
}

// ask sends a request to the Keystone; headers are pairs.
func ask(t *testing.T, cloud *webssotest.Keystone, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, cloud.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{TLSClientConfig: cloud.TLSConfig()}
	defer transport.CloseIdleConnections()
	got, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, string(text), t}
}

// rescope asks for a token of a scope, in JSON, with another token.
func rescope(t *testing.T, cloud *webssotest.Keystone, token, scope string) answer {
	t.Helper()
	body := `{"auth": {"identity": {"methods": ["token"], "token": {"id": ` + quote(token) + `}}`
	if scope != "" {
		body += `, "scope": ` + scope
	}
	return ask(t, cloud, "POST", "/v3/auth/tokens", body+`}}`)
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func projectScope(p webssotest.Project) string {
	return `{"project": {"id": ` + quote(p.ID) + `}}`
}

// validate asks about a token with itself.
func validate(t *testing.T, cloud *webssotest.Keystone, token string) answer {
	t.Helper()
	return ask(t, cloud, "GET", "/v3/auth/tokens", "", "X-Auth-Token", token, "X-Subject-Token", token)
}

// signIn returns the unscoped token of a sign-in by a browser of that user's own.
func signIn(t *testing.T, cloud *webssotest.Keystone, user, password string) string {
	t.Helper()
	opts := cloud.AuthOptions()
	opts.OpenURL = browserOf(cloud, user, password).Open
	opts.Cache = &websso.MemoryCache{}
	opts.Scope = nil
	client, err := websso.AuthenticatedClient(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return client.Token()
}

func browserOf(cloud *webssotest.Keystone, user, password string) *webssotest.Browser {
	return &webssotest.Browser{User: user, Password: password, TLS: cloud.TLSConfig(), Code: cloud.Terminal().Code}
}

func alice(t *testing.T, cloud *webssotest.Keystone) string {
	t.Helper()
	return signIn(t, cloud, "alice", "wonderland")
}

// scoped returns a token of alice's for demo.
func scoped(t *testing.T, cloud *webssotest.Keystone) string {
	t.Helper()
	got := rescope(t, cloud, alice(t, cloud), projectScope(cloud.Project("demo")))
	if got.status != http.StatusCreated {
		t.Fatal(got.status, got.text)
	}
	return got.header.Get("X-Subject-Token")
}
