package webssotest_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// A post is what Keystone's page posts to a program.
type post struct {
	header http.Header
	form   url.Values
}

// program takes posts and does nothing with them. It returns the origin by which the
// Keystone knows it.
func program(t *testing.T, cloud *webssotest.Keystone) (origin string, posts <-chan post) {
	t.Helper()
	got := make(chan post, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/auth/websso/" && r.ParseForm() == nil {
			got <- post{r.Header, r.PostForm}
		}
		fmt.Fprint(w, "thank you")
	}))
	t.Cleanup(s.Close)
	origin = strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/auth/websso/"
	cloud.Configure(func(c *webssotest.Config) { c.TrustedDashboards = append(c.TrustedDashboards, origin) })
	return origin, got
}

func signInURL(cloud *webssotest.Keystone, idp, protocol, origin string) string {
	return cloud.URL() + "/v3/auth/OS-FEDERATION/identity_providers/" + idp + "/protocols/" + protocol + "/websso?origin=" + url.QueryEscape(origin)
}

func TestWebSSO(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	for name, at := range map[string]string{
		"an identity provider":           signInURL(cloud, "acme", "openid", origin),
		"the other identity provider":    signInURL(cloud, "citrus", "mapped", origin),
		"no identity provider":           cloud.URL() + "/v3/auth/OS-FEDERATION/websso/openid?origin=" + url.QueryEscape(origin),
		"one, with Keystone on a path":   strings.Replace(signInURL(cloud, "acme", "openid", origin), "/v3", "/identity/v3", 1),
		"one, with a name that is coded": signInURL(cloud, "%61cme", "openid", origin),
	} {
		for _, noJavaScript := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/NoJavaScript=%t", name, noJavaScript), func(t *testing.T) {
				b := &webssotest.Browser{User: "alice", Password: "wonderland", NoJavaScript: noJavaScript}
				page, err := b.Visit(at)
				if err != nil || page.Text != "thank you" {
					t.Fatalf("got %+v, error %v; want the program's page", page, err)
				}
				got := <-posts
				validate(t, cloud, got.form.Get("token")).want(http.StatusOK)
				if got.form.Has("submit_no_javascript") != noJavaScript {
					t.Errorf("got form %v, want submit_no_javascript only from a click", got.form)
				}
				for name, want := range map[string]string{
					"Content-Type": "application/x-www-form-urlencoded", "Origin": cloud.URL(), "Referer": cloud.URL() + "/",
					"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
				} {
					if is := got.header.Get(name); is != want {
						t.Errorf("got %s %q, want %q", name, is, want)
					}
				}
			})
		}
	}
}

func TestWebSSOOverHTTPSHidesTheOrigin(t *testing.T) {
	cloud := webssotest.NewTLSKeystone(t)
	origin, posts := program(t, cloud)
	if page, err := browserOf(cloud, "alice", "wonderland").Visit(signInURL(cloud, "acme", "openid", origin)); err != nil {
		t.Fatalf("got %+v, error %v", page, err)
	}
	got := <-posts
	if origin, referer := got.header.Get("Origin"), got.header.Get("Referer"); origin != "null" || referer != "" {
		t.Errorf("got Origin %q and Referer %q, want null and none", origin, referer)
	}
}

// Keystone's refusals of a sign-in.
const (
	noOrigin    = "Request must have an origin query parameter"
	refused     = "The request you have made requires authentication."
	unsupported = "Attempted to authenticate with an unsupported method."
	noSuchIDP   = "Could not find Identity Provider: "
)

