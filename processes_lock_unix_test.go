//go:build unix

package websso_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/adrg/xdg"
	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

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

// TestLocksAreRemoved wants no lock file left after a sign-in.
func TestLocksAreRemoved(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	lock := filepath.Join(xdg.CacheHome, "gophercloud-websso", "signin-"+strconv.Itoa(opts.RedirectPort)+".lock")
	if _, err := os.Lstat(lock); !os.IsNotExist(err) {
		t.Errorf("got error %v, want no file %s", err, lock)
	}
}

// TestStoreLocksHeld has another process hold the locks of all entries of a sign-in, and
// never release them: the wait is told, and there is one.
func TestStoreLocksHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ks := webssotest.NewKeystone(t)
	signedIn(t, start(t, cacheIn(dir), ks, "alice"))
	entries, err := filepath.Glob(filepath.Join(dir, "gophercloud-websso", "*.signin"))
	if err != nil || len(entries) != 3 {
		t.Fatalf("got entries %v, %v; want three", entries, err)
	}
	for _, entry := range entries {
		f, err := os.OpenFile(strings.TrimSuffix(entry, ".signin")+".lock", os.O_RDWR|os.O_CREATE, 0o600)
		must(t, err)
		defer f.Close()
		must(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
	}
	ks.RevokeAll()
	again := start(t, cacheIn(dir), ks, "alice", func(o *websso.AuthOptions) { o.Scope = project("lab") })
	signedIn(t, again)
	if out := again.output.String(); strings.Count(out, "which is using the same sign-in") != 1 {
		t.Errorf("got output %q, want it to say once what it waits for", out)
	}
}
