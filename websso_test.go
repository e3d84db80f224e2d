package websso_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// TestMain also runs the processes that tests start: this binary again, with a variable
// set that says what to do.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WEBSSO_TEST_SET"); dir != "" {
		if err := websso.NewFileCache(dir).Set("key", "value"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if file := os.Getenv(browserVariable); file != "" {
		playBrowser(file)
		os.Exit(0)
	}
	if os.Getenv(childVariable) != "" {
		child()
		os.Exit(0)
	}
	testcache.Main(m)
}

// cacheIn returns the variables that move the user's cache directory below dir, on any
// system.
func cacheIn(dir string) []string {
	return []string{"XDG_CACHE_HOME=" + dir, "HOME=" + dir, "LocalAppData=" + dir}
}

// limit is how long a test waits for something that should happen at once.
const limit = 20 * time.Second

// project returns the scope for a project in the domain Default.
func project(name string) *gophercloud.AuthScope {
	return &gophercloud.AuthScope{ProjectName: name, DomainName: "Default"}
}

// parallel runs the test beside others, and returns a Keystone and options for it.
func parallel(t *testing.T) (*webssotest.Keystone, websso.AuthOptions) {
	t.Helper()
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	return ks, ks.AuthOptions()
}

// newClient returns a client for the Keystone that is not signed in.
func newClient(t testing.TB, ks *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(ks.URL())
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: ks.TLSConfig(), DisableKeepAlives: true}
	return client
}

// unverified returns a client that does not verify certificates.
func unverified(t testing.TB, ks *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	client := newClient(t, ks)
	client.HTTPClient.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	return client
}

// manyProjects makes a user eve with n projects, p0 and so on.
func manyProjects(ks *webssotest.Keystone, n int) {
	user := webssotest.User{Name: "eve", Password: "x"}
	for i := range n {
		user.Projects = append(user.Projects, webssotest.Project{Name: fmt.Sprint("p", i)})
	}
	ks.SetUser(user)
}

// authenticate signs in a new client and returns it with the requests to Keystone that
// this took.
func authenticate(t testing.TB, ks *webssotest.Keystone, opts websso.AuthOptions) (*gophercloud.ProviderClient, []webssotest.Request) {
	t.Helper()
	ks.ResetRequests()
	client := newClient(t, ks)
	must(t, websso.Authenticate(t.Context(), client, opts))
	return client, ks.APIRequests()
}

// serverNames lists the servers of the client's project.
func serverNames(ctx context.Context, client *gophercloud.ProviderClient) ([]string, error) {
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(compute, nil).AllPages(ctx)
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

// use makes a request to a service.
func use(ctx context.Context, client *gophercloud.ProviderClient) error {
	_, err := serverNames(ctx, client)
	return renewalError(err)
}

// renewalError returns why there was no new token, which gophercloud's error does not unwrap.
func renewalError(err error) error {
	var failed *gophercloud.ErrUnableToReauthenticate
	if errors.As(err, &failed) {
		return failed.ErrReauth
	}
	return err
}

// works fails the test unless a service takes the client's token, or one that replaces it.
func works(t testing.TB, client *gophercloud.ProviderClient) {
	t.Helper()
	if err := use(t.Context(), client); err != nil {
		t.Errorf("got error %v, want a token that works", err)
	}
}

// userOf returns the name of the user in the client's auth result. The result must have
// the type that gophercloud documents for identity v3.
func userOf(t testing.TB, client *gophercloud.ProviderClient) string {
	t.Helper()
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		t.Fatalf("got an auth result of type %T, want tokens.CreateResult", client.GetAuthResult())
	}
	user, err := result.ExtractUser()
	must(t, err)
	if id, err := result.ExtractTokenID(); err != nil || id != client.Token() {
		t.Fatalf("got the auth result of another token (error %v), want that of the client's", err)
	}
	return user.Name
}

// validate asks Keystone about a token, as its user would, and returns the status.
func validate(t testing.TB, ks *webssotest.Keystone, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ks.URL()+"/v3/auth/tokens", nil)
	must(t, err)
	req.Header.Set("X-Auth-Token", token)
	req.Header.Set("X-Subject-Token", token)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	resp.Body.Close()
	return resp.StatusCode
}

// browserOf returns a new browser with the name and password of that user.
func browserOf(ks *webssotest.Keystone, name string) *webssotest.Browser {
	for _, u := range ks.Users() {
		if u.Name == name {
			return &webssotest.Browser{User: u.Name, Password: u.Password, Code: ks.Terminal().Code}
		}
	}
	return &webssotest.Browser{User: name}
}

// noBrowser returns an OpenURL that fails the test.
func noBrowser(t testing.TB) func(string) error {
	return func(string) error { t.Error("got a browser, want none"); return errors.New("no browser") }
}

// tokenOf signs a user in and returns the unscoped token. Nothing is cached.
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
	must(t, websso.Authenticate(t.Context(), client, opts))
	return client.Token()
}

