package websso_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestReauthPatient has requests meet a dead sign-in that give up soon, the one that began the
// renewal among them, and patient ones, or nobody who waits for it. They share one browser, and
// whoever asks afterwards gets what it brought.
func TestReauthPatient(t *testing.T) {
	ks, opts := parallel(t)
	opts.AllowReauth, opts.ForceLogin = true, true
	goOn := make(chan struct{})
	var opened atomic.Int32
	open := opts.OpenURL
	opts.OpenURL = func(url string) error {
		if opened.Add(1) > 1 {
			<-goOn
		}
		return open(url)
	}
	client, _ := authenticate(t, ks, opts)
	for round, patients := range []int{0, 50} {
		ks.RevokeAll()
		soon, giveUp := context.WithCancel(t.Context())
		var hasty, patient sync.WaitGroup
		hasty.Go(func() { wantError(t, use(soon, client), context.Canceled) })
		poll(t, func() bool { return opened.Load() == int32(round+2) })
		for range 50 {
			hasty.Go(func() { wantError(t, use(soon, client), context.Canceled) })
		}
		for range patients {
			patient.Go(func() {
				// gophercloud hands the error of a request that gave up to those behind it.
				for err := use(t.Context(), client); err != nil; err = use(t.Context(), client) {
					if !errors.Is(err, context.Canceled) {
						t.Errorf("got error %v, want none but that of a request that gave up", err)
						return
					}
				}
			})
		}
		giveUp()
		hasty.Wait()
		goOn <- struct{}{}
		patient.Wait()
		poll(t, func() bool { // until the new token is there
			who, err := websso.Status(opts)
			return err == nil && len(who.Scopes) == 1
		})
		ks.ResetRequests()
		works(t, client)
		wantRequests(t, ks, 0)
		wantSignIns(t, ks, round+2)
	}
	// ForceLogin was for the call only: replacing a scoped token opens no browser.
	ks.Revoke(client.Token())
	works(t, client)
	wantSignIns(t, ks, 3)
}

// TestReauthGoexit has a cache end the goroutine of a renewal, as t.FailNow in a test's cache
// does: the request fails, and later ones get a new token.
func TestReauthGoexit(t *testing.T) {
	ks, opts := parallel(t)
	var now atomic.Bool
	opts.Cache = &faulty{Cache: opts.Cache, skips: func(string) bool {
		if now.CompareAndSwap(true, false) {
			runtime.Goexit()
		}
		return false
	}}
	client, _ := authenticate(t, ks, opts)
	ks.Revoke(client.Token())
	now.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := use(ctx, client); err == nil || ctx.Err() != nil {
		t.Errorf("got error %v, want one of the renewal", err)
	}
	must(t, use(ctx, client))
}

// TestSignInGoexit has a cache end the goroutine of a sign-in, at any moment: the next one
// finds locks and port free.
func TestSignInGoexit(t *testing.T) {
	ks, opts := parallel(t)
	opts.SwitchUser = true
	var calls atomic.Int32
	opts.Cache = &faulty{Cache: opts.Cache, skips: func(string) bool {
		if calls.Add(-1) == 0 {
			runtime.Goexit()
		}
		return false
	}}
	for n, done := int32(1), false; !done; n++ {
		calls.Store(n)
		var wg sync.WaitGroup
		wg.Go(func() { done = websso.Authenticate(t.Context(), newClient(t, ks), opts) == nil })
		wg.Wait()
		calls.Store(0)
		authenticate(t, ks, opts)
	}
}

// TestReauthAfterOutage has Keystone fail while it is asked whose token came back: the next
// request may open the browser again.
func TestReauthAfterOutage(t *testing.T) {
	ks, opts := parallel(t)
	var browsers, fails atomic.Int32
	open := opts.OpenURL
	opts.AllowReauth, opts.OpenURL = true, func(url string) error {
		if browsers.Add(1) == 2 {
			fails.Store(1)
		}
		return open(url)
	}
	intercept(ks, func(r *http.Request) http.Handler {
		if fails.Load() == 0 || r.Method != http.MethodGet || r.URL.Path != "/v3/auth/tokens" {
			return nil
		}
		return webssotest.Quirks{}.ForeignHTML(http.StatusServiceUnavailable)
	})
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	wantSaid(t, use(t.Context(), client), "status 503")
	fails.Store(0)
	works(t, client)
	wantSignIns(t, ks, 3)
}
