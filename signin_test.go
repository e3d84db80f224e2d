package websso_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// project is the scope of a project in the domain Default.
func project(name string) *gophercloud.AuthScope {
	return &gophercloud.AuthScope{ProjectName: name, DomainName: "Default"}
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

// A folder that can't be used costs a line, not a sign-in each time.
func TestFiveProjectsOneBrowser(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for name, cache := range map[string]websso.Cache{
		"memory": &websso.MemoryCache{}, "a file in its place": websso.NewFileCache(file), "below a file": websso.NewFileCache(filepath.Join(file, "x")),
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			user := webssotest.User{Name: "eve", Password: "x"}
			for i := range 5 {
				user.Projects = append(user.Projects, webssotest.Project{Name: fmt.Sprint("p", i)})
			}
			ks.SetUser(user)
			var out transcript
			opts := ks.AuthOptions()
			opts.Cache, opts.Output = cache, &out
			opts.OpenURL = browserOf(ks, "eve").Open
			for i := range 5 {
				opts.Scope = project(fmt.Sprint("p", i))
				authenticate(t, ks, opts)
			}
			if n := ks.SignIns(); n != 1 {
				t.Errorf("%d sign-ins", n)
			}
			said := strings.Count(out.String(), "folder") + strings.Count(out.String(), "directory")
			if name == "memory" && said != 0 || name != "memory" && said != 1 {
				t.Errorf("told %d times:\n%s", said, &out)
			}
		})
	}
}

func TestSpellingsOfOneEndpoint(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	for _, endpoint := range []string{ks.URL(), ks.URL() + "/", ks.URL() + "/v3", ks.URL() + "/v3/", strings.ToUpper(ks.URL()[:7]) + ks.URL()[7:], ""} {
		opts.IdentityEndpoint = endpoint
		if _, n := authenticate(t, ks, opts); len(n) != 0 {
			t.Errorf("%q: %v", endpoint, n)
		}
	}
	opts.NonInteractive = true
	for name, change := range map[string]func(*websso.AuthOptions){
		"identity provider":    func(o *websso.AuthOptions) { o.IdentityProvider = webssotest.OtherIdentityProvider },
		"no identity provider": func(o *websso.AuthOptions) { o.IdentityProvider = "" },
		"protocol":             func(o *websso.AuthOptions) { o.Protocol = "mapped" },
		"path":                 func(o *websso.AuthOptions) { o.IdentityEndpoint = ks.URL() + "/identity" },
	} {
		other := opts
		other.IdentityEndpoint = ks.URL()
		change(&other)
		client, err := openstack.NewClient(other.IdentityEndpoint)
		must(t, err)
		if err := websso.Authenticate(t.Context(), client, other); !errors.Is(err, websso.ErrLoginRequired) {
			t.Errorf("another %s: %v", name, err)
		}
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

func TestScopeNotYours(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	for name, scope := range map[string]*gophercloud.AuthScope{
		"no role": project("vault"), "unknown": project("nowhere"), "unknown id": {ProjectID: "0123"}, "domain": {DomainName: "Default"}, "trust": {TrustID: "none"},
	} {
		opts.Scope = scope
		err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
		if !errors.Is(err, websso.ErrScope) || !strings.Contains(err.Error(), "demo (") || !strings.Contains(err.Error(), "lab (") {
			t.Errorf("%s: %v", name, err)
		}
	}
	opts.Scope = project("demo")
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("the sign-in was not kept: %v", n)
	}
	opts.Cache = &websso.MemoryCache{}
	opts.OpenURL = browserOf(ks, "carol").Open
	if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrScope) || !strings.Contains(err.Error(), "no project is") {
		t.Errorf("carol: %v", err)
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

// TestHeals ends a sign-in in every way that Keystone has: each costs one new sign-in.
func TestHeals(t *testing.T) {
	for name, end := range map[string]func(ks *webssotest.Keystone, opts *websso.AuthOptions){
		"revoked":      func(ks *webssotest.Keystone, _ *websso.AuthOptions) { ks.RevokeAll() },
		"keys rotated": func(ks *webssotest.Keystone, _ *websso.AuthOptions) { ks.RotateKeys() },
		"expired early": func(ks *webssotest.Keystone, _ *websso.AuthOptions) {
			ks.Configure(func(c *webssotest.Config) { c.ClockSkew = 2 * time.Hour })
		},
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			authenticate(t, ks, opts)
			end(ks, &opts)
			// A scope that is not kept has Keystone asked, and so shows it.
			opts.Scope = project("lab")
			opts.NonInteractive = true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("non-interactive: %v", err)
			}
			opts.NonInteractive = false
			client, _ := authenticate(t, ks, opts)
			if n := ks.SignIns(); n != 2 {
				t.Errorf("%d sign-ins, want the old and the new", n)
			}
			if _, err := serverNames(t, client); err != nil {
				t.Error(err)
			}
			opts.OpenURL = noBrowser(t)
			if _, n := authenticate(t, ks, opts); len(n) != 0 {
				t.Errorf("afterwards: %v", n)
			}
		})
	}
}