// trust lets Keystone send users back to another port.
func trust(ks *webssotest.Keystone, port int) {
	ks.Configure(func(c *webssotest.Config) {
		c.TrustedDashboards = append(c.TrustedDashboards, "http://localhost:"+strconv.Itoa(port)+"/auth/websso/")
	})
}

// intercept has something answer in the place of the Keystone, or nothing with nil.
func intercept(ks *webssotest.Keystone, answer func(*http.Request) http.Handler) {
	ks.Configure(func(c *webssotest.Config) { c.Intercept = answer })
}

// warm signs in a new client, and fails the test if that takes a request.
func warm(t testing.TB, ks *webssotest.Keystone, opts websso.AuthOptions) *gophercloud.ProviderClient {
	t.Helper()
	client, requests := authenticate(t, ks, opts)
	if len(requests) > 0 {
		t.Errorf("got requests %v, want none: the token is cached", requests)
	}
	return client
}

// answerWith has h answer in the place of the Keystone what has that part in "GET /path".
func answerWith(ks *webssotest.Keystone, part string, h http.Handler) {
	intercept(ks, func(r *http.Request) http.Handler {
		if strings.Contains(r.Method+" "+r.URL.Path, part) {
			return h
		}
		return nil
	})
}

// wantSignIns fails the test unless users have signed in n times.
func wantSignIns(t testing.TB, ks *webssotest.Keystone, n int) {
	t.Helper()
	if got := ks.SignIns(); got != n {
		t.Errorf("got %d sign-ins, want %d", got, n)
	}
}

// wantRequests fails the test unless Keystone was asked n times.
func wantRequests(t testing.TB, ks *webssotest.Keystone, n int) {
	t.Helper()
	if got := ks.APIRequests(); len(got) != n {
		t.Errorf("got %d requests to Keystone, want %d: %v", len(got), n, got)
	}
}

// wantUser fails the test unless the client is that user's.
func wantUser(t testing.TB, client *gophercloud.ProviderClient, name string) {
	t.Helper()
	if got := userOf(t, client); got != name {
		t.Errorf("got user %s, want %s", got, name)
	}
}

// wantSignedOut fails the test unless Status says that nobody is signed in.
func wantSignedOut(t testing.TB, opts websso.AuthOptions) {
	t.Helper()
	if who, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got status %+v, %v; want ErrLoginRequired", who, err)
	}
}

// wantError fails the test unless err is want.
func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// wantSaid fails the test unless there is an error that says all of that.
func wantSaid(t testing.TB, err error, all ...string) {
	t.Helper()
	for _, want := range all {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}

// await waits until pattern matches what the user has been told, and returns the match.
func await(t testing.TB, out *webssotest.Terminal, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var match []string
	defer func() {
		if match == nil {
			t.Logf("got this output, want a match of %q:\n%s", pattern, out)
		}
	}()
	poll(t, func() bool { match = re.FindStringSubmatch(out.String()); return match != nil })
	return match
}

// poll waits until done returns true.
func poll(t testing.TB, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("got nothing in %s", limit)
		}
	}
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWarmCostsNothing has Keystones whose clock agrees with ours, and others.
func TestWarmCostsNothing(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, 5 * time.Hour, -5 * time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			ks, opts := parallel(t)
			ks.Configure(func(c *webssotest.Config) { c.ClockSkew = skew })
			opts.Cache = websso.NewFileCache(filepath.Join(t.TempDir(), "cache"))
			authenticate(t, ks, opts)
			opts.OpenURL = noBrowser(t)
			works(t, warm(t, ks, opts))
			// The same project by its ID is another scope of the same sign-in.
			for _, opts.Scope = range []*gophercloud.AuthScope{project("lab"), {ProjectID: ks.Project("lab").ID}} {
				if _, first := authenticate(t, ks, opts); len(first) != 1 {
					t.Errorf("%+v: got requests %v, want 1", opts.Scope, first)
				}
				warm(t, ks, opts)
			}
			status, err := websso.Status(opts)
			must(t, err)
			if left := time.Until(status.ExpiresAt); len(status.Scopes) != 3 || left < 50*time.Minute || left > 61*time.Minute {
				t.Errorf("got status %+v, want one with 3 scopes, for an hour", status)
			}
		})
	}
}

func TestNonInteractive(t *testing.T) {
	ks, opts := parallel(t)
	opts.NonInteractive, opts.OpenURL = true, noBrowser(t)
	for _, opts.ForceLogin = range []bool{false, true} {
		wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrLoginRequired)
	}
	wantSignedOut(t, opts)
	wantRequests(t, ks, 0)
}

func TestZeroClient(t *testing.T) {
	ks, opts := parallel(t)
	client := &gophercloud.ProviderClient{}
	must(t, websso.Authenticate(t.Context(), client, opts))
	works(t, client)
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	must(t, err)
	if !strings.HasPrefix(identity.Endpoint, ks.URL()+"/") {
		t.Errorf("got identity endpoint %s, want one of %s", identity.Endpoint, ks.URL())
	}
}
