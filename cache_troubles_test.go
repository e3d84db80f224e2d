package websso_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

var receivedPattern = regexp.MustCompile(`"received":"[^"]*"`)

// TestUnreadableCacheIsNotSignedOut wants a cache that can't be read told from one without
// a sign-in.
func TestUnreadableCacheIsNotSignedOut(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = spoiled(errFailing, "Get")
	_, err := websso.Status(opts)
	wantError(t, err, errFailing)
	strict := opts
	strict.NonInteractive = true
	wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), strict), errFailing)
	authenticate(t, ks, opts) // and a user can always sign in
}

// TestWaitersShareUncachedSignIn has callers whose sign-in can't be cached: those who waited
// for it use it all the same.
func TestWaitersShareUncachedSignIn(t *testing.T) {
	t.Parallel()
	t.Run("unverified", func(t *testing.T) {
		ks := webssotest.NewTLSKeystone(t)
		shareSignIn(t, ks, func() *gophercloud.ProviderClient {
			client := unverified(t, ks)
			client.HTTPClient.Transport = wrapped{client.HTTPClient.Transport}
			return client
		})
	})
	t.Run("short-lived", func(t *testing.T) {
		ks := webssotest.NewKeystone(t)
		ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = time.Minute })
		shareSignIn(t, ks, func() *gophercloud.ProviderClient { return newClient(t, ks) })
	})
	t.Run("Keystone fails", func(t *testing.T) {
		ks := webssotest.NewKeystone(t)
		var asked atomic.Int32
		intercept(ks, func(r *http.Request) http.Handler {
			if r.Method != http.MethodGet || r.URL.Path != "/v3/auth/tokens" || asked.Add(1) == 1 {
				return nil
			}
			return webssotest.Quirks{}.ForeignHTML(http.StatusServiceUnavailable)
		})
		opts := ks.AuthOptions()
		opts.Cache = spoiled(nil, "Set Delete")
		failed := 0
		for _, err := range signInTogether(t, ks, opts, 2, func() *gophercloud.ProviderClient { return newClient(t, ks) }) {
			if err != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("got %d errors, want that of the one who waited", failed)
		}
		wantSignIns(t, ks, 1)
	})
}

func shareSignIn(t *testing.T, ks *webssotest.Keystone, newClient func() *gophercloud.ProviderClient) {
	t.Helper()
	must(t, errors.Join(signInTogether(t, ks, ks.AuthOptions(), 10, newClient)...))
	wantSignIns(t, ks, 1)
}

// signInTogether has n callers sign in, all of whom wait before the first is at the browser.
func signInTogether(t *testing.T, ks *webssotest.Keystone, opts websso.AuthOptions, n int, newClient func() *gophercloud.ProviderClient) []error {
	t.Helper()
	waiting := make(chan struct{})
	open := opts.OpenURL
	opts.OpenURL = func(url string) error {
		<-waiting
		return open(url)
	}
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		client := newClient()
		wg.Go(func() { errs[i] = websso.Authenticate(t.Context(), client, opts) })
	}
	poll(t, func() bool { return strings.Count(ks.Terminal().String(), "waiting up to") == n-1 })
	close(waiting)
	wg.Wait()
	return errs
}

// TestSlowKeystoneRescopesOnce has a Keystone that takes longer than a lock is waited for.
func TestSlowKeystoneRescopesOnce(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	opts.Scope = project("lab")
	opts.OpenURL = noBrowser(t)
	ks.ResetRequests()
	ks.Configure(func(c *webssotest.Config) {
		c.Delay = func(r *http.Request) time.Duration {
			if r.Method == http.MethodPost && r.URL.Path == "/v3/auth/tokens" {
				return 6 * time.Second
			}
			return 0
		}
	})
	var wg sync.WaitGroup
	for range 100 {
		client := newClient(t, ks)
		wg.Go(func() {
			if err := websso.Authenticate(t.Context(), client, opts); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := posts(ks.APIRequests()); got != 1 {
		t.Errorf("got %d requests for a token, want 1", got)
	}
}

// TestFileNamesAreEscaped has cache directories whose names move a terminal's cursor or
// turn its text around.
func TestFileNamesAreEscaped(t *testing.T) {
	ks, opts := parallel(t)
	bad := "\x1b[31m\u009b\u202e"
	if runtime.GOOS == "windows" {
		bad = strings.TrimPrefix(bad, "\x1b") // in no name there
	}
	file := filepath.Join(t.TempDir(), bad)
	must(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below"), "relative" + bad} {
		cache := websso.NewFileCache(dir)
		opts.Cache = cache
		authenticate(t, ks, opts)
		_, statusErr := websso.Status(opts)
		_, getErr := websso.NewFileCache(dir).Get("key")
		setErr := cache.Set("key", "value")
		for _, err := range []error{setErr, cache.Delete("key"), getErr, statusErr, websso.Logout(t.Context(), newClient(t, ks), opts)} {
			if err != nil && strings.ContainsAny(err.Error(), "\x1b\u009b\u202e") {
				t.Errorf("got error %q, want its control characters escaped", err)
			}
		}
		// Windows finds nothing below a file, and so nothing wrong with it before it writes.
		if setErr == nil || getErr == nil && runtime.GOOS != "windows" {
			t.Errorf("%q: got errors %v and %v, want both", dir, setErr, getErr)
		}
	}
	if out := ks.Terminal().String(); strings.ContainsAny(out, "\x1b\u009b\u202e") {
		t.Errorf("got output %q, want its control characters escaped", out)
	}
}
