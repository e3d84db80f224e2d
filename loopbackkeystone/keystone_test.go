package loopbackkeystone_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/loopbackkeystone"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestMain(m *testing.M) { testcache.Main(m) }

// start serves the sign-in of alice.
func start(t *testing.T, ks *webssotest.Keystone, changes ...func(*websso.AuthOptions)) *loopbackkeystone.Server {
	t.Helper()
	opts := ks.AuthOptions()
	for _, change := range changes {
		change(&opts)
	}
	return startWith(t, newClient(t, ks), opts)
}

func startWith(t *testing.T, client *gophercloud.ProviderClient, opts websso.AuthOptions) *loopbackkeystone.Server {
	t.Helper()
	server, err := loopbackkeystone.Start(t.Context(), client, opts)
	must(t, err)
	t.Cleanup(server.Close)
	return server
}

// serving runs the test beside others, and serves the sign-in of alice at a Keystone.
func serving(t *testing.T) (*webssotest.Keystone, *loopbackkeystone.Server) {
	t.Helper()
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	return ks, start(t, ks)
}

// startSignedIn signs alice in and serves that, with options that are changed by then.
func startSignedIn(t *testing.T, client *gophercloud.ProviderClient, opts websso.AuthOptions, change func(*websso.AuthOptions)) *loopbackkeystone.Server {
	t.Helper()
	must(t, websso.Authenticate(t.Context(), client, opts))
	change(&opts)
	return startWith(t, client, opts)
}

// nobodyThere has no user at the browser, whose tabs it counts.
func nobodyThere(tabs *atomic.Int32) func(*websso.AuthOptions) {
	return func(o *websso.AuthOptions) {
		o.Timeout, o.OpenURL = time.Second, func(string) error { tabs.Add(1); return nil }
	}
}

func newClient(t *testing.T, ks *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(ks.URL())
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: ks.TLSConfig()}
	return client
}

// soonOver is a connection on which each token is 56 of its 60 minutes older than it is.
type soonOver struct{ http.RoundTripper }

var timePattern = regexp.MustCompile(`"(issued|expires)_at": ?"[^"]+"`)

func (s soonOver) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	body = timePattern.ReplaceAllFunc(body, func(field []byte) []byte {
		name, value, _ := strings.Cut(string(field), ":")
		said, _ := time.Parse(time.RFC3339, strings.Trim(value, ` "`))
		return []byte(name + `:"` + said.Add(-56*time.Minute).Format(time.RFC3339Nano) + `"`)
	})
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, err
}

// soonOverClient returns a client for which each token is soon over.
func soonOverClient(t *testing.T, ks *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	client := newClient(t, ks)
	client.HTTPClient.Transport = soonOver{client.HTTPClient.Transport}
	return client
}

// tool signs in as a tool does that was written with gophercloud and reads the variables.
func tool(t *testing.T, server *loopbackkeystone.Server) *gophercloud.ProviderClient {
	t.Helper()
	env := make(map[string]string)
	for _, variable := range server.Env() {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	client, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: env["OS_AUTH_URL"], AllowReauth: true,
		ApplicationCredentialID: env["OS_APPLICATION_CREDENTIAL_ID"], ApplicationCredentialSecret: env["OS_APPLICATION_CREDENTIAL_SECRET"],
	})
	must(t, err)
	return client
}

func listServers(t *testing.T, client *gophercloud.ProviderClient) error {
	t.Helper()
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return err
	}
	_, err = servers.List(compute, nil).AllPages(t.Context())
	return err
}

// send makes one request and returns the answer's status and body.
func send(t *testing.T, method, url, body string, header map[string]string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	must(t, err)
	for name, value := range header {
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error(), nil
	}
	return resp.StatusCode, string(content), resp.Header
}

// ask asks the server for a token, as tools do.
func ask(t *testing.T, server *loopbackkeystone.Server) (int, string, http.Header) {
	t.Helper()
	return send(t, http.MethodPost, server.URL+"/auth/tokens", credential(server.ID, server.Secret), nil)
}

// wantStatus asks the server for a token, fails the test unless the answer has the status, and
// returns the rest of it.
func wantStatus(t *testing.T, server *loopbackkeystone.Server, want int) (string, http.Header) {
	t.Helper()
	status, body, header := ask(t, server)
	if status != want || (header.Get("X-Subject-Token") != "") != (want == http.StatusCreated) {
		t.Errorf("got %d %.300s, want %d", status, body, want)
	}
	return body, header
}

// wantSignIns fails the test unless users have signed in n times.
func wantSignIns(t *testing.T, ks *webssotest.Keystone, n int) {
	t.Helper()
	if got := ks.SignIns(); got != n {
		t.Errorf("got %d sign-ins, want %d", got, n)
	}
}

// browserOf returns a browser of that user.
func browserOf(ks *webssotest.Keystone, name string) *webssotest.Browser {
	for _, u := range ks.Users() {
		if u.Name == name {
			return &webssotest.Browser{User: u.Name, Password: u.Password}
		}
	}
	return &webssotest.Browser{User: name}
}

