package websso_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func unattended(o *websso.AuthOptions) { o.Unattended, o.Timeout = true, time.Second }

// TestUnansweredProcesses starts unattended processes at once and one after another, with
// nobody there: one browser opens. Once a user signs in by hand, all is well.
func TestUnansweredProcesses(t *testing.T) {
	t.Parallel()
	env := cacheIn(t.TempDir())
	ks := webssotest.NewKeystone(t)
	opened, refused := 0, false
	run := func(p *process) {
		out, err := p.end()
		opened += strings.Count(out, "opened\n")
		refused = strings.Contains(out, "was not completed")
		if err == nil {
			t.Errorf("got %q, want no sign-in", out)
		}
	}
	var all []*process
	for range 4 {
		all = append(all, start(t, env, ks, "", unattended))
	}
	for _, p := range all {
		run(p)
	}
	run(start(t, env, ks, "", unattended))
	if opened != 1 || !refused {
		t.Errorf("got %d browsers, and a last process that refuses to open one %t; want 1 and true", opened, refused)
	}
	signedIn(t, start(t, env, ks, "alice"))
	signedIn(t, start(t, env, ks, "alice", unattended))
}

// TestUnansweredKilled kills an unattended process that waits for the user: the next one opens
// no other browser.
func TestUnansweredKilled(t *testing.T) {
	t.Parallel()
	env := cacheIn(t.TempDir())
	ks := webssotest.NewKeystone(t)
	p := start(t, env, ks, "", func(o *websso.AuthOptions) { o.Unattended = true })
	p.opened(t)
	must(t, p.Process.Kill())
	_, _ = p.end()
	if out, err := start(t, env, ks, "", unattended).end(); err == nil || strings.Contains(out, "opened\n") || !strings.Contains(out, "was not completed") {
		t.Errorf("got %q, error %v; want no browser", out, err)
	}
}

// TestUnansweredEnds has a user do something after an unattended sign-in was in vain, and
// then another one: whether it may open a browser.
func TestUnansweredEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		then  func(t *testing.T, ks *webssotest.Keystone, opts websso.AuthOptions)
		opens bool
	}{
		"nothing": {func(*testing.T, *webssotest.Keystone, websso.AuthOptions) {}, false},
		"sign out": {func(t *testing.T, ks *webssotest.Keystone, opts websso.AuthOptions) {
			must(t, websso.Logout(t.Context(), newClient(t, ks), opts))
		}, true},
		"sign in by hand, and it ends": {func(t *testing.T, ks *webssotest.Keystone, opts websso.AuthOptions) {
			opts.Unattended, opts.OpenURL, opts.Timeout = false, ks.Browser().Open, 0
			authenticate(t, ks, opts)
			ks.RevokeAll()
		}, true},
		"cancel by hand": {func(t *testing.T, ks *webssotest.Keystone, opts websso.AuthOptions) {
			ctx, cancel := context.WithCancel(t.Context())
			opts.Unattended, opts.OpenURL = false, func(string) error { cancel(); return nil }
			wantError(t, websso.Authenticate(ctx, newClient(t, ks), opts), context.Canceled)
		}, true},
		"try by hand in vain": {func(t *testing.T, ks *webssotest.Keystone, opts websso.AuthOptions) {
			opts.Unattended = false
			wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrTimeout)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			opts.Cache = websso.NewFileCache(filepath.Join(t.TempDir(), "cache"))
			var opened atomic.Int32
			opts.OpenURL = func(string) error { opened.Add(1); return nil }
			opts.Unattended, opts.Check, opts.Timeout = true, true, 2*time.Second
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrTimeout) || opened.Swap(0) != 1 {
				t.Fatalf("got error %v, want ErrTimeout and one browser", err)
			}
			test.then(t, ks, opts)
			opened.Store(0)
			want := websso.ErrLoginRequired
			if test.opens {
				want = websso.ErrTimeout
			}
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, want) || (opened.Load() == 1) != test.opens {
				t.Errorf("got %d browsers, error %v; want %v", opened.Load(), err, want)
			}
		})
	}
}
