//go:build unix

package websso_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adrg/xdg"
	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestWaitForStoppedProcess stops the process that signs in: one that waits for it times
// out and names it, while one on another port does not wait.
func TestWaitForStoppedProcess(t *testing.T) {
	t.Parallel()
	env := cacheIn(t.TempDir())
	ks := webssotest.NewKeystone(t)
	first := start(t, env, ks, "")
	first.opened(t)
	must(t, first.Process.Signal(syscall.SIGSTOP))

	next := start(t, env, ks, "alice", func(o *websso.AuthOptions) { o.Timeout = 100 * time.Millisecond })
	out, err := next.end()
	if pid := fmt.Sprint("process ", first.Process.Pid); err == nil || strings.Contains(out, "opened") ||
		!strings.Contains(out, "timed out\n") || !strings.Contains(out, pid) {
		t.Errorf("got %q, %v; want a time-out that names %s", out, err, pid)
	}

	other := webssotest.NewKeystone(t).AuthOptions().RedirectPort // is free
	trust(ks, other)
	signedIn(t, start(t, env, ks, "alice", func(o *websso.AuthOptions) { o.RedirectPort = other }))
	must(t, first.Process.Kill())
	first.Wait()
}

// TestLockIsNoLink has a link in the place of the lock file: what it leads to stays as it
// is.
func TestLockIsNoLink(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("precious"), 0o600))
	dir := filepath.Join(xdg.CacheHome, "gophercloud-websso")
	must(t, os.MkdirAll(dir, 0o700))
	lock := filepath.Join(dir, "signin-"+strconv.Itoa(opts.RedirectPort)+".lock")
	must(t, os.Symlink(victim, lock))
	defer os.Remove(lock)
	authenticate(t, ks, opts)
	if got, err := os.ReadFile(victim); err != nil || string(got) != "precious" {
		t.Errorf("got %q, %v; want the file as it was", got, err)
	}
}
