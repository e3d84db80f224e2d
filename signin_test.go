package websso_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

func TestSpellingsOfOneEndpoint(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	for _, endpoint := range []string{ks.URL(), ks.URL() + "/", ks.URL() + "/v3", ks.URL() + "/v3/", ks.URL() + "//v3//", strings.ToUpper(ks.URL()[:7]) + ks.URL()[7:], ""} {
		opts.IdentityEndpoint = endpoint
		if _, n := authenticate(t, ks, opts); len(n) != 0 {
			t.Errorf("%q: got requests %v, want none", endpoint, n)
		}
	}
	// The scheme's port is no other endpoint.
	bare := websso.AuthOptions{
		IdentityEndpoint: "http://cloud.example", IdentityProvider: webssotest.IdentityProvider, Protocol: webssotest.Protocol,
		Cache: &websso.MemoryCache{}, Output: io.Discard,
	}
	client := &gophercloud.ProviderClient{}
	client.HTTPClient.Transport = &silentKeystone{}
	must(t, websso.Import(t.Context(), client, bare, `{"websso":1,"auth_url":"http://cloud.example/v3","token":"sign-in"}`))
	for _, endpoint := range []string{"http://cloud.example:", "HTTP://CLOUD.example:80//v3/", "http://cloud.example:/v3"} {
		bare.IdentityEndpoint = endpoint
		if who, err := websso.Status(bare); err != nil || who.UserName != "alice" {
			t.Errorf("%s: got %v and error %v, want alice", endpoint, who, err)
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
			t.Errorf("another %s: got error %v, want ErrLoginRequired", name, err)
		}
	}
}

func TestForceLogin(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = spoiled(nil, "Delete")
	for _, name := range []string{"demo", "lab"} {
		opts.Scope = project(name)
		authenticate(t, ks, opts)
	}
	opts.Scope = project("demo")
	var out webssotest.Terminal
	opts.Output, opts.ForceLogin = &out, true
	opts.OpenURL = browserOf(ks, "bob").Open
	client, _ := authenticate(t, ks, opts)
	if got := userOf(t, client); got != "bob" {
		t.Errorf("got user %s, want bob", got)
	}
	await(t, &out, "as bob.* the last sign-in here was by alice")
	// Alice's tokens are no longer used, although they could not be deleted.
	opts.ForceLogin, opts.OpenURL = false, noBrowser(t)
	for _, name := range []string{"demo", "lab"} {
		opts.Scope = project(name)
		err := websso.Authenticate(t.Context(), client, opts)
		if name == "lab" { // which is alice's
			if !errors.Is(err, websso.ErrScope) {
				t.Errorf("lab: got error %v, want ErrScope", err)
			}
		} else if got := userOf(t, client); err != nil || got != "bob" {
			t.Errorf("demo: got user %s, %v; want bob", got, err)
		}
	}
}

func TestScopeNotYours(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	for name, scope := range map[string]*gophercloud.AuthScope{
		"no role": project("vault"), "unknown": project("nowhere"), "unknown id": {ProjectID: "0123"}, "domain": {DomainName: "Default"}, "trust": {TrustID: "none"},
	} {
		opts.Scope = scope
		err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
		if !errors.Is(err, websso.ErrScope) || !strings.Contains(err.Error(), "demo (") || !strings.Contains(err.Error(), "lab (") {
			t.Errorf("%s: got error %v, want ErrScope that names demo and lab", name, err)
		}
	}
	opts.Scope = project("demo")
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("got requests %v, want none: the sign-in is cached", n)
	}
	opts.Cache = &websso.MemoryCache{}
	opts.OpenURL = browserOf(ks, "carol").Open
	if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrScope) || !strings.Contains(err.Error(), "nor on any other") {
		t.Errorf("carol: got error %v, want ErrScope that says that there is no project", err)
	}
}

// TestHeals ends a sign-in in every way that Keystone has. Each costs one new sign-in.
func TestHeals(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ks *webssotest.Keystone, opts *websso.AuthOptions){
		"revoked": func(ks *webssotest.Keystone, _ *websso.AuthOptions) { ks.RevokeAll() },
		"keys rotated": func(ks *webssotest.Keystone, _ *websso.AuthOptions) {
			ks.Configure(func(c *webssotest.Config) { c.Quirks.RotateKeys() })
		},
		"expired early": func(ks *webssotest.Keystone, _ *websso.AuthOptions) {
			ks.Configure(func(c *webssotest.Config) { c.ClockSkew = 2 * time.Hour })
		},
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			authenticate(t, ks, opts)
			end(ks, &opts)
			// Another scope is not cached, so Keystone is asked and says so.
			opts.Scope = project("lab")
			opts.NonInteractive = true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("NonInteractive: got error %v, want ErrLoginRequired", err)
			}
			opts.NonInteractive = false
			client, _ := authenticate(t, ks, opts)
			wantSignIns(t, ks, 2)
			if _, err := serverNames(t, client); err != nil {
				t.Error(err)
			}
			opts.OpenURL = noBrowser(t)
			if _, n := authenticate(t, ks, opts); len(n) != 0 {
				t.Errorf("afterwards: got requests %v, want none", n)
			}
		})
	}
}