// The browser shows what Keystone refuses, and the program gets nothing.
func TestWebSSORefusals(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	u, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	without, _, _ := strings.Cut(signInURL(cloud, "acme", "openid", origin), "?")
	for _, tt := range []struct {
		name, at string
		status   int
		logins   int
		text     string
	}{
		{"no origin", without, 400, 1, noOrigin},
		{"empty origin", signInURL(cloud, "acme", "openid", ""), 400, 1, noOrigin},
		{"unknown identity provider", signInURL(cloud, "acne", "openid", origin), 404, 0, noSuchIDP + "acne."},
		{"identity provider with a slash", signInURL(cloud, "ac%2Fme", "openid", origin), 404, 0, noSuchIDP + "ac/me."},
		{"unknown identity provider, no origin", signInURL(cloud, "acne", "openid", ""), 400, 0, noOrigin},
		{"unknown identity provider, untrusted origin", signInURL(cloud, "acne", "openid", origin+"x"), 401, 0, refused},
		{"unknown both", signInURL(cloud, "acne", "kerberos", origin), 401, 0, unsupported},
		{"unknown protocol", signInURL(cloud, "acme", "kerberos", origin), 401, 0, unsupported},
		{"unknown protocol alone", cloud.URL() + "/v3/auth/OS-FEDERATION/websso/kerberos?origin=" + origin, 401, 0, refused},
		{"without the slash", signInURL(cloud, "acme", "openid", strings.TrimSuffix(origin, "/")), 401, 1, refused},
		{"with a query", signInURL(cloud, "acme", "openid", origin+"?state=x"), 401, 1, refused},
		{"longer path", signInURL(cloud, "acme", "openid", origin+"x"), 401, 1, refused},
		{"127.0.0.1", signInURL(cloud, "acme", "openid", "http://127.0.0.1:"+u.Port()+"/auth/websso/"), 401, 1, refused},
		{"[::1]", signInURL(cloud, "acme", "openid", "http://[::1]:"+u.Port()+"/auth/websso/"), 401, 1, refused},
		{"LOCALHOST", signInURL(cloud, "acme", "openid", "http://LOCALHOST:"+u.Port()+"/auth/websso/"), 401, 1, refused},
		{"another port", signInURL(cloud, "acme", "openid", "http://localhost:1/auth/websso/"), 401, 1, refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := cloud.Logins()
			b := &webssotest.Browser{User: "alice", Password: "wonderland"}
			page, err := b.Visit(tt.at)
			if err != nil || page.OK || page.Status != tt.status || !strings.Contains(page.Text, tt.text) {
				t.Errorf("got %+v, error %v; want status %d and …%s…", page, err, tt.status, tt.text)
			}
			if n := cloud.Logins() - before; n != tt.logins {
				t.Errorf("got %d logins, want %d", n, tt.logins)
			}
			if len(posts) > 0 {
				t.Errorf("got post %v, want none", <-posts)
			}
		})
	}
}

// What a program sees that looks at WebSSO addresses without a browser.
func TestWebSSOAddresses(t *testing.T) {
	type want struct {
		status    int
		message   string // Keystone's, or "" if the answer is not Keystone's
		challenge string // how the WWW-Authenticate begins
	}
	const keystone = "Keystone uri="
	away := want{302, "", ""}
	negotiate := want{401, "", "Negotiate"}
	for _, tt := range []struct {
		name                               string
		configure                          func(*webssotest.Config)
		known, unknownIDP, unknownProtocol want
	}{
		{
			"plain", func(*webssotest.Config) {},
			away,
			want{404, noSuchIDP + "acne.", ""},
			want{401, unsupported, keystone},
		},
		{
			"UnknownProvider401", func(c *webssotest.Config) { c.Quirks.UnknownProvider401 = true },
			away,
			want{401, refused, keystone},
			want{401, unsupported, keystone},
		},
		{"GuardAll", func(c *webssotest.Config) { c.Quirks.GuardAll = true }, away, away, away},
		{"Negotiate", func(c *webssotest.Config) { c.Quirks.Negotiate = true }, negotiate, negotiate, negotiate},
		{"Negotiate and GuardAll", func(c *webssotest.Config) { c.Quirks.Negotiate, c.Quirks.GuardAll = true, true }, negotiate, negotiate, negotiate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := webssotest.NewKeystone(t)
			origin, _ := program(t, cloud)
			cloud.Configure(tt.configure)
			for at, want := range map[string]want{
				signInURL(cloud, "acme", "openid", origin):   tt.known,
				signInURL(cloud, "acne", "openid", origin):   tt.unknownIDP,
				signInURL(cloud, "acme", "kerberos", origin): tt.unknownProtocol,
			} {
				got := ask(t, cloud, "GET", strings.TrimPrefix(at, cloud.URL()), "").want(want.status)
				if is := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(is, want.challenge) || is != "" && want.challenge == "" {
					t.Errorf("got challenge %q, want %s…", is, want.challenge)
				}
				if want.message != "" {
					got.wantMessage(want.status, want.message)
				} else if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
					t.Errorf("got content type %q, want text/html", kind)
				}
			}
		})
	}
}

