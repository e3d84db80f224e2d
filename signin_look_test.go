package websso_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// TestLookFindsMistakes makes one mistake at a time. No browser may open, and the error
// names the setting.
func TestLookFindsMistakes(t *testing.T) {
	t.Parallel()
	// Something that is not Keystone, at several addresses.
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/page/"):
			fmt.Fprint(w, "<!doctype html><title>Horizon</title>")
		case strings.HasPrefix(r.URL.Path, "/json/"):
			fmt.Fprint(w, `{"version": {"id": "v2.1"}}`)
		case strings.HasPrefix(r.URL.Path, "/moved/"):
			http.Redirect(w, r, "https://keystone.example.com/v3?token=x", http.StatusMovedPermanently)
		case strings.HasPrefix(r.URL.Path, "/tls/"):
			http.Error(w, "The plain HTTP request was sent to HTTPS port", http.StatusBadRequest)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(other.Close)
	for name, tt := range map[string]struct {
		change func(*websso.AuthOptions)
		says   []string
	}{
		"identity provider": {func(o *websso.AuthOptions) { o.IdentityProvider = "acmee" }, []string{"IdentityProvider", "acmee"}},
		"protocol":          {func(o *websso.AuthOptions) { o.Protocol = "opnid" }, []string{"Protocol"}},
		"guarded provider":  {func(o *websso.AuthOptions) { o.IdentityProvider = "acmee" }, []string{"correct IdentityProvider", "acmee"}},
		"guarded protocol":  {func(o *websso.AuthOptions) { o.Protocol = "saml2" }, []string{"correct Protocol", "saml2"}},
		"refused port":      {func(o *websso.AuthOptions) { o.IdentityEndpoint = "http://" + closedPort }, []string{"IdentityEndpoint", closedPort}},
		"unknown host":      {func(o *websso.AuthOptions) { o.IdentityEndpoint = "http://keystone.invalid" }, []string{"IdentityEndpoint", "no host keystone.invalid"}},
		"a page":            {func(o *websso.AuthOptions) { o.IdentityEndpoint = other.URL + "/page" }, []string{"IdentityEndpoint", "not Keystone's"}},
		"another service":   {func(o *websso.AuthOptions) { o.IdentityEndpoint = other.URL + "/json" }, []string{"IdentityEndpoint", "not Keystone's"}},
		"nothing there":     {func(o *websso.AuthOptions) { o.IdentityEndpoint = other.URL + "/nothing" }, []string{"IdentityEndpoint", "404"}},
		"moved":             {func(o *websso.AuthOptions) { o.IdentityEndpoint = other.URL + "/moved" }, []string{"IdentityEndpoint", "https://keystone.example.com/v3 is"}},
		"http for https":    {func(o *websso.AuthOptions) { o.IdentityEndpoint = other.URL + "/tls" }, []string{"IdentityEndpoint", "speaks https"}},
		"https for http":    {func(o *websso.AuthOptions) { o.IdentityEndpoint = strings.Replace(other.URL, "http:", "https:", 1) }, []string{"IdentityEndpoint", "speaks http,"}},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			ks.Configure(func(c *webssotest.Config) { c.Quirks.GuardAll = strings.HasPrefix(name, "guarded") })
			opts.OpenURL = noBrowser(t)
			tt.change(&opts)
			_, err := websso.AuthenticatedClient(t.Context(), opts)
			first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
			wantSaid(t, errors.New(first), tt.says...)
			if out := ks.Terminal().String(); out != "" {
				t.Errorf("got output %q, want none", out)
			}
		})
	}
}

func TestLookFindsUntrustedCertificate(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewTLSKeystone(t)
	opts := ks.AuthOptions()
	opts.OpenURL = noBrowser(t)
	client, err := openstack.NewClient(ks.URL())
	must(t, err)
	wantSaid(t, websso.Authenticate(t.Context(), client, opts), "a CA that this computer does not trust", "RootCAs")
	client = newClient(t, ks)
	transport := client.HTTPClient.Transport.(*http.Transport)
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(ks.URL(), "https://"))
	}
	wrong, err := openstack.NewClient("https://other.example")
	must(t, err)
	wrong.HTTPClient.Transport = transport
	opts.IdentityEndpoint = ""
	wantSaid(t, websso.Authenticate(t.Context(), wrong, opts), "is for another name")
}

// TestLookStopsNoGoodSignIn has answers that say nothing about the settings.
func TestLookStopsNoGoodSignIn(t *testing.T) {
	t.Parallel()
	answer := func(match func(*http.Request) bool, h http.Handler) func(*webssotest.Config) {
		return func(c *webssotest.Config) {
			c.Intercept = func(r *http.Request) http.Handler {
				// A browser's requests have Fetch metadata.
				if r.Header.Get("Sec-Fetch-Mode") == "" && match(r) {
					return h
				}
				return nil
			}
		}
	}
	root := func(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.Path == "/v3" }
	begin := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/websso") }
	for name, change := range map[string]func(*webssotest.Config){
		"a guard for all providers":     func(c *webssotest.Config) { c.Quirks.GuardAll = true },
		"Negotiate":                     func(c *webssotest.Config) { c.Quirks.Negotiate = true },
		"the root is refused":           answer(root, webssotest.Quirks{}.ForeignHTML(http.StatusForbidden)),
		"the root is hidden":            answer(root, webssotest.Quirks{}.ForeignHTML(http.StatusNotFound)),
		"the root fails":                answer(root, webssotest.Quirks{}.ForeignHTML(http.StatusBadGateway)),
		"the start fails":               answer(begin, webssotest.Quirks{}.ForeignHTML(http.StatusInternalServerError)),
		"the start is refused":          answer(begin, webssotest.Quirks{}.ForeignHTML(http.StatusForbidden)),
		"the start is another's 404":    answer(begin, webssotest.Quirks{}.ForeignHTML(http.StatusNotFound)),
		"the start wants a password":    answer(begin, webssotest.Quirks{}.ForeignHTML(http.StatusUnauthorized)),
		"a slash is added":              answer(root, http.RedirectHandler("/v3/", http.StatusMovedPermanently)),
		"the start is no program's":     answer(begin, webssotest.Quirks{}.ForeignJSON(http.StatusNotFound)),
		"the connection ends in a look": answer(begin, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			ks.Configure(change)
			authenticate(t, ks, ks.AuthOptions())
		})
	}
}
