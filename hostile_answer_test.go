package websso_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// TestEndlessAnswers has answers that would fill the memory.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"a token": http.StatusCreated, "an error": http.StatusServiceUnavailable, "a refusal": http.StatusUnauthorized} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			opts.Scope = nil
			authenticate(t, ks, opts)
			var sent atomic.Int64
			ks.Configure(func(c *webssotest.Config) {
				c.Intercept = func(*http.Request) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("X-Subject-Token", "x")
						w.WriteHeader(status)
						spaces := strings.Repeat(" ", 1<<20)
						for sent.Load() < 64<<20 {
							n, err := io.WriteString(w, spaces)
							if sent.Add(int64(n)); err != nil {
								return
							}
						}
						fmt.Fprint(w, `{"token":{"expires_at":"2099-01-01T00:00:00Z"}}`)
					})
				}
			})
			opts.Scope, opts.NonInteractive = project("demo"), true
			err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
			if err == nil || errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("got error %v, want one about the answer", err)
			} else if status == http.StatusCreated && !strings.Contains(err.Error(), "larger than 16 MiB") {
				t.Errorf("got error %v, want it to say that the answer is too large", err)
			}
			if n := sent.Load(); n >= 64<<20 {
				t.Errorf("got %d bytes read, want the answer cut off", n)
			}
		})
	}
}

// TestNoTokenInInnerErrors looks at gophercloud's own error, which callers get with
// errors.As and may log whole.
func TestNoTokenInInnerErrors(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	token := client.Token()
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Echo", "your token "+r.Header.Get("X-Auth-Token"))
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprintf(w, `{"error":{"code":500,"message":"Could not find token: %s."}}`, r.Header.Get("X-Auth-Token"))
			})
		}
	})
	var answer gophercloud.ErrUnexpectedResponseCode
	opts.Scope, opts.NonInteractive = project("lab"), true
	for _, err := range []error{
		websso.Authenticate(t.Context(), newClient(t, ks), opts),
		websso.Logout(t.Context(), client, opts),
	} {
		if !errors.As(err, &answer) {
			t.Fatalf("got error %v, want Keystone's", err)
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			text := fmt.Sprintf(format, answer) + string(answer.Body) + fmt.Sprint(answer.ResponseHeader)
			if strings.Contains(text, token) || strings.Contains(text, "gAAAA") {
				t.Errorf("%s: got a token in %s", format, text)
			}
		}
	}
}

// TestPrintedCache prints the exported type that holds sign-ins.
func TestPrintedCache(t *testing.T) {
	t.Parallel()
	cache := &websso.MemoryCache{}
	must(t, cache.Set("key", "secret"))
	for _, printed := range []any{cache, websso.AuthOptions{Cache: cache}, &websso.AuthOptions{Cache: cache}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(format, printed); strings.Contains(text, "secret") {
				t.Errorf("%s: got the value in %s", format, text)
			}
		}
	}
}

// TestImportedUserStaysApart has another user's sign-in imported while a program runs.
func TestImportedUserStaysApart(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ks *webssotest.Keystone, token string){
		"its token dies":   func(ks *webssotest.Keystone, token string) { ks.Revoke(token) },
		"its sign-in dies": func(ks *webssotest.Keystone, _ string) { ks.RevokeAll() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			alice := signInAs(t, ks, opts, "alice")
			there := ks.AuthOptions()
			there.Cache = &websso.MemoryCache{}
			there.OpenURL = browserOf(ks, "bob").Open
			end(ks, alice.Token())
			text, err := websso.Export(t.Context(), newClient(t, ks), there)
			must(t, err)
			must(t, websso.Import(t.Context(), newClient(t, ks), opts, text))
			if _, err := serverNames(t, alice); err != nil && !loginRequired(err) {
				t.Errorf("got error %v, want none or ErrLoginRequired", err)
			}
			if got := userOf(t, alice); got != "alice" {
				t.Errorf("got a program that became %s, want alice", got)
			}
			// What it did about its own token is none of bob's business.
			opts.OpenURL = noBrowser(t)
			if again, _ := authenticate(t, ks, opts); userOf(t, again) != "bob" {
				t.Errorf("got %s from the cache, want bob", userOf(t, again))
			}
		})
	}
}

// TestCloudInstalledAnew has another Keystone at the same address, which knows neither the
// tokens nor the users of the one before.
func TestCloudInstalledAnew(t *testing.T) {
	t.Parallel()
	before, now := webssotest.NewKeystone(t), webssotest.NewKeystone(t)
	opts := now.AuthOptions()
	old := &webssotest.Terminal{}
	// The first sign-in is to the old one, through a proxy that is then changed.
	first := before.AuthOptions()
	first.Cache, first.Output = opts.Cache, old
	first.IdentityEndpoint = "http://cloud.example"
	var installed atomic.Pointer[webssotest.Keystone]
	installed.Store(before)
	client := func() *gophercloud.ProviderClient {
		c := &gophercloud.ProviderClient{}
		c.HTTPClient.Transport = redirected(func(r *http.Request) { r.URL.Host = strings.TrimPrefix(installed.Load().URL(), "http://") })
		c.UseTokenLock()
		return c
	}
	first.OpenURL = through(&installed, browserOf(before, "alice"))
	running := client()
	must(t, websso.Authenticate(t.Context(), running, first))
	token := running.Token()
	for _, spelling := range []string{"http://cloud.example:", "HTTP://CLOUD.example:80//v3/", "http://cloud.example:/v3"} {
		same := first
		same.IdentityEndpoint = spelling
		if who, err := websso.Status(same); err != nil || who.UserName != "alice" {
			t.Errorf("%s: got %v and error %v, want alice", spelling, who, err)
		}
	}

	installed.Store(now)
	opts.IdentityEndpoint = first.IdentityEndpoint
	opts.NonInteractive = true
	lab := opts
	lab.Scope = project("lab")
	if err := websso.Authenticate(t.Context(), client(), lab); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got error %v, want ErrLoginRequired: the old sign-in is nobody's", err)
	}
	out := &webssotest.Terminal{}
	opts.NonInteractive, opts.Output = false, out
	opts.OpenURL = through(&installed, browserOf(now, "bob"))
	opts.ForceLogin = true
	bob := client()
	must(t, websso.Authenticate(t.Context(), bob, opts))
	if userOf(t, bob) != "bob" || bob.Token() == token {
		t.Errorf("got %s, want bob with a token of the new cloud's", userOf(t, bob))
	}
	if !strings.Contains(out.String(), "the last sign-in here was by alice") {
		t.Errorf("got output %q, want it to say that it was alice before", out)
	}
	if err := running.Reauthenticate(t.Context(), token); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got error %v for the program that ran before, want ErrLoginRequired", err)
	}
	if running.Token() != token {
		t.Error("got another token for the program that ran before, want its own")
	}
}

// redirected is a transport that changes requests.
type redirected func(*http.Request)

func (f redirected) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	f(r)
	return http.DefaultTransport.RoundTrip(r)
}

// through opens the browser at the Keystone that is installed.
func through(installed *atomic.Pointer[webssotest.Keystone], browser *webssotest.Browser) func(string) error {
	browser.Before = func(_ webssotest.Step, r *http.Request) error {
		if r.URL.Host == "cloud.example" {
			r.URL.Host = strings.TrimPrefix(installed.Load().URL(), "http://")
			r.Host = r.URL.Host
		}
		return nil
	}
	return browser.Open
}