// TestKeystoneTroubles has Keystone fail while a sign-in is kept: an error, no browser,
// and the sign-in stays.
func TestKeystoneTroubles(t *testing.T) {
	for name, trouble := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		says   string
	}{
		"500 in HTML": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, "<h1>Internal Server Error</h1>")
		}, "status 500"},
		"502":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, "status 502"},
		"403":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, "status 403"},
		"200":    {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }, "status 200"},
		"HTML":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); io.WriteString(w, "<html>hello") }, "invalid character"},
		"empty":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) }, "EOF"},
		"a list": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); io.WriteString(w, "[]") }, "did not describe the token"},
		"no subject token": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			io.WriteString(w, `{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}`)
		}, "X-Subject-Token"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/identity/v3/auth/tokens", http.StatusPermanentRedirect)
		}, "if https://elsewhere.example/identity/v3 is your cloud's Keystone, use it as auth_url"},
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			authenticate(t, ks, opts)
			ks.Configure(func(c *webssotest.Config) {
				c.Intercept = func(*http.Request) http.Handler { return http.HandlerFunc(trouble.answer) }
			})
			opts.OpenURL = noBrowser(t)
			lab := opts
			lab.Scope = project("lab")
			err := websso.Authenticate(t.Context(), newClient(t, ks), lab)
			if err == nil || !strings.HasPrefix(err.Error(), "websso: ") || !strings.Contains(err.Error(), trouble.says) {
				t.Errorf("error %v; want one that says %q", err, trouble.says)
			}
			if _, n := authenticate(t, ks, opts); len(n) != 0 {
				t.Errorf("the sign-in was not kept: %v", n)
			}
			ks.Configure(func(c *webssotest.Config) { c.Intercept = nil })
			if _, n := authenticate(t, ks, lab); len(n) != 1 {
				t.Errorf("after the trouble: %v", n)
			}
		})
	}
}

// A Keystone that never answers is waited for no longer than the caller wants, and the
// sign-in stays.
func TestKeystoneHangs(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	lab := opts
	lab.Scope = project("lab")
	if err := websso.Authenticate(ctx, newClient(t, ks), lab); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("the sign-in was not kept: %v", n)
	}
}

// TestRedirectIsNotFollowed has a redirect to another host, which must not see a token.
func TestRedirectIsNotFollowed(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	thief := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler {
			return http.RedirectHandler(thief.URL()+"/v3/auth/tokens", http.StatusTemporaryRedirect)
		}
	})
	opts.Scope = project("lab")
	err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
	if err == nil || !strings.Contains(err.Error(), thief.URL()+"/v3") {
		t.Errorf("error %v", err)
	}
	if err := websso.Logout(t.Context(), client, opts); err == nil {
		t.Error("Logout took a redirect for success")
	}
	if n := len(thief.Requests()); n > 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestClockWrong(t *testing.T) {
	for _, skew := range []time.Duration{5 * time.Hour, -5 * time.Hour} {
		ks := webssotest.NewKeystone(t)
		ks.Configure(func(c *webssotest.Config) { c.ClockSkew = skew })
		opts := ks.AuthOptions()
		authenticate(t, ks, opts)
		opts.OpenURL = noBrowser(t)
		if _, n := authenticate(t, ks, opts); len(n) != 0 {
			t.Errorf("skew %s: %v", skew, n)
		}
		if s, err := websso.Status(opts); err != nil || time.Until(s.ExpiresAt) > 61*time.Minute || time.Until(s.ExpiresAt) < 50*time.Minute {
			t.Errorf("skew %s: %+v, %v", skew, s, err)
		}
	}
}

// A token that has less than two minutes left is not worth handing out.
func TestMargin(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = 110 * time.Second })
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	authenticate(t, ks, opts)
	if n := ks.SignIns(); n != 2 {
		t.Errorf("%d sign-ins", n)
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

// TestNoTokenShown looks for a token wherever one must not be.
func TestNoTokenShown(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	var out transcript
	var opened []string
	opts := ks.AuthOptions()
	opts.Output = &out
	browser := ks.Browser()
	opts.OpenURL = func(url string) error { opened = append(opened, url); return browser.Open(url) }
	client, _ := authenticate(t, ks, opts)
	secrets := []string{client.Token()}
	opts.Scope = nil
	client, _ = authenticate(t, ks, opts)
	secrets = append(secrets, client.Token())

	// A server that sends back what it was asked with.
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(500)
				io.WriteString(w, r.Header.Get("X-Auth-Token"))
				io.Copy(w, r.Body)
			})
		}
	})
	opts.Scope = project("lab")
	errs := []error{
		websso.Authenticate(t.Context(), newClient(t, ks), opts),
		websso.Logout(t.Context(), client, opts),
	}
	for _, secret := range secrets {
		for _, text := range append(opened, out.String(), fmt.Sprint(errs), fmt.Sprintf("%+v", errs)) {
			if strings.Contains(text, secret[:40]) {
				t.Errorf("a token is shown: %s", text)
			}
		}
	}
	for _, err := range errs {
		if err == nil {
			t.Error("no error")
		}
	}
}