// However the web server asks for it, the sign-in works.
func TestSignInBehindGuards(t *testing.T) {
	for name, configure := range map[string]func(*webssotest.Config){
		"GuardAll":               func(c *webssotest.Config) { c.Quirks.GuardAll = true },
		"Negotiate":              func(c *webssotest.Config) { c.Quirks.Negotiate = true },
		"UnknownProvider401":     func(c *webssotest.Config) { c.Quirks.UnknownProvider401 = true },
		"Negotiate and GuardAll": func(c *webssotest.Config) { c.Quirks.Negotiate, c.Quirks.GuardAll = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := webssotest.NewKeystone(t)
			cloud.Configure(configure)
			if _, err := websso.AuthenticatedClient(t.Context(), cloud.AuthOptions()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Behind a guard, Keystone's refusals show after the sign-in.
func TestRefusalsBehindGuards(t *testing.T) {
	for name, configure := range map[string]func(*webssotest.Config){
		"GuardAll":  func(c *webssotest.Config) { c.Quirks.GuardAll = true },
		"Negotiate": func(c *webssotest.Config) { c.Quirks.Negotiate = true },
	} {
		cloud := webssotest.NewKeystone(t)
		origin, _ := program(t, cloud)
		cloud.Configure(configure)
		for at, want := range map[string]string{
			signInURL(cloud, "acne", "openid", origin):      noSuchIDP + "acne.",
			signInURL(cloud, "acme", "kerberos", origin):    unsupported,
			signInURL(cloud, "acme", "openid", ""):          noOrigin,
			signInURL(cloud, "acme", "openid", origin+"?x"): refused,
		} {
			page, err := browserOf(cloud, "alice", "wonderland").Visit(at)
			if err != nil || !strings.Contains(page.Text, want) || !strings.HasPrefix(page.URL, cloud.URL()) {
				t.Errorf("%s: got %+v, error %v; want …%s…", name, page, err, want)
			}
		}
	}
}

func TestNegotiateRefuses(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, _ := program(t, cloud)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.Negotiate = true })
	at := strings.TrimPrefix(signInURL(cloud, "acme", "openid", origin), cloud.URL())
	ticket := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, authorization := range []string{
		"", "Negotiate", "Negotiate ", "Negotiate !", "Negotiate " + ticket("alice"), "Negotiate " + ticket("alice:builder"),
		"Negotiate " + ticket("nobody:x"), "Negotiate " + ticket("admin:secret"), "Basic " + ticket("alice:wonderland"),
	} {
		got := ask(t, cloud, "GET", at, "", "Authorization", authorization).want(http.StatusUnauthorized)
		if challenge := got.header.Get("WWW-Authenticate"); challenge != "Negotiate" {
			t.Errorf("%q: got challenge %q, want Negotiate", authorization, challenge)
		}
	}
	page, err := browserOf(cloud, "alice", "x").Visit(cloud.URL() + at)
	if err != nil || page.Status != http.StatusUnauthorized {
		t.Errorf("got %+v, error %v; want a page with status 401", page, err)
	}
	if got := cloud.SignIns(); got != 0 {
		t.Errorf("got %d sign-ins, want none", got)
	}
}

func TestIdentityProviderRemembers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	b := &webssotest.Browser{User: "alice", Password: "wonderland"}
	visit := func(idp, protocol string, logins int) {
		t.Helper()
		if page, err := b.Visit(signInURL(cloud, idp, protocol, origin)); err != nil {
			t.Fatalf("got %+v, error %v", page, err)
		}
		<-posts
		if n := cloud.Logins(); n != logins {
			t.Errorf("got %d logins, want %d", n, logins)
		}
	}
	visit("acme", "openid", 1)
	visit("acme", "mapped", 1)
	visit("citrus", "openid", 2)
	visit("acme", "openid", 2)
	signOut(t, cloud, b)
	visit("acme", "openid", 2) // the web server in front of Keystone has a session of its own
	visit("citrus", "openid", 2)
	visit("acme", "openid", 3)
	if n := cloud.SignIns(); n != 7 {
		t.Errorf("got %d sign-ins, want 7", n)
	}
}

// signOut ends the browser's session with acme, whose address only a redirect has.
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
	origin, posts := program(t, cloud)
	for _, b := range []*webssotest.Browser{
		{User: "alice", Password: "builder"},
		{User: "alice"},
		{User: "Alice", Password: "wonderland"},
		{User: "nobody", Password: "wonderland"},
		{User: "admin", Password: "secret"},
		{},
	} {
		page, err := b.Visit(signInURL(cloud, "acme", "openid", origin))
		if err != nil || page.Status != http.StatusUnauthorized || !strings.Contains(page.Text, "Wrong user name or password.") {
			t.Errorf("%s: got %+v, error %v; want the form again with status 401", b.User, page, err)
		}
	}
	if n := cloud.Logins(); n != 0 || len(posts) != 0 {
		t.Errorf("got %d logins and %d posts, want none", n, len(posts))
	}
}

