package websso_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// crowd lists servers from n goroutines at once and returns their errors.
func crowd(t *testing.T, client *gophercloud.ProviderClient, n int) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, errs[i] = serverNames(t, client) })
	}
	wg.Wait()
	return errs
}

// posts counts the tokens that Keystone was asked for.
func posts(requests []webssotest.Request) int {
	n := 0
	for _, r := range requests {
		if r.Method == http.MethodPost {
			n++
		}
	}
	return n
}

// A scoped token that dies is replaced without a person, once for all who meet that.
func TestReauthRescopes(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	ks.Revoke(client.Token())
	ks.ResetRequests()
	for i, err := range crowd(t, client, 50) {
		if err != nil {
			t.Fatalf("goroutine %d: %v", i, err)
		}
	}
	if n := posts(ks.APIRequests()); n != 1 {
		t.Errorf("%d tokens were asked for", n)
	}
	if n := ks.SignIns(); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
	opts.OpenURL = noBrowser(t)
	other, n := authenticate(t, ks, opts)
	if len(n) != 0 || other.Token() != client.Token() {
		t.Error("the new token is not the kept one")
	}
}

// Another process was faster: what it kept serves.
func TestReauthUsesNewer(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
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
		t.Errorf("asked again: %v", n)
	}
}

// loginRequired tells whether err is what ErrLoginRequired's documentation says it is.
func loginRequired(err error) bool {
	var failed *gophercloud.ErrUnableToReauthenticate
	return errors.As(err, &failed) && errors.Is(failed.ErrReauth, websso.ErrLoginRequired)
}

func TestReauthNeedsPermission(t *testing.T) {
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
			for i, err := range crowd(t, client, 20) {
				if !loginRequired(err) {
					t.Errorf("goroutine %d: %v", i, err)
				}
			}
			// Whoever signs in again elsewhere mends this client, too.
			opts = ks.AuthOptions()
			authenticate(t, ks, opts)
			if _, err := serverNames(t, client); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReauthOpensOneBrowser(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.AllowReauth, opts.ForceLogin = true, true
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	for i, err := range crowd(t, client, 50) {
		if err != nil {
			t.Fatalf("goroutine %d: %v", i, err)
		}
	}
	if n := ks.SignIns(); n != 2 {
		t.Errorf("%d sign-ins, want the first and one more", n)
	}
	// ForceLogin was for the call: now a scoped token that dies costs no browser.
	ks.Revoke(client.Token())
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
	if n := ks.SignIns(); n != 2 {
		t.Errorf("%d sign-ins after a rescope", n)
	}
}

// A person who does not answer is not asked again by the next request, until the program
// calls Authenticate.
func TestReauthAsksOnce(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	opts.AllowReauth = true
	var mu sync.Mutex
	opened := 0
	opts.OpenURL = func(string) error {
		mu.Lock()
		defer mu.Unlock()
		opened++
		return nil
	}
	opts.Timeout = limit / 100
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	timeouts, required := 0, 0
	for range 10 {
		for _, err := range crowd(t, client, 20) {
			var failed *gophercloud.ErrUnableToReauthenticate
			switch {
			case loginRequired(err):
				required++
			case errors.As(err, &failed) && errors.Is(failed.ErrReauth, websso.ErrTimeout):
				timeouts++
			default:
				t.Errorf("error %v", err)
			}
		}
	}
	if opened != 1 || timeouts == 0 || required == 0 {
		t.Errorf("%d browsers, %d time-outs, %d refusals", opened, timeouts, required)
	}
	opts = ks.AuthOptions()
	if err := websso.Authenticate(t.Context(), client, opts); err != nil {
		t.Fatal(err)
	}
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
}

// A service that refuses every token causes no storm of new ones.
func TestReauthServiceRefuses(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.AllowReauth = true
	client, _ := authenticate(t, ks, opts)
	ks.Configure(func(c *webssotest.Config) { c.ComputeRefuses = true })
	ks.ResetRequests()
	for range 10 {
		for _, err := range crowd(t, client, 20) {
			if err == nil {
				t.Fatal("no error")
			}
		}
	}
	if n := ks.APIRequests(); len(n) > 1 {
		t.Errorf("%d requests to Keystone for 200 refused ones: %v", len(n), n)
	}
	if n := ks.SignIns(); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
	opts.OpenURL = noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("the sign-in was not kept: %v", n)
	}
}

// Keystone is down in the middle of a run: an error, and nothing is forgotten.
func TestReauthKeystoneDown(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	ks.Revoke(client.Token())
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(r *http.Request) http.Handler {
			if r.URL.Path == "/v3/auth/tokens" {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
			}
			return nil
		}
	})
	if _, err := serverNames(t, client); err == nil || loginRequired(err) {
		t.Errorf("error %v", err)
	}
	ks.Configure(func(c *webssotest.Config) { c.Intercept = nil })
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
	if n := ks.SignIns(); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}

func TestReauthRoleGone(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	client, _ := authenticate(t, ks, opts)
	ks.RemoveRole("demo")
	_, err := serverNames(t, client)
	var failed *gophercloud.ErrUnableToReauthenticate
	if !errors.As(err, &failed) || !errors.Is(failed.ErrReauth, websso.ErrScope) {
		t.Errorf("error %v", err)
	}
	opts.Scope, opts.OpenURL = project("lab"), noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 1 {
		t.Errorf("the sign-in was not kept: %v", n)
	}
}

// A user who may not use Keystone any more gets an error after one sign-in, not a loop.
func TestReauthUserDisabled(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.AllowReauth = true
	opts.Timeout = 2 * time.Second
	client, _ := authenticate(t, ks, opts)
	ks.DisableUser("alice")
	for range 5 {
		if _, err := serverNames(t, client); err == nil {
			t.Fatal("no error")
		}
	}
	if n := ks.SignIns(); n > 2 {
		t.Errorf("%d sign-ins", n)
	}
}

// The wait for the person ends with the request that needs them.
func TestReauthHonoursContext(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	opts.AllowReauth = true
	ctx, cancel := context.WithCancel(t.Context())
	opts.OpenURL = func(string) error { cancel(); return nil }
	client, _ := authenticate(t, ks, opts)
	ks.RevokeAll()
	err := client.Reauthenticate(ctx, client.Token())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestReauthUnscoped(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
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
		t.Errorf("error %v", err)
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("status: %v", err)
	}
}
