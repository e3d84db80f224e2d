package websso_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestSpellingsOfOneEndpoint asks for the sign-in to a cloud by other spellings of its address,
// and for those to other clouds.
func TestSpellingsOfOneEndpoint(t *testing.T) {
	t.Parallel()
	const base = "http://cloud.example"
	opts := websso.AuthOptions{
		IdentityEndpoint: base, IdentityProvider: webssotest.IdentityProvider, Protocol: webssotest.Protocol,
		Cache: &websso.MemoryCache{}, Output: io.Discard, NonInteractive: true,
	}
	client := &gophercloud.ProviderClient{}
	client.HTTPClient.Transport = &silentKeystone{}
	must(t, websso.Import(t.Context(), client, opts, `{"websso":1,"auth_url":"`+base+`/v3","token":"sign-in"}`))
	for _, opts.IdentityEndpoint = range []string{base + "/", base + "/v3", base + "/v3/", base + "//v3//", base + ":", base + ":/v3", "HTTP://CLOUD.example:80//v3/", ""} {
		if err := websso.Authenticate(t.Context(), client, opts); err != nil {
			t.Errorf("%q: got error %v, want the sign-in", opts.IdentityEndpoint, err)
		}
	}
	for name, change := range map[string]func(*websso.AuthOptions){
		"identity provider":    func(o *websso.AuthOptions) { o.IdentityProvider = webssotest.OtherIdentityProvider },
		"no identity provider": func(o *websso.AuthOptions) { o.IdentityProvider = "" },
		"protocol":             func(o *websso.AuthOptions) { o.Protocol = "mapped" },
		"path":                 func(o *websso.AuthOptions) { o.IdentityEndpoint += "/identity" },
		"port":                 func(o *websso.AuthOptions) { o.IdentityEndpoint += ":81" },
	} {
		other := opts
		other.IdentityEndpoint = base
		change(&other)
		if err := websso.Authenticate(t.Context(), &gophercloud.ProviderClient{}, other); !errors.Is(err, websso.ErrLoginRequired) {
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
	opts.ForceLogin, opts.OpenURL = true, browserOf(ks, "bob").Open
	client, _ := authenticate(t, ks, opts)
	wantUser(t, client, "bob")
	await(t, ks.Terminal(), "as bob.* the last sign-in here was by alice")
	// Alice's tokens are no longer used, although they could not be deleted.
	opts.ForceLogin, opts.OpenURL = false, noBrowser(t)
	wantUser(t, warm(t, ks, opts), "bob")
	opts.Scope = project("lab") // which is alice's
	wantError(t, websso.Authenticate(t.Context(), client, opts), websso.ErrScope)
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
		if want := fmt.Sprintf("your projects are demo (%s), lab (%s): ", ks.Project("demo").ID, ks.Project("lab").ID); !errors.Is(err, websso.ErrScope) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want ErrScope that says %q", name, err, want)
		}
	}
	opts.Scope = project("demo")
	warm(t, ks, opts)
	manyProjects(ks, 22)
	for user, says := range map[string]string{"carol": "nor on any other", "eve": ", and 2 more: "} {
		opts.Cache, opts.Scope, opts.OpenURL = &websso.MemoryCache{}, project("vault"), browserOf(ks, user).Open
		err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
		wantError(t, err, websso.ErrScope)
		wantSaid(t, err, says)
	}
}

// TestHeals ends a sign-in in every way that Keystone has. Each costs one new sign-in.
func TestHeals(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*webssotest.Keystone){
		"revoked":      (*webssotest.Keystone).RevokeAll,
		"keys rotated": func(ks *webssotest.Keystone) { ks.Configure(func(c *webssotest.Config) { c.Quirks.RotateKeys() }) },
		"expired early": func(ks *webssotest.Keystone) {
			ks.Configure(func(c *webssotest.Config) { c.ClockSkew = 2 * time.Hour })
		},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			authenticate(t, ks, opts)
			end(ks)
			// Another scope is not cached, so Keystone is asked and says so.
			opts.Scope = project("lab")
			opts.NonInteractive = true
			err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
			wantError(t, err, websso.ErrLoginRequired)
			wantSaid(t, err, "ended at Keystone")
			opts.NonInteractive = false
			client, _ := authenticate(t, ks, opts)
			wantSignIns(t, ks, 2)
			works(t, client)
			opts.OpenURL = noBrowser(t)
			warm(t, ks, opts)
		})
	}
}

