package websso_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
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
		ks, opts := parallel(t)
		alice := signInAs(t, ks, opts, "alice")
		longer := opts
		longer.MinValidity, longer.OpenURL = 24*time.Hour, browserOf(ks, "bob").Open // ForceLogin would end alice's
		bob, _ := authenticate(t, ks, longer)
		ks.Revoke(alice.Token())
		works(t, alice)
		wantUser(t, alice, "alice")
		opts.OpenURL = noBrowser(t)
		if again := warm(t, ks, opts); again.Token() != bob.Token() {
			t.Error("got another token from the cache, want bob's")
		}
	})
	t.Run("its sign-in is dead", func(t *testing.T) {
		ks, opts := parallel(t)
		alice := signInAs(t, ks, opts, "alice")
		ks.RevokeAll()
		bob := signInAs(t, ks, opts, "bob")
		wantError(t, use(t.Context(), alice), websso.ErrLoginRequired)
		wantUser(t, alice, "alice")
		opts.OpenURL = noBrowser(t)
		if again := warm(t, ks, opts); again.Token() != bob.Token() {
			t.Error("got another token from the cache, want bob's")
		}
	})
	t.Run("another user at the browser", func(t *testing.T) {
		ks, opts := parallel(t)
		opts.AllowReauth = true
		authenticate(t, ks, opts)
		bob := browserOf(ks, "bob")
		opts.OpenURL = bob.Open
		client, _ := authenticate(t, ks, opts) // alice, from the cache
		ks.RevokeAll()
		wantSaid(t, use(t.Context(), client), "the program runs as alice")
		if page, err := bob.Result(); err == nil || page.OK {
			t.Errorf("got page %+v, want one that refuses bob", page)
		}
		signIns := ks.SignIns()
		wantError(t, use(t.Context(), client), websso.ErrLoginRequired)
		wantSignIns(t, ks, signIns)
	})
}

// TestAuthenticateSaysNewUser calls Authenticate on a client that was another user's.
func TestAuthenticateSaysNewUser(t *testing.T) {
	ks, opts := parallel(t)
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

// aged is a cache whose tokens look as if they were issued an hour ago.
type aged struct{ websso.Cache }

func (c aged) Get(key string) (string, error) {
	value, err := c.Cache.Get(key)
	return receivedPattern.ReplaceAllString(value, `"received":"`+time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)+`"`), err
}
