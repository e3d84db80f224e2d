package websso_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
)

// signInAs signs a user in, in place of whoever is in the cache.
func signInAs(t testing.TB, ks *webssotest.Keystone, opts websso.AuthOptions, user string) *gophercloud.ProviderClient {
	t.Helper()
	opts.ForceLogin = true
	opts.OpenURL = browserOf(ks, user).Open
	client, _ := authenticate(t, ks, opts)
	if got := userOf(t, client); got != user {
		t.Fatalf("got a sign-in of %s, want %s", got, user)
	}
	return client
}

// TestReauthSameUser shows that a program stays who it is when another user's sign-in takes
// the place of its own in the cache.
func TestReauthSameUser(t *testing.T) {
	t.Parallel()
	t.Run("its sign-in lives", func(t *testing.T) {
		ks := webssotest.NewKeystone(t)
		opts := ks.AuthOptions()
		alice := signInAs(t, ks, opts, "alice")
		longer := opts
		longer.MinValidity, longer.OpenURL = 24*time.Hour, browserOf(ks, "bob").Open // ForceLogin would end alice's
		bob, _ := authenticate(t, ks, longer)
		ks.Revoke(alice.Token())
		if _, err := serverNames(t, alice); err != nil {
			t.Errorf("got error %v, want a new token from alice's own sign-in", err)
		}
		if got := userOf(t, alice); got != "alice" {
			t.Errorf("got a program that became %s, want alice", got)
		}
		opts.OpenURL = noBrowser(t)
		again, _ := authenticate(t, ks, opts)
		if got := userOf(t, again); got != "bob" || again.Token() != bob.Token() {
			t.Errorf("got %s from the cache, want bob and his token", got)
		}
	})
	t.Run("its sign-in is dead", func(t *testing.T) {
		ks := webssotest.NewKeystone(t)
		opts := ks.AuthOptions()
		alice := signInAs(t, ks, opts, "alice")
		ks.RevokeAll()
		bob := signInAs(t, ks, opts, "bob")
		if _, err := serverNames(t, alice); !loginRequired(err) {
			t.Errorf("got error %v, want ErrLoginRequired", err)
		}
		if got := userOf(t, alice); got != "alice" {
			t.Errorf("got a program that became %s, want alice", got)
		}
		opts.OpenURL = noBrowser(t)
		if again, _ := authenticate(t, ks, opts); again.Token() != bob.Token() {
			t.Error("got another token from the cache, want bob's")
		}
	})
	t.Run("another user at the browser", func(t *testing.T) {
		ks := webssotest.NewKeystone(t)
		opts := ks.AuthOptions()
		opts.AllowReauth = true
		authenticate(t, ks, opts)
		bob := browserOf(ks, "bob")
		opts.OpenURL = bob.Open
		client, _ := authenticate(t, ks, opts) // alice, from the cache
		ks.RevokeAll()
		var failed *gophercloud.ErrUnableToReauthenticate
		if _, err := serverNames(t, client); !errors.As(err, &failed) || !strings.Contains(failed.ErrReauth.Error(), "this program runs as alice") {
			t.Errorf("got error %v, want one that says whom the program runs as", err)
		}
		if page, err := bob.Result(); err == nil || page.OK {
			t.Errorf("got page %+v, want one that refuses bob", page)
		}
		signIns := ks.SignIns()
		if _, err := serverNames(t, client); !loginRequired(err) {
			t.Errorf("got error %v, want ErrLoginRequired", err)
		}
		wantSignIns(t, ks, signIns)
	})
}

// TestAuthenticateSaysNewUser calls Authenticate on a client that was another user's.
func TestAuthenticateSaysNewUser(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client := signInAs(t, ks, opts, "alice")
	signInAs(t, ks, opts, "bob")
	out := &webssotest.Terminal{}
	opts.Output = out
	must(t, websso.Authenticate(t.Context(), client, opts))
	if !strings.Contains(out.String(), "as alice, and is now as bob") {
		t.Errorf("got output %q, want the change of user", out)
	}
	again := &webssotest.Terminal{}
	opts.Output = again
	must(t, websso.Authenticate(t.Context(), client, opts))
	if again.String() != "" {
		t.Errorf("got output %q, want none", again)
	}
}

// listWith lists servers under ctx.
func listWith(ctx context.Context, client *gophercloud.ProviderClient) error {
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return err
	}
	_, err = servers.List(compute, nil).AllPages(ctx)
	return err
}

