//go:build unix

package websso_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/adrg/xdg"
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