// request returns a request for a token.
func request(method string, identity any, scope any) string {
	auth := map[string]any{"identity": map[string]any{"methods": []string{method}, method: identity}}
	if scope != nil {
		auth["scope"] = scope
	}
	body, _ := json.Marshal(map[string]any{"auth": auth})
	return string(body)
}

func credential(id, secret string) string {
	return request("application_credential", map[string]any{"id": id, "secret": secret}, nil)
}

func TestTool(t *testing.T) {
	ks, server := serving(t)
	client := tool(t, server)
	must(t, listServers(t, client))
	// gophercloud's identity client uses the address that it signed in at.
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	must(t, err)
	if !strings.HasPrefix(identity.Endpoint, server.URL) {
		t.Errorf("got identity endpoint %s, want the server's", identity.Endpoint)
	}
	pages, err := projects.ListAvailable(identity).AllPages(t.Context())
	must(t, err)
	if list, err := projects.ExtractProjects(pages); err != nil || len(list) == 0 {
		t.Errorf("got projects %v, error %v; want some", list, err)
	}
	wantSignIns(t, ks, 1)
}

func TestPassword(t *testing.T) {
	_, server := serving(t)
	client, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{IdentityEndpoint: server.URL, UserID: server.ID, Password: server.Secret})
	must(t, err)
	must(t, listServers(t, client))
}

func TestDiscovery(t *testing.T) {
	_, server := serving(t)
	for url, status := range map[string]int{
		strings.TrimSuffix(server.URL, "/v3"):       http.StatusMultipleChoices,
		strings.TrimSuffix(server.URL, "/v3") + "/": http.StatusMultipleChoices,
		server.URL:       http.StatusOK,
		server.URL + "/": http.StatusOK,
	} {
		got, body, _ := send(t, http.MethodGet, url, "", nil)
		if got != status || !strings.Contains(body, `"href":"`+server.URL+`/"`) {
			t.Errorf("%s: got %d %s, want %d and the server's own address", url, got, body, status)
		}
		if got, body, _ := send(t, http.MethodHead, url, "", nil); got != status || body != "" {
			t.Errorf("HEAD %s: got %d %q, want %d", url, got, body, status)
		}
	}
}

func TestRefused(t *testing.T) {
	ks, server := serving(t)
	other := start(t, ks)
	good := credential(server.ID, server.Secret)
	tokens := server.URL + "/auth/tokens"
	host, _ := split(t, server)
	root := "http://" + host
	for name, tt := range map[string]struct {
		method, url, body string
		header            map[string]string
		status            int
	}{
		"wrong secret":           {http.MethodPost, tokens, credential(server.ID, "x"+server.Secret[1:]), nil, 401},
		"empty secret":           {http.MethodPost, tokens, credential(server.ID, ""), nil, 401},
		"wrong ID":               {http.MethodPost, tokens, credential("x", server.Secret), nil, 401},
		"another server's":       {http.MethodPost, tokens, credential(other.ID, other.Secret), nil, 401},
		"nothing":                {http.MethodPost, tokens, "", nil, 401},
		"no JSON":                {http.MethodPost, tokens, "auth=", nil, 401},
		"two methods":            {http.MethodPost, tokens, strings.Replace(good, `["application_credential"]`, `["application_credential","password"]`, 1), nil, 401},
		"a scope":                {http.MethodPost, tokens, request("password", map[string]any{"user": map[string]any{"id": server.ID, "password": server.Secret}}, map[string]any{"project": map[string]any{"id": "x"}}), nil, 401},
		"another method":         {http.MethodPost, tokens, request("totp", map[string]any{"user": map[string]any{"id": server.ID}}, nil), nil, 401},
		"no path":                {http.MethodPost, root + "/v3/auth/tokens", good, nil, 404},
		"the root":               {http.MethodGet, root + "/", "", nil, 404},
		"a shorter path":         {http.MethodPost, strings.Replace(tokens, "/v3", "/v", 1), good, nil, 404},
		"a path one letter off":  {http.MethodPost, root + "/" + strings.Repeat("A", 26) + "/v3/auth/tokens", good, nil, 404},
		"a longer path":          {http.MethodGet, root + strings.Replace(strings.TrimPrefix(server.URL, root), "/v3", "x/v3", 1), "", nil, 404},
		"another Host":           {http.MethodPost, tokens, good, map[string]string{"Host": "evil.example"}, 404},
		"localhost":              {http.MethodPost, tokens, good, map[string]string{"Host": strings.Replace(host, "127.0.0.1", "localhost", 1)}, 404},
		"another port":           {http.MethodPost, tokens, good, map[string]string{"Host": "127.0.0.1:1"}, 404},
		"a body that is too big": {http.MethodPost, tokens, strings.Repeat("x", 5<<20), nil, 413},
	} {
		t.Run(name, func(t *testing.T) {
			status, body, header := send(t, tt.method, tt.url, tt.body, tt.header)
			if status != tt.status || header.Get("X-Subject-Token") != "" || strings.Contains(body, "catalog") {
				t.Errorf("got %d %s, want %d and no token", status, body, tt.status)
			}
		})
	}
	wantStatus(t, server, http.StatusCreated)
}