// TestKeystoneTroubles has Keystone fail while a sign-in is cached: an error, no browser,
// and the sign-in is still cached.
func TestKeystoneTroubles(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]struct {
		answer http.Handler
		says   string
	}{
		"500 in HTML":      {reply(500, "<h1>Internal Server Error</h1>"), "status 500"},
		"502":              {reply(502, ""), "/v3/auth/tokens: status 502 Bad Gateway: try again later"},
		"403":              {reply(403, ""), "status 403"},
		"200":              {reply(200, "{}"), "status 200"},
		"HTML":             {reply(201, "<html>hello"), "invalid character '<' looking for beginning of value): is this the address of Keystone?"},
		"empty":            {reply(201, ""), "EOF"},
		"a list":           {reply(201, "[]"), "did not describe the token"},
		"no subject token": {reply(201, `{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}`), "X-Subject-Token"},
		"hangs up":         {http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "/v3/auth/tokens: EOF"},
		"redirect": {
			http.RedirectHandler("https://elsewhere.example/identity/v3/auth/tokens", http.StatusPermanentRedirect),
			"if https://elsewhere.example/identity/v3 is your cloud's Keystone, set IdentityEndpoint to it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			authenticate(t, ks, opts)
			answerWith(ks, "", trouble.answer)
			opts.OpenURL = noBrowser(t)
			lab := opts
			lab.Scope = project("lab")
			err := websso.Authenticate(t.Context(), newClient(t, ks), lab)
			wantSaid(t, err, "websso: ", trouble.says)
			warm(t, ks, opts)
			intercept(ks, nil)
			if _, n := authenticate(t, ks, lab); len(n) != 1 {
				t.Errorf("afterwards: got requests %v, want 1", n)
			}
		})
	}
}

// reply answers with that status and body.
func reply(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// with adds a header to what h answers.
func with(name, value string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		h.ServeHTTP(w, r)
	})
}

// TestRedirectIsNotFollowed redirects to another host, which must not get the token.
func TestRedirectIsNotFollowed(t *testing.T) {
	ks, opts := parallel(t)
	thief := webssotest.NewKeystone(t)
	client, _ := authenticate(t, ks, opts)
	answerWith(ks, "", http.RedirectHandler(thief.URL()+"/v3/auth/tokens", http.StatusTemporaryRedirect))
	opts.Scope = project("lab")
	wantSaid(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), thief.URL()+"/v3")
	if err := websso.Logout(t.Context(), client, opts); err == nil {
		t.Error("Logout: got no error, want one")
	}
	if n := len(thief.Requests()); n > 0 {
		t.Errorf("got %d requests to the other host, want none", n)
	}
}

// TestNoTokenShown looks for tokens in URLs, output and errors.
func TestNoTokenShown(t *testing.T) {
	ks, opts := parallel(t)
	var opened []string
	opts.OpenURL = func(url string) error { opened = append(opened, url); return ks.Browser().Open(url) }
	client, _ := authenticate(t, ks, opts)
	secrets := []string{client.Token()}
	opts.Scope = nil
	client, _ = authenticate(t, ks, opts)
	secrets = append(secrets, client.Token())

	// A server that answers with the token that it was sent.
	answerWith(ks, "", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		io.WriteString(w, r.Header.Get("X-Auth-Token"))
		io.Copy(w, r.Body)
	}))
	opts.Scope = project("lab")
	errs := []error{
		websso.Authenticate(t.Context(), newClient(t, ks), opts),
		websso.Logout(t.Context(), client, opts),
	}
	for _, secret := range secrets {
		for _, text := range append(opened, ks.Terminal().String(), fmt.Sprint(errs), fmt.Sprintf("%+v", errs)) {
			if strings.Contains(text, secret[:40]) {
				t.Errorf("got a token, want none in %s", text)
			}
		}
	}
	if slices.Contains(errs, nil) {
		t.Errorf("got errors %v, want two", errs)
	}
}

// TestOptionalAnswers accepts what some versions and proxies of Keystone answer.
func TestOptionalAnswers(t *testing.T) {
	ks, opts := parallel(t)
	ks.Configure(func(c *webssotest.Config) { c.Quirks.OmitSubjectToken, c.Quirks.Validate203 = true, true })
	client, _ := authenticate(t, ks, opts)
	works(t, client)
}
