package websso_test

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// revokeBesideCache revokes a token of a Keystone that looks into a cache first, as 27 and 30 do:
// the answer to a token that asks about itself is 404.
func revokeBesideCache(ks *webssotest.Keystone, token string) {
	ks.Configure(func(c *webssotest.Config) { c.Quirks.ValidationCache = true })
	ks.Revoke(token)
}

// TestCheck has a cached token that may be dead when it is checked.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		unscoped bool
		end      func(ks *webssotest.Keystone, token string)
		signIns  int
		requests string
		required bool // NonInteractive is an error
	}{
		"it lives":            {signIns: 1, requests: "GET"},
		"the token is dead":   {end: (*webssotest.Keystone).Revoke, signIns: 1, requests: "GET POST"},
		"says a cache":        {end: revokeBesideCache, signIns: 1, requests: "GET POST"},
		"all is dead":         {end: func(ks *webssotest.Keystone, _ string) { ks.RevokeAll() }, signIns: 2, requests: "POST GET DELETE POST", required: true},
		"the sign-in lives":   {unscoped: true, signIns: 1, requests: "GET"},
		"the sign-in is dead": {unscoped: true, end: (*webssotest.Keystone).Revoke, signIns: 2, requests: "POST GET DELETE", required: true},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			if tt.unscoped {
				opts.Scope = nil
			}
			first, _ := authenticate(t, ks, opts)
			if tt.end != nil {
				tt.end(ks, first.Token())
			}
			opts.Check = true
			if tt.required {
				strict := opts
				strict.NonInteractive = true
				wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), strict), websso.ErrLoginRequired)
				// What was found dead is forgotten, so that nobody takes it without a check.
				strict.Check = false
				ks.ResetRequests()
				wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), strict), websso.ErrLoginRequired)
				wantRequests(t, ks, 0)
			}
			client, requests := authenticate(t, ks, opts)
			var methods []string
			for _, r := range requests {
				methods = append(methods, r.Method)
			}
			if got := strings.Join(methods, " "); got != tt.requests {
				t.Errorf("got requests %s, want %s", got, tt.requests)
			}
			if validate(t, ks, client.Token()) != http.StatusOK {
				t.Error("got a dead token, want one that lives")
			}
			wantSignIns(t, ks, tt.signIns)
		})
	}
}

// TestCheckForgets has a token die because the user has lost the role: once that was found, no
// call takes it without a check.
func TestCheckForgets(t *testing.T) {
	ks, opts := parallel(t)
	first, _ := authenticate(t, ks, opts)
	alice := ks.Users()[0]
	alice.Projects = nil
	ks.SetUser(alice)
	ks.Revoke(first.Token())
	opts.OpenURL = noBrowser(t)
	for _, opts.Check = range []bool{true, false} {
		wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrScope)
	}
}

// TestMinValidity has a cached sign-in, of an hour if not said otherwise, and clouds whose next
// one is longer or not.
func TestMinValidity(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		first   time.Duration
		least   time.Duration
		next    time.Duration
		signIns int
		says    []string
	}{
		"long enough":    {least: 30 * time.Minute, next: 8 * time.Hour, signIns: 1},
		"too short":      {least: 2 * time.Hour, next: 8 * time.Hour, signIns: 2, says: []string{"in (1 hour|59 minutes).*, which is less than the 2 hours asked for, so sign in again"}},
		"never so long":  {least: 2 * time.Hour, next: time.Hour, signIns: 2, says: []string{"so sign in again", "that is less than the 2 hours asked for: a sign-in to this cloud lasts no longer"}},
		"less than ever": {least: time.Second, next: time.Hour, signIns: 1},
		// Two minutes, if nothing is asked for.
		"soon over":     {first: 115 * time.Second, next: time.Hour, signIns: 2},
		"not over soon": {first: 160 * time.Second, next: time.Hour, signIns: 1},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = cmp.Or(tt.first, time.Hour) })
			opts.MinValidity = time.Second
			first, _ := authenticate(t, ks, opts)
			ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = tt.next })
			opts.MinValidity = tt.least

			strict := opts
			strict.NonInteractive = true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), strict); errors.Is(err, websso.ErrLoginRequired) != (tt.signIns > 1) {
				t.Errorf("NonInteractive: got error %v, want ErrLoginRequired: %t", err, tt.signIns > 1)
			}
			client, _ := authenticate(t, ks, opts)
			wantSignIns(t, ks, tt.signIns)
			if same := client.Token() == first.Token(); same != (tt.signIns == 1) {
				t.Errorf("got the cached token: %t, want %t", same, tt.signIns == 1)
			}
			for _, line := range tt.says {
				await(t, ks.Terminal(), line)
			}
			authenticate(t, ks, opts) // and again: it is not asked for what there is not
			wantSignIns(t, ks, tt.signIns)
			if n := strings.Count(ks.Terminal().String(), "asked for"); n != len(tt.says) {
				t.Errorf("got %d lines about it, want %d:\n%s", n, len(tt.says), ks.Terminal())
			}
		})
	}
}

// TestShortTokens has a cloud whose tokens never live for two minutes: each is used while
// it lives, by other programs too.
func TestShortTokens(t *testing.T) {
	ks, opts := parallel(t)
	ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = 90 * time.Second })
	first, _ := authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	if again := warm(t, ks, opts); again.Token() != first.Token() {
		t.Error("got another token, want the cached one")
	}
	if _, err := websso.Status(opts); err != nil {
		t.Errorf("got error %v from Status, want who is signed in", err)
	}
	opts.Scope = nil
	authenticate(t, ks, opts)
	wantSignIns(t, ks, 1)
}

// TestMinValidityFails has a new sign-in fail: the one before stays, for the client and in
// the cache, and a token that dies later is replaced from it.
func TestMinValidityFails(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	opts.MinValidity, opts.Timeout = 24*time.Hour, 50*time.Millisecond
	opts.OpenURL = func(string) error { return nil }
	before := client.Token()
	wantError(t, websso.Authenticate(t.Context(), client, opts), websso.ErrTimeout)
	if client.Token() != before {
		t.Error("got another token on the client, want the one before")
	}
	ks.Revoke(before)
	works(t, client)
	opts.MinValidity, opts.OpenURL = 0, noBrowser(t)
	authenticate(t, ks, opts)
}
