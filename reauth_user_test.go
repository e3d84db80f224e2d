package websso_test

import (
	"context"
	"errors"
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
		if _, err := serverNames(t, client); !errors.As(err, &failed) || !strings.Contains(failed.ErrReauth.Error(), "the program runs as alice") {
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

// listWith lists servers under ctx.
func listWith(ctx context.Context, client *gophercloud.ProviderClient) error {
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return err
	}
	_, err = servers.List(compute, nil).AllPages(ctx)
	return err
}

// aged is a cache whose tokens look as if they were issued an hour ago.
type aged struct{ websso.Cache }

func (c aged) Get(key string) (string, error) {
	value, err := c.Cache.Get(key)
	return receivedPattern.ReplaceAllString(value, `"received":"`+time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)+`"`), err
}
