//go:build unix

package websso_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// fullDisk is what a process does that can write files of 64 bytes only: the kernel then
// ends a write as a full disk does, in the middle.
func fullDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	small := syscall.Rlimit{Cur: 64, Max: 64}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	cache := websso.NewFileCache(dir)
	if err := cache.Set("key", strings.Repeat("new", 100)); err == nil {
		return errors.New("Set: got no error, want one")
	}
	if got, err := cache.Get("key"); err != nil || got != "old" {
		return fmt.Errorf("Get: got %.10q, error %s; want the old value", got, fmt.Sprint(err))
	}
	return nil
}

// TestFileCacheWriteCutOff has a disk that takes the first bytes of a value only.
func TestFileCacheWriteCutOff(t *testing.T) {
	if dir := os.Getenv("WEBSSO_TEST_FULL"); dir != "" {
		must(t, fullDisk(dir))
		return
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	must(t, websso.NewFileCache(dir).Set("key", "old"))
	p := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestFileCacheWriteCutOff$")
	p.Env = append(os.Environ(), "WEBSSO_TEST_FULL="+dir)
	if out, err := p.CombinedOutput(); err != nil {
		t.Errorf("got %s, %v; want no error", out, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Errorf("got files %v, error %v; want the old one alone", files, err)
	}
	if got, err := websso.NewFileCache(dir).Get("key"); err != nil || got != "old" {
		t.Errorf("got %q, error %v; want the old value", got, err)
	}
}