func TestDisabledUserIsRefusedByKeystone(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	cloud.DisableUser("alice")
	b := &webssotest.Browser{User: "alice", Password: "wonderland"}
	page, err := b.Visit(signInURL(cloud, "acme", "openid", origin))
	if err != nil || page.Status != http.StatusUnauthorized || len(posts) > 0 || cloud.Logins() != 1 {
		t.Errorf("got %+v, error %v, %d posts, %d logins; want status 401 after one login", page, err, len(posts), cloud.Logins())
	}
}

// A browser that is lured to the end of another browser's flow gets nothing.
func TestOnlyTheBrowserThatLeftComesBack(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for _, query := range []string{"", "?state=x&code=y", "?code=y", "?state=x"} {
		ask(t, cloud, "GET", "/v3/auth/OS-FEDERATION/oidc_redirect"+query, "", "Cookie", "keystone_flow=x").want(http.StatusBadRequest)
	}
	// Another browser follows the last redirect of a sign-in.
	var lure string
	b := &webssotest.Browser{User: "bob", Password: "builder", Before: func(_ webssotest.Step, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/oidc_redirect") {
			lure = r.URL.RequestURI()
			return http.ErrAbortHandler
		}
		return nil
	}}
	origin, _ := program(t, cloud)
	if _, err := b.Visit(signInURL(cloud, "acme", "openid", origin)); !errors.Is(err, http.ErrAbortHandler) || lure == "" {
		t.Fatalf("got error %v and address %q, want the last redirect's", err, lure)
	}
	for _, cookie := range []string{"", "keystone_flow=", "keystone_flow=x", "keystone_session=x"} {
		ask(t, cloud, "GET", lure, "", "Cookie", cookie).want(http.StatusBadRequest)
	}
}

func TestCookies(t *testing.T) {
	cloud := webssotest.NewTLSKeystone(t)
	origin, _ := program(t, cloud)
	at := strings.TrimPrefix(signInURL(cloud, "acme", "openid", origin), cloud.URL())
	cookie := ask(t, cloud, "GET", at, "").want(http.StatusFound).header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("got cookie %q, want %s in it", cookie, want)
		}
	}
}

// TestCallbackForm looks at both templates that Keystone has had, and signs in by each.
func TestCallbackForm(t *testing.T) {
	for html5, want := range map[bool]string{false: `<script type="text/javascript">`, true: `<script>`} {
		cloud := webssotest.NewKeystone(t)
		cloud.Configure(func(c *webssotest.Config) { c.Quirks.Negotiate, c.Quirks.HTML5Form = true, html5 })
		opts := cloud.AuthOptions()
		at := fmt.Sprintf("/v3/auth/OS-FEDERATION/websso/openid?origin=http://localhost:%d/auth/websso/", opts.RedirectPort)
		got := ask(t, cloud, "GET", at, "", "Authorization", "Negotiate "+base64.StdEncoding.EncodeToString([]byte("alice:wonderland")))
		if text := got.text; !strings.Contains(text, want) || strings.Contains(text, "/>") == html5 {
			t.Errorf("HTML5 %v: got %s, want it with %s", html5, text, want)
		}
		for _, noJavaScript := range []bool{false, true} {
			cloud.Browser().NoJavaScript = noJavaScript
			opts.Cache = &websso.MemoryCache{}
			if _, err := websso.AuthenticatedClient(t.Context(), opts); err != nil {
				t.Errorf("HTML5 %v, NoJavaScript %v: %v", html5, noJavaScript, err)
			}
		}
	}
}
