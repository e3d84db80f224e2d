package webssotest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// post is a form post that a program got.
type post struct {
	header http.Header
	form   url.Values
}

// program is one that waits for Keystone's form post and does nothing with it. It
// returns the origin that Keystone knows it by.
func program(t *testing.T, cloud *webssotest.Keystone) (string, <-chan post) {
	t.Helper()
	posts := make(chan post, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/auth/websso/" && r.ParseForm() == nil {
			posts <- post{r.Header, r.PostForm}
		}
		fmt.Fprint(w, "thank you")
	}))
	t.Cleanup(s.Close)
	origin := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/auth/websso/"
	cloud.Configure(func(c *webssotest.Config) { c.TrustedDashboards = append(c.TrustedDashboards, origin) })
	return origin, posts
}

func signInURL(cloud *webssotest.Keystone, idp, protocol, origin string) string {
	return cloud.URL() + "/v3/auth/OS-FEDERATION/identity_providers/" + idp + "/protocols/" + protocol + "/websso?origin=" + url.QueryEscape(origin)
}

func TestWebSSO(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	for name, at := range map[string]string{
		"an identity provider":        signInURL(cloud, "acme", "openid", origin),
		"the other one":               signInURL(cloud, "citrus", "mapped", origin),
		"none":                        cloud.URL() + "/v3/auth/OS-FEDERATION/websso/openid?origin=" + url.QueryEscape(origin),
		"one, and Keystone on a path": strings.Replace(signInURL(cloud, "acme", "openid", origin), "/v3", "/identity/v3", 1),
	} {
		for _, noJavaScript := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/noscript=%t", name, noJavaScript), func(t *testing.T) {
				b := &webssotest.Browser{User: "alice", Password: "wonderland", NoJavaScript: noJavaScript}
				page, err := b.Visit(at)
				if err != nil || page.Text != "thank you" {
					t.Fatal(page, err)
				}
				got := <-posts
				token := got.form.Get("token")
				if validate(t, cloud, token).status != http.StatusOK {
					t.Errorf("the token %q is none", token)
				}
				if got.form.Has("submit_no_javascript") != noJavaScript {
					t.Errorf("form %v", got.form)
				}
				for name, want := range map[string]string{
					"Content-Type": "application/x-www-form-urlencoded", "Origin": cloud.URL(), "Referer": cloud.URL() + "/",
					"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
				} {
					if is := got.header.Get(name); is != want {
						t.Errorf("%s: %q, want %q", name, is, want)
					}
				}
			})
		}
	}
}

func TestWebSSOOverHTTPSTellsNoOrigin(t *testing.T) {
	cloud := webssotest.NewTLSKeystone(t)
	origin, posts := program(t, cloud)
	if page, err := browserOf(cloud, "alice", "wonderland").Visit(signInURL(cloud, "acme", "openid", origin)); err != nil {
		t.Fatal(page, err)
	}
	got := <-posts
	if origin, referer := got.header.Get("Origin"), got.header.Get("Referer"); origin != "null" || referer != "" {
		t.Errorf("Origin %q, Referer %q", origin, referer)
	}
}

// What Keystone refuses, the browser shows, and no program hears of it.
func TestWebSSORefusals(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	u, _ := url.Parse(origin)
	noOrigin, _, _ := strings.Cut(signInURL(cloud, "acme", "openid", origin), "?")
	for _, tt := range []struct {
		name, at string
		status   int
		logins   int
		text     string
	}{
		{"no origin", noOrigin, 400, 1, "Request must have an origin query parameter"},
		{"empty origin", signInURL(cloud, "acme", "openid", ""), 400, 1, "Request must have an origin query parameter"},
		{"unknown identity provider", signInURL(cloud, "acne", "openid", origin), 404, 0, "Could not find Identity Provider: acne"},
		{"identity provider with a slash", signInURL(cloud, "ac%2Fme", "openid", origin), 404, 0, "Could not find Identity Provider: ac/me"},
		{"unknown identity provider, no origin", signInURL(cloud, "acne", "openid", ""), 400, 0, "Request must have an origin query parameter"},
		{"unknown identity provider, untrusted origin", signInURL(cloud, "acne", "openid", origin+"x"), 401, 0, "requires authentication"},
		{"unknown both", signInURL(cloud, "acne", "kerberos", origin), 401, 0, "unsupported method"},
		{"unknown protocol", signInURL(cloud, "acme", "kerberos", origin), 401, 0, "Attempted to authenticate with an unsupported method."},
		{"unknown protocol alone", cloud.URL() + "/v3/auth/OS-FEDERATION/websso/kerberos?origin=" + origin, 401, 0, "requires authentication"},
		{"without the slash", signInURL(cloud, "acme", "openid", strings.TrimSuffix(origin, "/")), 401, 1, "requires authentication"},
		{"with a query", signInURL(cloud, "acme", "openid", origin+"?state=x"), 401, 1, "requires authentication"},
		{"longer path", signInURL(cloud, "acme", "openid", origin+"x"), 401, 1, "requires authentication"},
		{"127.0.0.1", signInURL(cloud, "acme", "openid", "http://127.0.0.1:"+u.Port()+"/auth/websso/"), 401, 1, "requires authentication"},
		{"[::1]", signInURL(cloud, "acme", "openid", "http://[::1]:"+u.Port()+"/auth/websso/"), 401, 1, "requires authentication"},
		{"LOCALHOST", signInURL(cloud, "acme", "openid", "http://LOCALHOST:"+u.Port()+"/auth/websso/"), 401, 1, "requires authentication"},
		{"another port", signInURL(cloud, "acme", "openid", "http://localhost:1/auth/websso/"), 401, 1, "requires authentication"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := cloud.Logins()
			b := &webssotest.Browser{User: "alice", Password: "wonderland"}
			page, err := b.Visit(tt.at)
			if err != nil || page.OK || page.Status != tt.status || !strings.Contains(page.Text, tt.text) {
				t.Errorf("%+v, %v; want %d: …%s…", page, err, tt.status, tt.text)
			}
			if n := cloud.Logins() - before; n != tt.logins {
				t.Errorf("the person signed in %d times, want %d", n, tt.logins)
			}
			select {
			case <-posts:
				t.Error("the program got a token")
			default:
			}
		})
	}
}

