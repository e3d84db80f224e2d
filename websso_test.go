package websso_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// The test binary is also the other processes that tests need.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WEBSSO_TEST_SET"); dir != "" {
		if err := websso.NewFileCache(dir).Set("key", "value"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(childVariable) != "" {
		child()
		os.Exit(0)
	}
	os.Exit(inOwnCache(m))
}

// inOwnCache runs the tests away from the cache directory of whoever runs them.
func inOwnCache(m *testing.M) int {
	dir, err := os.MkdirTemp("", "websso-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	return m.Run()
}

// limit is how long a test waits for what must happen at once.
const limit = 20 * time.Second

// project is the scope of a project in the domain Default.
func project(name string) *gophercloud.AuthScope {
	return &gophercloud.AuthScope{ProjectName: name, DomainName: "Default"}
}

func newClient(t testing.TB, ks *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(ks.URL())
	if err != nil {
		t.Fatal(err)
	}
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: ks.TLSConfig(), DisableKeepAlives: true}
	return client
}

// authenticate signs a new client in and returns it with the requests that this took.
func authenticate(t testing.TB, ks *webssotest.Keystone, opts websso.AuthOptions) (*gophercloud.ProviderClient, []webssotest.Request) {
	t.Helper()
	ks.ResetRequests()
	client := newClient(t, ks)
	if err := websso.Authenticate(t.Context(), client, opts); err != nil {
		t.Fatal(err)
	}
	return client, ks.APIRequests()
}

// serverNames lists what the client's project has.
func serverNames(t testing.TB, client *gophercloud.ProviderClient) ([]string, error) {
	t.Helper()
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(compute, nil).AllPages(t.Context())
	if err != nil {
		return nil, err
	}
	list, err := servers.ExtractServers(pages)
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names, err
}

// userOf is who the client's auth result says is signed in. It switches on the type as
// gophercloud's documentation has its users do.
func userOf(t testing.TB, client *gophercloud.ProviderClient) string {
	t.Helper()
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		t.Fatalf("the auth result is a %T", client.GetAuthResult())
	}
	user, err := result.ExtractUser()
	if err != nil {
		t.Fatal(err)
	}
	if id, err := result.ExtractTokenID(); err != nil || id != client.Token() {
		t.Fatalf("the auth result is of another token: %v", err)
	}
	return user.Name
}

