//go:build unix

package private_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso/internal/private"
)

// TestLockFileRefused has something in the place of the lock file that may not be used: it
// stays as it is, and the lock works within this process.
func TestLockFileRefused(t *testing.T) {
	t.Parallel()
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("precious"), 0o600))
	for name, plant := range map[string]func(path string) error{
		"link":           func(path string) error { return os.Symlink(victim, path) },
		"dangling link":  func(path string) error { return os.Symlink(victim+"2", path) },
		"FIFO":           func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory":      func(path string) error { return os.Mkdir(path, 0o700) },
		"open to others": func(path string) error { return os.Link(shared(t), path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := t.TempDir()
			path := filepath.Join(d, "a.lock")
			must(t, os.Chmod(d, 0o700))
			must(t, plant(path))
			before, err := os.Lstat(path)
			must(t, err)
			warned := 0
			release, err := private.Lock{Dir: d, Name: "a", Warn: func(error) { warned++ }}.Take(t.Context())
			if err != nil || warned != 1 {
				t.Fatalf("got error %v and %d warnings, want the lock and 1", err, warned)
			}
			release()
			after, err := os.Lstat(path)
			if err != nil || !os.SameFile(before, after) || after.Size() != before.Size() || after.Mode() != before.Mode() {
				t.Errorf("got %v, %v; want it as it was", after, err)
			}
		})
	}
	if got, err := os.ReadFile(victim); string(got) != "precious" || err != nil {
		t.Errorf("got %q, %v; want the file as it was", got, err)
	}
}

// shared returns a file that others can read.
func shared(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "shared")
	must(t, os.WriteFile(path, []byte("1"), 0o600))
	must(t, os.Chmod(path, 0o644))
	return path
}

// TestLockUmask makes a lock file that the user alone can use, whatever the umask, and
// removes it. Not in parallel: it is the whole process's.
func TestLockUmask(t *testing.T) {
	for _, umask := range []int{0, 0o777} {
		d := dir(t)
		before := syscall.Umask(umask)
		release, err := private.Lock{Dir: d, Name: "a"}.Take(t.Context())
		syscall.Umask(before)
		if err != nil {
			t.Fatalf("umask %04o: got error %v, want none", umask, err)
		}
		path := filepath.Join(d, "a.lock")
		if info, err := os.Lstat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("umask %04o: got %v, %v; want mode 0600", umask, info, err)
		}
		release()
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("umask %04o: got error %v after the release, want no file", umask, err)
		}
	}
}

// TestLockAgain takes a lock that this process has just released, without waiting, while
// it starts other programs.
func TestLockAgain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var starting sync.WaitGroup
	defer starting.Wait()
	defer cancel()
	for range 4 {
		starting.Go(func() {
			for ctx.Err() == nil {
				_ = exec.CommandContext(ctx, "true").Run()
			}
		})
	}
	l := private.Lock{Dir: dir(t), Name: "a"}
	for range 200 {
		release, err := l.Take(t.Context())
		must(t, err)
		release()
	}
}