// TestRenewsOnce has many requests when the sign-in is dead.
func TestRenewsOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*webssotest.Keystone, string){
		"the token":   (*webssotest.Keystone).Revoke,
		"the sign-in": func(ks *webssotest.Keystone, _ string) { ks.RevokeAll() },
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			server := start(t, ks)
			client := tool(t, server)
			old := client.Token()
			end(ks, old)
			// The next one to ask, a moment after the last, gets another.
			if _, header := wantStatus(t, server, http.StatusCreated); header.Get("X-Subject-Token") == old {
				t.Fatal("got the dead token, want another")
			}
			signIns := ks.SignIns()
			var wg sync.WaitGroup
			var failed atomic.Int32
			for range 100 {
				wg.Go(func() {
					if err := listServers(t, client); err != nil {
						failed.Add(1)
					}
				})
			}
			wg.Wait()
			if failed.Load() > 0 || ks.SignIns() != signIns {
				t.Errorf("got %d failed requests and %d more sign-ins, want none", failed.Load(), ks.SignIns()-signIns)
			}
			if n := strings.Count(ks.Terminal().String(), "renewed the command's token"); n != 1 {
				t.Errorf("got %d lines about a renewal, want 1:\n%s", n, ks.Terminal())
			}
		})
	}
}

// waitUntil waits until done returns true.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("got nothing in 20s")
		}
	}
}

// TestClockAhead has a computer whose clock is ahead, so that each token looks almost over:
// none is made anew for that, and messages name times of this computer's clock.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	ks.Configure(func(c *webssotest.Config) { c.ClockSkew = -58 * time.Minute })
	server := start(t, ks)
	for range 3 {
		token := tool(t, server).Token()
		wantSignIns(t, ks, 1)
		ks.Revoke(token)
	}
	until := regexp.MustCompile("valid until (.*)\n").FindStringSubmatch(ks.Terminal().String())
	ends := func(in time.Duration) string { return time.Now().Add(in).Format("2006-01-02 15:04") }
	if until == nil || !strings.HasSuffix(ends(time.Hour), until[1]) && !strings.HasSuffix(ends(59*time.Minute), until[1]) {
		t.Errorf("got output %q, want a token that is valid for an hour", ks.Terminal())
	}
}

// TestFewSignIns has clouds whose tokens live for a short time, or are always soon over: they
// are not made anew each time.
func TestFewSignIns(t *testing.T) {
	t.Parallel()
	for signIns, client := range map[int]func(*testing.T, *webssotest.Keystone) *gophercloud.ProviderClient{1: newClient, 2: soonOverClient} {
		ks := webssotest.NewKeystone(t)
		if signIns == 1 {
			ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = 150 * time.Second })
		}
		server := startWith(t, client(t, ks), ks.AuthOptions())
		for range 5 {
			tool(t, server)
		}
		wantSignIns(t, ks, signIns)
	}
}

// TestNoTabAfterTimeout has a tool that asks again and again while nobody is at the browser.
func TestNoTabAfterTimeout(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	var tabs atomic.Int32
	elsewhere := ks.AuthOptions()
	server := startSignedIn(t, newClient(t, ks), elsewhere, nobodyThere(&tabs))
	ks.RevokeAll()
	for range 3 {
		wantStatus(t, server, http.StatusUnauthorized)
	}
	if n := tabs.Load(); n > 1 {
		t.Errorf("got %d tabs, want 1", n)
	}
	// The user comes back, and signs in.
	elsewhere.ForceLogin = true
	_, err := websso.AuthenticatedClient(t.Context(), elsewhere)
	must(t, err)
	wantStatus(t, server, http.StatusCreated)
}

func TestAnotherUserIsNotHandedOver(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	server := startSignedIn(t, newClient(t, ks), ks.AuthOptions(), func(o *websso.AuthOptions) { o.OpenURL = browserOf(ks, "bob").Open })
	ks.RevokeAll()
	var body string
	waitUntil(t, func() bool {
		var status int
		status, body, _ = ask(t, server)
		return status != http.StatusCreated
	})
	if !strings.Contains(body, "runs as") {
		t.Errorf("got %s, want it to say that another user signed in", body)
	}
}

func TestKeystoneDown(t *testing.T) {
	ks, server := serving(t)
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler { return webssotest.Quirks{}.ForeignHTML(http.StatusBadGateway) }
	})
	waitUntil(t, func() bool {
		status, _, _ := ask(t, server)
		return status == http.StatusServiceUnavailable
	})
	ks.Configure(func(c *webssotest.Config) { c.Intercept = nil })
	tool(t, server)
	wantSignIns(t, ks, 1)
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.NonInteractive = true
	client := newClient(t, ks)
	if _, err := loopbackkeystone.Start(t.Context(), client, opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got error %v, want ErrLoginRequired", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := loopbackkeystone.Start(ctx, client, ks.AuthOptions()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