// TestReauthOutlivesRequest has a request that gives up while the user signs in: the
// sign-in goes on, and the next request uses it.
func TestReauthOutlivesRequest(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	opts.AllowReauth = true
	begun, goOn := make(chan struct{}), make(chan struct{})
	browser := browserOf(ks, "alice")
	opts.OpenURL = func(url string) error {
		close(begun)
		<-goOn
		return browser.Open(url)
	}
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- listWith(ctx, client) }()
	<-begun
	cancel()
	if err := <-ended; err == nil {
		t.Error("got no error, want that of the canceled request")
	}
	close(goOn)
	must(t, listWith(t.Context(), client))
	wantSignIns(t, ks, 2)
}

// TestConfirmAsksAgain has a Keystone that fails once when it is asked about the token that
// came back.
func TestConfirmAsksAgain(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	failures := 1
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(r *http.Request) http.Handler {
			if r.Method == http.MethodGet && r.URL.Path == "/v3/auth/tokens" && failures > 0 {
				failures--
				return webssotest.Quirks{}.ForeignHTML(http.StatusServiceUnavailable)
			}
			return nil
		}
	})
	authenticate(t, ks, ks.AuthOptions())
	wantSignIns(t, ks, 1)
}

// TestForeignErrors has an ingress or a proxy answer in the place of Keystone: that says
// nothing about a sign-in.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]http.Handler{
		"404 of an ingress": webssotest.Quirks{}.ForeignHTML(http.StatusNotFound),
		"401 of a proxy":    webssotest.Quirks{}.ForeignHTML(http.StatusUnauthorized),
		"404 in JSON":       webssotest.Quirks{}.ForeignJSON(http.StatusNotFound),
		"401 in JSON":       webssotest.Quirks{}.ForeignJSON(http.StatusUnauthorized),
		"503":               webssotest.Quirks{}.ForeignHTML(http.StatusServiceUnavailable),
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			client, _ := authenticate(t, ks, opts)
			// It also answers for a service, with a 401, so that the client asks.
			ks.Configure(func(c *webssotest.Config) {
				c.Quirks.ComputeRefuses = true
				c.Intercept = func(r *http.Request) http.Handler {
					if strings.HasPrefix(r.URL.Path, "/v3/auth/") {
						return foreign
					}
					return nil
				}
			})
			if _, err := serverNames(t, client); err == nil {
				t.Error("got no error, want one")
			}
			lab := opts
			lab.Scope = project("lab")
			lab.NonInteractive = true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), lab); err == nil || errors.Is(err, websso.ErrLoginRequired) || errors.Is(err, websso.ErrScope) {
				t.Errorf("got error %v, want the one of the answer", err)
			}
			ks.Configure(func(c *webssotest.Config) { c.Quirks.ComputeRefuses, c.Intercept = false, nil })
			opts.OpenURL = noBrowser(t)
			if _, n := authenticate(t, ks, opts); len(n) != 0 {
				t.Errorf("got requests %v, want the token still cached", n)
			}
		})
	}
}

// TestReauthKeepsTokenInOutage has a service refuse a token that is older than its trust,
// while Keystone is down: the cached token must survive.
func TestReauthKeepsTokenInOutage(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.Cache = aged{Cache: opts.Cache}
	authenticate(t, ks, opts)
	client, _ := authenticate(t, ks, opts)
	ks.Configure(func(c *webssotest.Config) {
		c.Quirks.ComputeRefuses = true
		c.Intercept = func(r *http.Request) http.Handler {
			if r.URL.Path == "/v3/auth/tokens" {
				return webssotest.Quirks{}.ForeignHTML(http.StatusBadGateway)
			}
			return nil
		}
	})
	if _, err := serverNames(t, client); err == nil {
		t.Error("got no error, want one")
	}
	ks.Configure(func(c *webssotest.Config) { c.Quirks.ComputeRefuses, c.Intercept = false, nil })
	opts.OpenURL = noBrowser(t)
	if again, n := authenticate(t, ks, opts); len(n) != 0 || again.Token() != client.Token() {
		t.Errorf("got requests %v, want the cached token", n)
	}
}

// aged is a cache whose tokens look as if they were issued an hour ago.
type aged struct{ websso.Cache }

func (c aged) Get(key string) (string, error) {
	value, err := c.Cache.Get(key)
	return receivedPattern.ReplaceAllString(value, `"received":"`+time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)+`"`), err
}
