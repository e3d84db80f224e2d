package websso_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// atOnce lists servers in n goroutines at once and returns their errors.
func atOnce(t *testing.T, client *gophercloud.ProviderClient, n int) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, errs[i] = serverNames(t, client) })
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
// all requests that fail meanwhile.
func TestReauthRescopes(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	ks.Revoke(client.Token())
	ks.ResetRequests()
	for i, err := range atOnce(t, client, 50) {
		if err != nil {
			t.Fatalf("goroutine %d: got error %v, want none", i, err)
		}
	}
	if n := posts(ks.APIRequests()); n != 1 {
		t.Errorf("got %d requests for a token, want 1", n)
	}
	wantSignIns(t, ks, 1)
	opts.OpenURL = noBrowser(t)
	other, n := authenticate(t, ks, opts)
	if len(n) != 0 || other.Token() != client.Token() {
		t.Errorf("got requests %v and token equal %t, want the new token from the cache", n, other.Token() == client.Token())
	}
}

// TestReauthUsesNewer shows that a newer token that another program cached is used.
func TestReauthUsesNewer(t *testing.T) {
	ks, opts := parallel(t)
	first, _ := authenticate(t, ks, opts)
	second, _ := authenticate(t, ks, opts)
	ks.Revoke(first.Token())
	if _, err := serverNames(t, first); err != nil {
		t.Fatal(err)
	}
	ks.ResetRequests()
	if _, err := serverNames(t, second); err != nil {
		t.Fatal(err)
	}
	if n := ks.APIRequests(); len(n) != 0 {
		t.Errorf("got requests %v, want none", n)
	}
}

// loginRequired tells whether err is ErrLoginRequired the way gophercloud wraps it.
func loginRequired(err error) bool {
	var failed *gophercloud.ErrUnableToReauthenticate
	return errors.As(err, &failed) && errors.Is(failed.ErrReauth, websso.ErrLoginRequired)
}

func TestReauthNeedsPermission(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*websso.AuthOptions){
		"no AllowReauth":  func(*websso.AuthOptions) {},
		"non-interactive": func(o *websso.AuthOptions) { o.AllowReauth, o.NonInteractive = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			authenticate(t, ks, opts)
			change(&opts)
			opts.OpenURL = noBrowser(t)
			client, _ := authenticate(t, ks, opts)
			ks.RevokeAll()
			for i, err := range atOnce(t, client, 20) {
				if !loginRequired(err) {
					t.Errorf("goroutine %d: got error %v, want ErrLoginRequired", i, err)
				}
			}
			// Signing in again with another client helps this one too.
			opts = ks.AuthOptions()
			authenticate(t, ks, opts)
			if _, err := serverNames(t, client); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReauthOpensOneBrowser(t *testing.T) {
	ks, opts := parallel(t)
	opts.AllowReauth, opts.ForceLogin = true, true
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	for i, err := range atOnce(t, client, 50) {
		if err != nil {
			t.Fatalf("goroutine %d: got error %v, want none", i, err)
		}
	}
	wantSignIns(t, ks, 2)
	// ForceLogin was for the call only: replacing a scoped token opens no browser.
	ks.Revoke(client.Token())
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
	wantSignIns(t, ks, 2)
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
			var failed *gophercloud.ErrUnableToReauthenticate
			switch {
			case loginRequired(err):
				required++
			case errors.As(err, &failed) && errors.Is(failed.ErrReauth, websso.ErrTimeout):
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
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
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
		for _, err := range atOnce(t, client, 20) {
			if err == nil {
				t.Fatal("got no error, want one")
			}
		}
	}
	if n := ks.APIRequests(); len(n) > 1 {
		t.Errorf("got %d requests to Keystone for 200 refused ones, want at most 1: %v", len(n), n)
	}
	wantSignIns(t, ks, 1)
	opts.OpenURL = noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("got requests %v, want none: the sign-in is cached", n)
	}
}

func TestReauthRoleGone(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	ks.Configure(func(c *webssotest.Config) { c.Quirks.RemoveRole("demo") })
	_, err := serverNames(t, client)
	var failed *gophercloud.ErrUnableToReauthenticate
	if !errors.As(err, &failed) || !errors.Is(failed.ErrReauth, websso.ErrScope) {
		t.Errorf("got error %v, want ErrScope", err)
	}
	opts.Scope, opts.OpenURL = project("lab"), noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 1 {
		t.Errorf("got requests %v, want none: the sign-in is cached", n)
	}
}

// TestReauthUserDisabled wants errors and at most one more sign-in, not a loop.
func TestReauthUserDisabled(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	opts.AllowReauth = true
	opts.Timeout = 500 * time.Millisecond // the browser ends at an error page, which is no answer
	client, _ := authenticate(t, ks, opts)
	ks.DisableUser("alice")
	for range 5 {
		if _, err := serverNames(t, client); err == nil {
			t.Fatal("got no error, want one")
		}
	}
	if n := ks.SignIns(); n > 2 {
		t.Errorf("got %d sign-ins, want at most 2", n)
	}
}

// TestReauthHonorsContext cancels the request that waits for the user.
func TestReauthHonorsContext(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	opts.AllowReauth = true
	ctx, cancel := context.WithCancel(t.Context())
	opts.OpenURL = func(string) error { cancel(); return nil }
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	err := client.Reauthenticate(ctx, client.Token())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}

func TestReauthUnscoped(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = websso.NewFileCache(filepath.Join(t.TempDir(), "cache"))
	opts.Scope = nil
	client, _ := authenticate(t, ks, opts)
	list := func() error {
		_, err := client.Request(t.Context(), http.MethodGet, ks.URL()+"/v3/auth/projects", &gophercloud.RequestOpts{})
		return err
	}
	must(t, list())
	ks.RevokeAll()
	if err := list(); !loginRequired(err) {
		t.Errorf("got error %v, want ErrLoginRequired", err)
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("Status: got error %v, want ErrLoginRequired", err)
	}
}