func TestOptionalAnswers(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	ks.Configure(func(c *webssotest.Config) { c.OmitSubjectToken, c.Validate203 = true, true })
	client, _ := authenticate(t, ks, ks.AuthOptions())
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
}

// TestUnverifiedIsKeptApart signs in over a connection that is not verified. A run that
// verifies must not use what that brought.
func TestUnverifiedIsKeptApart(t *testing.T) {
	ks := webssotest.NewTLSKeystone(t)
	opts := ks.AuthOptions()
	insecure := func() *http.Transport {
		config := ks.TLSConfig()
		config.InsecureSkipVerify = true
		return &http.Transport{TLSClientConfig: config}
	}
	for name, transport := range map[string]http.RoundTripper{
		"transport": insecure(), "wrapped": wrapped{insecure()},
	} {
		t.Run(name, func(t *testing.T) {
			var out transcript
			opts := opts
			opts.Cache, opts.Output = &websso.MemoryCache{}, &out
			client := newClient(t, ks)
			client.HTTPClient.Transport = transport
			must(t, websso.Authenticate(t.Context(), client, opts))
			opts.NonInteractive = true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("a run that verifies: %v", err)
			}
			again := newClient(t, ks)
			again.HTTPClient.Transport = transport
			err := websso.Authenticate(t.Context(), again, opts)
			if name == "transport" && err != nil {
				t.Errorf("a run that doesn't, either: %v", err)
			}
			if name == "wrapped" {
				out.await(t, "does not verify certificates")
			}
		})
	}
}

type wrapped struct{ http.RoundTripper }

func TestCacheValuesAreChecked(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	for name, change := range map[string]func(key, value string) string{
		"empty":         func(string, string) string { return "" },
		"garbage":       func(string, string) string { return "\x00\xff garbage\n{}" },
		"head alone":    func(_, v string) string { return v[:strings.Index(v, "\n")] },
		"cut off":       func(_, v string) string { return v[:len(v)-1] },
		"one more":      func(_, v string) string { return v + " " },
		"newer version": func(_, v string) string { return strings.Replace(v, `"version":1`, `"version":2`, 1) },
		"another cloud": func(_, v string) string { return strings.Replace(v, "127.0.0.1", "127.0.0.2", 1) },
		"no token":      func(_, v string) string { return strings.Replace(v, `"token":"gAAAAA`, `"token":"\r\nX: `, 1) },
		"body changed":  func(_, v string) string { return strings.Replace(v, `"token": `, `"token":  `, 1) + "x" },
	} {
		t.Run(name, func(t *testing.T) {
			cache := &tampered{}
			opts := ks.AuthOptions()
			opts.Cache = cache
			authenticate(t, ks, opts)
			before := ks.SignIns()
			cache.change = change
			client, _ := authenticate(t, ks, opts)
			if ks.SignIns() != before+1 {
				t.Error("a broken value was used")
			}
			if _, err := serverNames(t, client); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("swapped", func(t *testing.T) {
		// Every value under every key: what it is for counts, not where it lies.
		cache := &tampered{}
		opts := ks.AuthOptions()
		opts.Cache = cache
		authenticate(t, ks, opts)
		opts.Scope = project("lab")
		lab, _ := authenticate(t, ks, opts)
		var values []string
		for _, key := range cache.keys {
			v, _ := cache.MemoryCache.Get(key)
			values = append(values, v)
		}
		for i := range values {
			for _, key := range cache.keys {
				cache.MemoryCache.Set(key, values[i])
			}
			got, _ := authenticate(t, ks, opts)
			if names, err := serverNames(t, got); err != nil || len(names) != 1 || names[0] != "experiment" {
				t.Errorf("value %d: %v, %v", i, names, err)
			}
		}
		_ = lab
	})
}

// tampered is a cache whose values somebody changes.
type tampered struct {
	websso.MemoryCache
	keys   []string
	change func(key, value string) string
}

func (c *tampered) Get(key string) (string, error) {
	v, err := c.MemoryCache.Get(key)
	if c.change != nil && v != "" {
		v = c.change(key, v)
	}
	return v, err
}

func (c *tampered) Set(key, value string) error {
	c.keys = append(c.keys, key)
	c.change = nil
	return c.MemoryCache.Set(key, value)
}

// A cache that fails is told once, and stops nothing.
func TestCacheFails(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	var out transcript
	opts := ks.AuthOptions()
	opts.Cache, opts.Output = failing{}, &out
	client, _ := authenticate(t, ks, opts)
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), "on fire"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &out)
	}
}

type failing struct{}

func (failing) Get(string) (string, error) { return "", errors.New("the cache is on fire") }
func (failing) Set(string, string) error   { return errors.New("the cache is on fire") }
func (failing) Delete(string) error        { return errors.New("the cache is on fire") }

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
