package webssotest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// An answer is what an API said to a request.
type answer struct {
	t       *testing.T
	request string
	status  int
	header  http.Header
	text    string
}

// want fails the test unless the answer has the status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: got %d %s, want %d", a.request, a.status, a.text, status)
	}
	return a
}

// wantMessage fails the test unless the answer is Keystone's error with that message.
func (a answer) wantMessage(status int, message string) {
	a.t.Helper()
	a.want(status)
	if !strings.Contains(a.text, `{"error":{"code":`) || !strings.Contains(a.text, `"message":`+quote(message)) {
		a.t.Errorf("%s: got %s, want Keystone's error %q", a.request, a.text, message)
	}
	if challenge := a.header.Get("WWW-Authenticate"); (status == http.StatusUnauthorized) != strings.HasPrefix(challenge, "Keystone uri=") {
		a.t.Errorf("%s: got WWW-Authenticate %q with status %d", a.request, challenge, status)
	}
}

// token returns the token that the answer has in its header.
func (a answer) token() string { return a.header.Get("X-Subject-Token") }

// ask sends a request to the Keystone. headers are pairs.
func ask(t *testing.T, cloud *webssotest.Keystone, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, cloud.URL()+path, strings.NewReader(body))
	must(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{TLSClientConfig: cloud.TLSConfig()}
	defer transport.CloseIdleConnections()
	got, err := transport.RoundTrip(r)
	must(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return answer{t, method + " " + path, got.StatusCode, got.Header, string(text)}
}

// get asks for a path with a token.
func get(t *testing.T, cloud *webssotest.Keystone, path, token string) answer {
	t.Helper()
	return ask(t, cloud, "GET", path, "", "X-Auth-Token", token)
}

// about asks something about a token, with another one.
func about(t *testing.T, cloud *webssotest.Keystone, method, token, with string) answer {
	t.Helper()
	return ask(t, cloud, method, "/v3/auth/tokens", "", "X-Auth-Token", with, "X-Subject-Token", token)
}

// validate asks about a token with itself.
func validate(t *testing.T, cloud *webssotest.Keystone, token string) answer {
	t.Helper()
	return about(t, cloud, "GET", token, token)
}

// rescope asks for a token with another one. scope is JSON, or "" for none.
func rescope(t *testing.T, cloud *webssotest.Keystone, token, scope string) answer {
	t.Helper()
	body := `{"auth": {"identity": {"methods": ["token"], "token": {"id": ` + quote(token) + `}}`
	if scope != "" {
		body += `, "scope": ` + scope
	}
	return ask(t, cloud, "POST", "/v3/auth/tokens", body+`}}`)
}

func quote(s string) string {
	text, _ := json.Marshal(s) // never fails
	return string(text)
}

func projectScope(p webssotest.Project) string {
	return `{"project": {"id": ` + quote(p.ID) + `}}`
}

// newClient returns a client for the Keystone that is not signed in.
func newClient(t *testing.T, cloud *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(cloud.URL())
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: cloud.TLSConfig()}
	return client
}

func browserOf(cloud *webssotest.Keystone, user, password string) *webssotest.Browser {
	return &webssotest.Browser{User: user, Password: password, TLS: cloud.TLSConfig(), Code: cloud.Terminal().Code}
}

// signIn signs a user in and returns the unscoped token.
func signIn(t *testing.T, cloud *webssotest.Keystone, user, password string) string {
	t.Helper()
	opts := cloud.AuthOptions()
	opts.OpenURL = browserOf(cloud, user, password).Open
	opts.Cache = &websso.MemoryCache{}
	opts.Scope = nil
	client := newClient(t, cloud)
	must(t, websso.Authenticate(t.Context(), client, opts))
	return client.Token()
}

func alice(t *testing.T, cloud *webssotest.Keystone) string {
	t.Helper()
	return signIn(t, cloud, "alice", "wonderland")
}

// scoped returns a token of alice's for the project demo.
func scoped(t *testing.T, cloud *webssotest.Keystone) string {
	t.Helper()
	return rescope(t, cloud, alice(t, cloud), projectScope(cloud.Project("demo"))).want(http.StatusCreated).token()
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