// TestKeystoneTroubles has Keystone fail while a sign-in is cached: an error, no browser,
// and the sign-in is still cached.
func TestKeystoneTroubles(t *testing.T) {
	t.Parallel()
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
		}, "if https://elsewhere.example/identity/v3 is your cloud's Keystone, set IdentityEndpoint to it"},
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			authenticate(t, ks, opts)
			intercept(ks, func(*http.Request) http.Handler { return http.HandlerFunc(trouble.answer) })
			opts.OpenURL = noBrowser(t)
			lab := opts
			lab.Scope = project("lab")
			err := websso.Authenticate(t.Context(), newClient(t, ks), lab)
			if err == nil || !strings.HasPrefix(err.Error(), "websso: ") || !strings.Contains(err.Error(), trouble.says) {
				t.Errorf("got error %v, want one that says %q", err, trouble.says)
			}
			if _, n := authenticate(t, ks, opts); len(n) != 0 {
				t.Errorf("got requests %v, want none: the sign-in is cached", n)
			}
			intercept(ks, nil)
			if _, n := authenticate(t, ks, lab); len(n) != 1 {
				t.Errorf("afterwards: got requests %v, want 1", n)
			}
		})
	}
}

// TestRedirectIsNotFollowed redirects to another host, which must not get the token.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	thief := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	intercept(ks, func(*http.Request) http.Handler {
		return http.RedirectHandler(thief.URL()+"/v3/auth/tokens", http.StatusTemporaryRedirect)
	})
	opts.Scope = project("lab")
	err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
	if err == nil || !strings.Contains(err.Error(), thief.URL()+"/v3") {
		t.Errorf("got error %v, want one that names the other host", err)
	}
	if err := websso.Logout(t.Context(), client, opts); err == nil {
		t.Error("Logout: got no error, want one")
	}
	if n := len(thief.Requests()); n > 0 {
		t.Errorf("got %d requests to the other host, want none", n)
	}
}

func TestClockWrong(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{5 * time.Hour, -5 * time.Hour} {
		ks := webssotest.NewKeystone(t)
		ks.Configure(func(c *webssotest.Config) { c.ClockSkew = skew })
		opts := ks.AuthOptions()
		authenticate(t, ks, opts)
		opts.OpenURL = noBrowser(t)
		if _, n := authenticate(t, ks, opts); len(n) != 0 {
			t.Errorf("skew %s: got requests %v, want none", skew, n)
		}
		if s, err := websso.Status(opts); err != nil || time.Until(s.ExpiresAt) > 61*time.Minute || time.Until(s.ExpiresAt) < 50*time.Minute {
			t.Errorf("skew %s: got status %+v, %v; want one for an hour", skew, s, err)
		}
	}
}

// TestNoTokenShown looks for tokens in URLs, output and errors.
func TestNoTokenShown(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	var out webssotest.Terminal
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

	// A server that answers with the token that it was sent.
	intercept(ks, func(*http.Request) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, r.Header.Get("X-Auth-Token"))
			io.Copy(w, r.Body)
		})
	})
	opts.Scope = project("lab")
	errs := []error{
		websso.Authenticate(t.Context(), newClient(t, ks), opts),
		websso.Logout(t.Context(), client, opts),
	}
	for _, secret := range secrets {
		for _, text := range append(opened, out.String(), fmt.Sprint(errs), fmt.Sprintf("%+v", errs)) {
			if strings.Contains(text, secret[:40]) {
				t.Errorf("got a token, want none in %s", text)
			}
		}
	}
	for _, err := range errs {
		if err == nil {
			t.Error("got no error, want one")
		}
	}
}

// TestOptionalAnswers accepts what some versions and proxies of Keystone answer.
func TestOptionalAnswers(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	ks.Configure(func(c *webssotest.Config) { c.Quirks.OmitSubjectToken, c.Quirks.Validate203 = true, true })
	client, _ := authenticate(t, ks, ks.AuthOptions())
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
}