func TestIdentityProviderRemembers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	b := &webssotest.Browser{User: "alice", Password: "wonderland"}
	visit := func(at string, logins int) {
		t.Helper()
		if page, err := b.Visit(at); err != nil {
			t.Fatal(page, err)
		}
		<-posts
		if n := cloud.Logins(); n != logins {
			t.Errorf("%d logins, want %d", n, logins)
		}
	}
	visit(signInURL(cloud, "acme", "openid", origin), 1)
	visit(signInURL(cloud, "acme", "mapped", origin), 1)
	visit(signInURL(cloud, "citrus", "openid", origin), 2)
	visit(signInURL(cloud, "acme", "openid", origin), 2)

	signOut(t, cloud, b)
	visit(signInURL(cloud, "acme", "openid", origin), 3)
	visit(signInURL(cloud, "citrus", "openid", origin), 3)
	if n := cloud.SignIns(); n != 6 {
		t.Errorf("%d sign-ins, want 6", n)
	}
}

// signOut ends the browser's session with acme, whose address only a redirect tells.
func signOut(t *testing.T, cloud *webssotest.Keystone, b *webssotest.Browser) {
	t.Helper()
	at := strings.TrimPrefix(signInURL(cloud, "acme", "openid", "x"), cloud.URL())
	signIn, _, _ := strings.Cut(ask(t, cloud, "GET", at, "").header.Get("Location"), "?")
	// The page has a form to sign in again, which the browser would do.
	closed := errors.New("closed")
	b.Before = func(step webssotest.Step, _ *http.Request) error {
		if step == webssotest.StepLogin {
			return closed
		}
		return nil
	}
	defer func() { b.Before = nil }()
	if page, err := b.Visit(strings.Replace(signIn, "/sign-in", "/sign-out", 1)); !errors.Is(err, closed) {
		t.Fatalf("got %+v, error %v; want a form to sign in again", page, err)
	}
}

func TestIdentityProviderRefuses(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for _, b := range []*webssotest.Browser{
		{User: "alice", Password: "builder"},
		{User: "alice"},
		{User: "Alice", Password: "wonderland"},
		{User: "nobody", Password: "wonderland"},
		{User: "admin", Password: "secret"},
		{},
	} {
		origin, posts := program(t, cloud)
		page, err := b.Visit(signInURL(cloud, "acme", "openid", origin))
		if err != nil || page.Status != http.StatusUnauthorized || !strings.Contains(page.Text, "Wrong user name or password.") {
			t.Errorf("%s: %+v, %v", b.User, page, err)
		}
		if len(posts) > 0 {
			t.Errorf("%s got in", b.User)
		}
	}
	if n := cloud.Logins(); n != 0 {
		t.Errorf("%d logins", n)
	}
}

func TestDisabledUserIsRefusedByKeystone(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	cloud.DisableUser("alice")
	b := &webssotest.Browser{User: "alice", Password: "wonderland"}
	page, err := b.Visit(signInURL(cloud, "acme", "openid", origin))
	if err != nil || page.Status != http.StatusUnauthorized || len(posts) > 0 || cloud.Logins() != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}

// Somebody who lures a browser to the end of a flow that is not its own gets nothing.
func TestComingBackWithoutHavingLeft(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for _, query := range []string{"", "?state=x&code=y", "?code=y", "?state=x"} {
		if got := ask(t, cloud, "GET", "/v3/auth/OS-FEDERATION/oidc_redirect"+query, "", "Cookie", "keystone_flow=x"); got.status != http.StatusBadRequest {
			t.Errorf("%q: %d", query, got.status)
		}
	}
	// A whole sign-in, whose last redirect is followed by another browser.
	var lure string
	b := &webssotest.Browser{User: "bob", Password: "builder", Before: func(_ webssotest.Step, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/oidc_redirect") {
			lure = r.URL.RequestURI()
			return http.ErrAbortHandler
		}
		return nil
	}}
	origin, _ := program(t, cloud)
	if _, err := b.Visit(signInURL(cloud, "acme", "openid", origin)); err == nil || lure == "" {
		t.Fatal(err, lure)
	}
	for _, cookie := range []string{"", "keystone_flow=", "keystone_flow=x", "keystone_session=x"} {
		if got := ask(t, cloud, "GET", lure, "", "Cookie", cookie); got.status != http.StatusBadRequest {
			t.Errorf("with cookie %q: %d %s", cookie, got.status, got.text)
		}
	}
}

func TestCookies(t *testing.T) {
	cloud := webssotest.NewTLSKeystone(t)
	origin, _ := program(t, cloud)
	at := strings.TrimPrefix(signInURL(cloud, "acme", "openid", origin), cloud.URL())
	got := ask(t, cloud, "GET", at, "")
	cookie := got.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%s is missing in %q", want, cookie)
		}
	}
	if got.status != http.StatusFound {
		t.Error(got.status)
	}
}