// validate asks Keystone about a token, as the token's holder would.
func validate(t testing.TB, ks *webssotest.Keystone, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ks.URL()+"/v3/auth/tokens", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Auth-Token", token)
	req.Header.Set("X-Subject-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func browserOf(ks *webssotest.Keystone, name string) *webssotest.Browser {
	for _, u := range ks.Users() {
		if u.Name == name {
			return &webssotest.Browser{User: u.Name, Password: u.Password}
		}
	}
	return &webssotest.Browser{User: name}
}

// noBrowser fails the test if a browser opens.
func noBrowser(t testing.TB) func(string) error {
	return func(string) error { t.Error("a browser opened"); return errors.New("no") }
}

// tokens gets each user a fresh unscoped token of a sign-in of their own.
func tokenOf(t testing.TB, ks *webssotest.Keystone, user string, changes ...func(*websso.AuthOptions)) string {
	t.Helper()
	opts := ks.AuthOptions()
	opts.Cache = &websso.MemoryCache{}
	opts.Scope = nil
	opts.OpenURL = browserOf(ks, user).Open
	for _, change := range changes {
		change(&opts)
	}
	client := newClient(t, ks)
	if err := websso.Authenticate(t.Context(), client, opts); err != nil {
		t.Fatal(err)
	}
	return client.Token()
}

// trust lets Keystone send people back to another port.
func trust(ks *webssotest.Keystone, port int) {
	ks.Configure(func(c *webssotest.Config) {
		c.TrustedDashboards = append(c.TrustedDashboards, "http://localhost:"+strconv.Itoa(port)+"/auth/websso/")
	})
}

// poll waits for what nothing tells of.
func poll(t testing.TB, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("waited in vain")
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWarmCostsNothing(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.Cache = websso.NewFileCache(filepath.Join(t.TempDir(), "cache"))
	_, cold := authenticate(t, ks, opts)
	if len(cold) != 2 {
		t.Errorf("cold: %v", cold)
	}
	opts.OpenURL = noBrowser(t)
	client, warm := authenticate(t, ks, opts)
	if len(warm) != 0 {
		t.Errorf("warm: %v", warm)
	}
	if names, err := serverNames(t, client); err != nil || len(names) != 3 {
		t.Errorf("servers %v, %v", names, err)
	}
	if got := userOf(t, client); got != "alice" {
		t.Errorf("signed in as %s", got)
	}
	result := client.GetAuthResult().(tokens.CreateResult)
	if p, err := result.ExtractProject(); err != nil || p.Name != "demo" {
		t.Errorf("project %v, %v", p, err)
	}
	if r, err := result.ExtractRoles(); err != nil || len(r) == 0 {
		t.Errorf("roles %v, %v", r, err)
	}
	if c, err := result.ExtractServiceCatalog(); err != nil || len(c.Entries) == 0 {
		t.Errorf("catalog %v, %v", c, err)
	}

	opts.Scope = project("lab")
	if _, other := authenticate(t, ks, opts); len(other) != 1 {
		t.Errorf("another project: %v", other)
	}
	if _, again := authenticate(t, ks, opts); len(again) != 0 {
		t.Errorf("another project again: %v", again)
	}
	// The same project by another name is another scope, but no other sign-in.
	opts.Scope = &gophercloud.AuthScope{ProjectID: ks.Project("lab").ID}
	if _, byID := authenticate(t, ks, opts); len(byID) != 1 {
		t.Errorf("by id: %v", byID)
	}
	status, err := websso.Status(opts)
	if err != nil || len(status.Scopes) != 3 || status.UserName != "alice" || status.IdentityProvider != "acme" || status.Protocol != "openid" ||
		time.Until(status.ExpiresAt) < 50*time.Minute || time.Until(status.ExpiresAt) > time.Hour {
		t.Errorf("status %+v, %v", status, err)
	}
}

func TestUnscoped(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.Scope = &gophercloud.AuthScope{}
	client, n := authenticate(t, ks, opts)
	if len(n) != 1 || userOf(t, client) != "alice" {
		t.Errorf("%v", n)
	}
	if _, err := serverNames(t, client); err == nil || !strings.Contains(err.Error(), "set Scope") {
		t.Errorf("locator: %v", err)
	}
	opts.Scope, opts.OpenURL = nil, noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("again: %v", n)
	}
}

func TestNonInteractive(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.NonInteractive, opts.OpenURL = true, noBrowser(t)
	for _, force := range []bool{false, true} {
		opts.ForceLogin = force
		if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrLoginRequired) {
			t.Errorf("ForceLogin %t: %v", force, err)
		}
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("status: %v", err)
	}
	if n := len(ks.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

func TestForceLogin(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.Cache = &undeletable{}
	for _, name := range []string{"demo", "lab"} {
		opts.Scope = project(name)
		authenticate(t, ks, opts)
	}
	opts.Scope = project("demo")
	var out transcript
	opts.Output, opts.ForceLogin = &out, true
	opts.OpenURL = browserOf(ks, "bob").Open
	client, _ := authenticate(t, ks, opts)
	if got := userOf(t, client); got != "bob" {
		t.Errorf("signed in as %s", got)
	}
	out.await(t, "as bob.* the last time it was alice")
	// Nothing of alice's is used any more, even if it could not be deleted.
	opts.ForceLogin, opts.OpenURL = false, noBrowser(t)
	for _, name := range []string{"demo", "lab"} {
		opts.Scope = project(name)
		err := websso.Authenticate(t.Context(), client, opts)
		if name == "lab" { // which is alice's
			if !errors.Is(err, websso.ErrScope) {
				t.Errorf("lab: %v", err)
			}
		} else if got := userOf(t, client); err != nil || got != "bob" {
			t.Errorf("afterwards %s, %v", got, err)
		}
	}
}

type undeletable struct{ websso.MemoryCache }

func (*undeletable) Delete(string) error { return nil }

func TestZeroClient(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	client := &gophercloud.ProviderClient{}
	must(t, websso.Authenticate(t.Context(), client, ks.AuthOptions()))
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	must(t, err)
	if u, _ := url.Parse(identity.Endpoint); "http://"+u.Host != ks.URL() {
		t.Errorf("identity endpoint %s", identity.Endpoint)
	}
}

func TestLogout(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	var kept []string
	for _, scope := range []*gophercloud.AuthScope{nil, project("demo"), project("lab")} {
		opts.Scope = scope
		client, _ := authenticate(t, ks, opts)
		kept = append(kept, client.Token())
	}
	client, _ := authenticate(t, ks, opts)
	must(t, websso.Logout(t.Context(), client, opts))
	for i, token := range kept {
		if status := validate(t, ks, token); status != http.StatusUnauthorized {
			t.Errorf("token %d: status %d", i, status)
		}
	}
	if client.Token() != "" {
		t.Error("the client still has a token")
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("status: %v", err)
	}
	must(t, websso.Logout(t.Context(), client, opts)) // of nobody
	opts.NonInteractive = true
	if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestLogoutKeystoneDown(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	ks.Close()
	err := websso.Logout(t.Context(), client, opts)
	if err == nil || !strings.Contains(err.Error(), "2 of 2 tokens could not be revoked") {
		t.Errorf("error %v", err)
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("status: %v", err)
	}
}
