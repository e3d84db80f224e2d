package websso_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// silence has Keystone not answer requests with that in "GET /path", or answer all if it is "".
func silence(ks *webssotest.Keystone, part string) {
	ks.Configure(func(c *webssotest.Config) {
		c.Delay = func(r *http.Request) time.Duration {
			if part != "" && strings.Contains(r.Method+" "+r.URL.Path, part) {
				return time.Hour
			}
			return 0
		}
	})
}

// TestTimeoutBoundsReauth has a client whose token dies while Keystone does not answer. Its
// requests end, and the browser may still open once Keystone answers: nobody was asked yet.
func TestTimeoutBoundsReauth(t *testing.T) {
	t.Parallel()
	for name, aging := range map[string]bool{"young token": false, "old token": true} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			authenticate(t, ks, opts)
			if aging {
				opts.Cache = aged{opts.Cache}
			}
			opts.AllowReauth, opts.Timeout = true, time.Second
			opened := make(chan struct{}, 1)
			opts.OpenURL = func(string) error { opened <- struct{}{}; return nil }
			client, _ := authenticate(t, ks, opts)
			ks.RevokeAll()
			silence(ks, "/v3/auth/")
			began := time.Now()
			wantError(t, use(t.Context(), client), websso.ErrTimeout)
			if d := time.Since(began); d > limit {
				t.Errorf("got an end after %s, want one after %s", d, opts.Timeout)
			}
			silence(ks, "")
			// A busy machine may not get so far within a second.
			for end := time.Now().Add(limit); len(opened) == 0 && time.Now().Before(end); {
				_ = use(t.Context(), client)
			}
			if len(opened) == 0 {
				t.Error("got no browser, want one")
			}
		})
	}
}

// TestTimeoutBoundsTravel exports, imports and ends a sign-in while Keystone does not answer.
func TestTimeoutBoundsTravel(t *testing.T) {
	ks, opts := parallel(t)
	text, err := websso.Export(t.Context(), newClient(t, ks), opts)
	must(t, err)
	opts.Timeout = 100 * time.Millisecond
	silence(ks, "/v3/auth/")
	began := time.Now()
	_, err = websso.Export(t.Context(), newClient(t, ks), opts)
	wantError(t, err, websso.ErrTimeout)
	wantError(t, websso.Import(t.Context(), newClient(t, ks), opts, text), websso.ErrTimeout)
	wantError(t, websso.Logout(t.Context(), newClient(t, ks), opts), websso.ErrTimeout)
	if d := time.Since(began); d > limit {
		t.Errorf("got an end after %s, want one after %s", d, 3*opts.Timeout)
	}
}
