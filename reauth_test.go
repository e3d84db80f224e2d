package websso_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// atOnce lists servers in n goroutines at once and returns their errors.
func atOnce(t *testing.T, client *gophercloud.ProviderClient, n int) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = use(t.Context(), client) })
	}
	wg.Wait()
	return errs
}

// posts returns the number of tokens that Keystone was asked for, without the question of
// the look, which it refuses.
func posts(requests []webssotest.Request) int {
	n := 0
	for _, r := range requests {
		if r.Method == http.MethodPost && r.Status != http.StatusUnauthorized {
			n++
		}
	}
	return n
}

// TestReauthRescopes shows that a dead scoped token is replaced without a browser, once for
// all requests that fail meanwhile and for other programs.
func TestReauthRescopes(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	another := warm(t, ks, opts)
	ks.Revoke(client.Token())
	ks.ResetRequests()
	must(t, errors.Join(atOnce(t, client, 50)...))
	if n := posts(ks.APIRequests()); n != 1 {
		t.Errorf("got %d requests for a token, want 1", n)
	}
	ks.ResetRequests()
	works(t, another)
	wantRequests(t, ks, 0)
	if third := warm(t, ks, opts); third.Token() != client.Token() || another.Token() != client.Token() {
		t.Error("got another token, want the new one from the cache")
	}
}

func TestReauthNeedsPermission(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*websso.AuthOptions){
		"no AllowReauth":  func(*websso.AuthOptions) {},
		"non-interactive": func(o *websso.AuthOptions) { o.AllowReauth, o.NonInteractive = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			authenticate(t, ks, opts)
			change(&opts)
			opts.OpenURL = noBrowser(t)
			client, _ := authenticate(t, ks, opts)
			ks.RevokeAll()
			for _, err := range atOnce(t, client, 20) {
				wantError(t, err, websso.ErrLoginRequired)
			}
			// Signing in again with another client helps this one too.
			opts = ks.AuthOptions()
			authenticate(t, ks, opts)
			works(t, client)
		})
	}
}

// TestReauthAsksOnce has a user who does not sign in: no further browser opens until the
// program calls Authenticate.
func TestReauthAsksOnce(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	opts.AllowReauth = true
	var opened atomic.Int32
	opts.OpenURL = func(string) error { opened.Add(1); return nil }
	opts.Timeout = limit / 100
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	timeouts, required := 0, 0
	for range 10 {
		for _, err := range atOnce(t, client, 20) {
			switch {
			case errors.Is(err, websso.ErrLoginRequired):
				required++
			case errors.Is(err, websso.ErrTimeout):
				timeouts++
			default:
				t.Errorf("got error %v, want ErrTimeout or ErrLoginRequired", err)
			}
		}
	}
	if opened.Load() != 1 || timeouts == 0 || required == 0 {
		t.Errorf("got %d browsers, %d of ErrTimeout and %d of ErrLoginRequired; want 1 browser and some of each", opened.Load(), timeouts, required)
	}
	opts = ks.AuthOptions()
	must(t, websso.Authenticate(t.Context(), client, opts))
	works(t, client)
}

// TestReauthServiceRefuses has a service that refuses every token: that must not cause a
// request to Keystone for each of its answers.
func TestReauthServiceRefuses(t *testing.T) {
	ks, opts := parallel(t)
	opts.AllowReauth = true
	client, _ := authenticate(t, ks, opts)
	ks.Configure(func(c *webssotest.Config) { c.Quirks.ComputeRefuses = true })
	ks.ResetRequests()
	for range 10 {
		if slices.Contains(atOnce(t, client, 20), nil) {
			t.Fatal("got no error, want one")
		}
	}
	if n := ks.APIRequests(); len(n) > 1 {
		t.Errorf("got %d requests to Keystone for 200 refused ones, want at most 1: %v", len(n), n)
	}
	wantSignIns(t, ks, 1)
	opts.OpenURL = noBrowser(t)
	warm(t, ks, opts)
}

func TestReauthRoleGone(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	ks.Configure(func(c *webssotest.Config) { c.Quirks.RemoveRole("demo") })
	wantError(t, use(t.Context(), client), websso.ErrScope)
	opts.Scope, opts.OpenURL = project("lab"), noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 1 {
		t.Errorf("got requests %v, want none: the sign-in is cached", n)
	}
}

func TestReauthUnscoped(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = websso.NewFileCache(filepath.Join(t.TempDir(), "cache"))
	opts.Scope = nil
	client, _ := authenticate(t, ks, opts)
	list := func() error {
		_, err := client.Request(t.Context(), http.MethodGet, ks.URL()+"/v3/auth/projects", &gophercloud.RequestOpts{})
		return renewalError(err)
	}
	must(t, list())
	ks.RevokeAll()
	wantError(t, list(), websso.ErrLoginRequired)
	wantSignedOut(t, opts)
}
