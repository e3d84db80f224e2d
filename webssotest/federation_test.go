package webssotest_test

import (
	"encoding/base64"
	"fmt"
	"io"
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
				validate(t, cloud, got.form.Get("token")).Is(t, http.StatusOK)
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
	unsupported = "Attempted to authenticate with an unsupported method."
	noSuchIDP   = "Could not find Identity Provider: "
)

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
		{"GuardAll", func(c *webssotest.Config) { c.Quirks.GuardAll = true }, away, away, away},
		{"Negotiate", func(c *webssotest.Config) { c.Quirks.Negotiate = true }, negotiate, negotiate, negotiate},
		{"Negotiate and GuardAll", func(c *webssotest.Config) { c.Quirks.Negotiate, c.Quirks.GuardAll = true, true }, negotiate, negotiate, negotiate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := webssotest.NewKeystone(t)
			origin, _ := program(t, cloud)
			cloud.Configure(tt.configure)
			for address, want := range map[string]want{
				signInURL(cloud, "acme", "openid", origin):   tt.known,
				signInURL(cloud, "acne", "openid", origin):   tt.unknownIDP,
				signInURL(cloud, "acme", "kerberos", origin): tt.unknownProtocol,
			} {
				got := at(cloud).Ask(t, "GET "+strings.TrimPrefix(address, cloud.URL()), "", "", "")
				got.Is(t, want.status)
				if is := got.Header.Get("WWW-Authenticate"); !strings.HasPrefix(is, want.challenge) || is != "" && want.challenge == "" {
					t.Errorf("got challenge %q, want %s…", is, want.challenge)
				}
				if want.message != "" {
					got.Says(t, want.status, want.message)
				} else if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
					t.Errorf("got content type %q, want text/html", kind)
				}
			}
		})
	}
}

// TestCallbackForm looks at both templates that Keystone has had, and signs in by each.
func TestCallbackForm(t *testing.T) {
	for html5, want := range map[bool]string{false: `<script type="text/javascript">`, true: `<script>`} {
		cloud := webssotest.NewKeystone(t)
		cloud.Configure(func(c *webssotest.Config) { c.Quirks.Negotiate, c.Quirks.HTML5Form = true, html5 })
		opts := cloud.AuthOptions()
		address := fmt.Sprintf("%s/v3/auth/OS-FEDERATION/websso/openid?origin=http://localhost:%d/auth/websso/", cloud.URL(), opts.RedirectPort)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		r.Header.Set("Authorization", "Negotiate "+base64.StdEncoding.EncodeToString([]byte("alice:wonderland")))
		got, err := http.DefaultClient.Do(r)
		must(t, err)
		page, err := io.ReadAll(got.Body)
		must(t, err)
		got.Body.Close()
		if text := string(page); !strings.Contains(text, want) || strings.Contains(text, "/>") == html5 {
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
