package websso_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
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

// impersonating is a transport to a Keystone whose tokens of a trust name the trustor, as
// with a trust's "impersonation" (keystone/models/token_model.py, TokenModel.user).
type impersonating struct{ http.RoundTripper }

func (i impersonating) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked []byte
	if r.Body != nil {
		asked, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(asked))
	}
	resp, err := i.RoundTripper.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusCreated || !bytes.Contains(asked, []byte("OS-TRUST:trust")) {
		return resp, err
	}
	var said struct {
		Token map[string]any `json:"token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		return nil, err
	}
	resp.Body.Close()
	said.Token["user"] = map[string]any{"id": "trustor", "name": "trustor", "domain": map[string]any{"id": "default", "name": "Default"}}
	body, err := json.Marshal(said)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, err
}

// TestReauthWithTrust has a program that acts for another user, whom its tokens name. It
// still runs as the user who signed in.
func TestReauthWithTrust(t *testing.T) {
	ks, opts := parallel(t)
	ks.Configure(func(c *webssotest.Config) {
		opts.Scope = &gophercloud.AuthScope{TrustID: c.Quirks.AddTrust("alice", "vault")}
	})
	opts.AllowReauth = true
	client := newClient(t, ks)
	client.HTTPClient.Transport = impersonating{client.HTTPClient.Transport}
	must(t, websso.Authenticate(t.Context(), client, opts))
	wantUser(t, client, "trustor")
	for _, end := range []func(){func() { ks.Revoke(client.Token()) }, ks.RevokeAll} {
		end()
		works(t, client)
	}
	wantSignIns(t, ks, 2)

	// Another user at the browser is refused as ever.
	opts.OpenURL = browserOf(ks, "bob").Open
	must(t, websso.Authenticate(t.Context(), client, opts)) // from the cache
	ks.RevokeAll()
	wantSaid(t, use(t.Context(), client), "the program runs as alice")
}
