package loopbackkeystone_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestRenewalOutlivesItsRequest has a tool that hangs up while the user signs in.
func TestRenewalOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	for name, soonOver := range map[string]bool{"the token is dead": false, "the token is soon over": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			var tabs atomic.Int32
			opened, goOn := make(chan struct{}), make(chan struct{})
			opts := ks.AuthOptions()
			open := opts.OpenURL
			opts.OpenURL = func(url string) error {
				if tabs.Add(1) == 2 {
					close(opened)
					<-goOn
				}
				return open(url)
			}
			client := newClient(t, ks)
			if soonOver {
				client = soonOverClient(t, ks)
			}
			server := startWith(t, client, opts)
			if !soonOver {
				ks.RevokeAll()
			}
			ctx, hangUp := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/auth/tokens", strings.NewReader(credential(server.ID, server.Secret)))
			must(t, err)
			gone := make(chan error, 1)
			go func() {
				resp, err := http.DefaultClient.Do(req)
				if err == nil {
					resp.Body.Close()
				}
				gone <- err
			}()
			<-opened
			var waits sync.WaitGroup
			waits.Go(func() { wantStatus(t, server, http.StatusCreated) })
			hangUp()
			if err := <-gone; !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v, want context.Canceled", err)
			}
			close(goOn)
			waits.Wait()
			if n := tabs.Load(); n != 2 {
				t.Errorf("got %d tabs, want 2", n)
			}
		})
	}
}

// TestOldTokenWhileItLives has a sign-in that is soon over, and nobody at the browser.
func TestOldTokenWhileItLives(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*websso.AuthOptions){
		"nobody there":   func(*websso.AuthOptions) {},
		"no browser may": func(o *websso.AuthOptions) { o.NonInteractive = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			var tabs atomic.Int32
			server := startSignedIn(t, soonOverClient(t, ks), ks.AuthOptions(), func(o *websso.AuthOptions) { nobodyThere(&tabs)(o); change(o) })
			for range 3 {
				wantStatus(t, server, http.StatusCreated) // with the old token
			}
			if n := tabs.Load(); n > 1 {
				t.Errorf("got %d tabs, want at most 1", n)
			}
			if n := strings.Count(ks.Terminal().String(), "could not renew the command's token"); n != 1 {
				t.Errorf("got %d lines about it, want 1:\n%s", n, ks.Terminal())
			}
			ks.RevokeAll()
			wantStatus(t, server, http.StatusUnauthorized)
		})
	}
}

// TestToolRevokesTheToken has a tool that ends the token that it was given.
func TestToolRevokesTheToken(t *testing.T) {
	ks, server := serving(t)
	askToken := func() string {
		_, header := wantStatus(t, server, http.StatusCreated)
		return header.Get("X-Subject-Token")
	}
	first := askToken()
	if status, body, _ := send(t, http.MethodDelete, server.URL+"/auth/tokens", "", map[string]string{"X-Auth-Token": first, "X-Subject-Token": first}); status != http.StatusNoContent {
		t.Fatalf("got %d %s, want 204", status, body)
	}
	second := askToken()
	if second == first {
		t.Error("got the token that was revoked, want another")
	}
	if status, _, _ := send(t, http.MethodGet, server.URL+"/auth/tokens", "", map[string]string{"X-Auth-Token": second, "X-Subject-Token": second}); status != http.StatusOK {
		t.Errorf("got %d for the new token, want 200", status)
	}
	wantSignIns(t, ks, 1)
}

// TestAnotherUserInTheCache has another user's sign-in cached when the token is soon over,
// and nobody at the browser.
func TestAnotherUserInTheCache(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	server := startSignedIn(t, soonOverClient(t, ks), ks.AuthOptions(), nobodyThere(new(atomic.Int32)))
	other := ks.AuthOptions()
	other.OpenURL, other.MinValidity = browserOf(ks, "bob").Open, 24*time.Hour // ForceLogin would revoke alice's
	_, err := websso.AuthenticatedClient(t.Context(), other)
	must(t, err)
	for range 3 {
		body, _ := wantStatus(t, server, http.StatusCreated)
		if !strings.Contains(body, `"name":"alice"`) || strings.Contains(body, `"name":"bob"`) {
			t.Errorf("got %.300s, want alice's old token", body)
		}
	}
	ks.RevokeAll()
	wantStatus(t, server, http.StatusUnauthorized)
}

// TestCloseEndsTheSignIn closes the server while its renewal waits for the user.
func TestCloseEndsTheSignIn(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opened, said := make(chan string, 1), new(bytes.Buffer)
	server := startSignedIn(t, newClient(t, ks), ks.AuthOptions(), func(o *websso.AuthOptions) {
		o.OpenURL, o.Output = func(url string) error { opened <- url; return nil }, said // nobody is there
	})
	ks.RevokeAll()
	asked := make(chan int, 1)
	go func() {
		status, _, _ := ask(t, server)
		asked <- status
	}()
	url := <-opened
	if status, _, _ := send(t, http.MethodGet, url, "", nil); status != http.StatusOK {
		t.Fatalf("got %d, want the page of the sign-in", status)
	}
	server.Close()
	if strings.Contains(said.String(), "could not renew") {
		t.Errorf("got %s, want nothing about a renewal that Close ended", said)
	}
	// An answer may still have been on its way.
	if status := <-asked; status != 0 && status != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503 or no answer", status)
	}
	waitUntil(t, func() bool {
		status, _, _ := send(t, http.MethodGet, url, "", nil)
		return status == 0
	})
}

// TestAllAskAtOnce has many tools that ask for a token when the sign-in is dead.
func TestAllAskAtOnce(t *testing.T) {
	ks, server := serving(t)
	ks.RevokeAll()
	ks.ResetRequests()
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() { wantStatus(t, server, http.StatusCreated) })
	}
	wg.Wait()
	wantSignIns(t, ks, 2)
	// The dead sign-in is tried once, and the new one is rescoped once. Whether the token
	// lives is asked once for all who wait, so more than once if they come slowly.
	rescopes := 0
	for _, r := range ks.APIRequests() {
		if r.Method == http.MethodPost && r.Status != http.StatusUnauthorized { // that of the look
			rescopes++
		}
	}
	if n := len(ks.APIRequests()); rescopes != 2 || n >= 200 {
		t.Errorf("got %d rescopes in %d requests to Keystone, want 2 in fewer than came", rescopes, n)
	}
}

// ending is a cache that ends the goroutine that reads it, once.
type ending struct {
	websso.MemoryCache
	now atomic.Bool
}

func (c *ending) Get(key string) (string, error) {
	if c.now.CompareAndSwap(true, false) {
		runtime.Goexit()
	}
	return c.MemoryCache.Get(key)
}

// TestGoexit has a cache end the goroutine of a renewal: later requests are answered.
func TestGoexit(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	cache := &ending{}
	server := start(t, ks, func(o *websso.AuthOptions) { o.Cache = cache })
	ks.RevokeAll()
	cache.now.Store(true)
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusCreated} {
		wantStatus(t, server, want)
	}
}
