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

func TestFileCacheModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077, 0o277, 0o777} {
		dir := filepath.Join(t.TempDir(), "cache")
		old := syscall.Umask(umask)
		err := websso.NewFileCache(dir).Set("key", "value")
		syscall.Umask(old)
		if err != nil {
			t.Errorf("umask %04o: got error %v, want none", umask, err)
			continue
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("umask %04o: got directory mode %v, %v; want 0700", umask, info.Mode(), err)
		}
		if info, err := os.Stat(onlyFile(t, dir)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("umask %04o: got file mode %v, %v; want 0600", umask, info.Mode(), err)
		}
	}
}

// TestFileCacheRefuses shows that files and directories that others can access are neither
// read nor written. The error says why.
func TestFileCacheRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil   func(t *testing.T, dir, file string)
		says    string
		rewrite bool // Set replaces the file
	}{
		"folder open to the group":   {func(t *testing.T, dir, _ string) { chmod(t, dir, 0o750) }, "mode 0750", false},
		"folder open to the world":   {func(t *testing.T, dir, _ string) { chmod(t, dir, 0o701) }, "mode 0701", false},
		"file readable by the group": {func(t *testing.T, _, file string) { chmod(t, file, 0o640) }, "mode 0640", true},
		"file writable by the world": {func(t *testing.T, _, file string) { chmod(t, file, 0o602) }, "mode 0602", true},
		"folder of another user":     {func(t *testing.T, dir, _ string) { chown(t, dir) }, "belongs to user", false},
		"file of another user":       {func(t *testing.T, _, file string) { chown(t, file) }, "belongs to user", true},
		"folder is a link": {func(t *testing.T, dir, _ string) {
			must(t, os.Rename(dir, dir+".real"))
			must(t, os.Symlink(dir+".real", dir))
		}, "is a symbolic link, which is not followed", false},
		"folder is a file": {func(t *testing.T, dir, _ string) {
			must(t, os.RemoveAll(dir))
			must(t, os.WriteFile(dir, nil, 0o600))
		}, "not a directory", false},
		"file is a link": {func(t *testing.T, dir, file string) {
			must(t, os.Rename(file, dir+".real"))
			must(t, os.Symlink(dir+".real", file))
		}, "not a regular file", true},
		"file is a link within the folder": {func(t *testing.T, _, file string) {
			must(t, os.Rename(file, file+".real"))
			must(t, os.Symlink(filepath.Base(file)+".real", file))
		}, "not a regular file", true},
		"file is a FIFO": {func(t *testing.T, _, file string) {
			must(t, os.Remove(file))
			must(t, syscall.Mkfifo(file, 0o600))
		}, "not a regular file", true},
		"file is a folder": {func(t *testing.T, _, file string) {
			must(t, os.Remove(file))
			must(t, os.Mkdir(file, 0o700))
		}, "not a regular file", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			must(t, websso.NewFileCache(dir).Set("key", "planted"))
			test.spoil(t, dir, onlyFile(t, dir))

			c := websso.NewFileCache(dir + "/")
			got, err := c.Get("key")
			if got != "" || err == nil || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "websso: ") {
				t.Errorf("Get: got %q, %v; want an error that says %q", got, err, test.says)
			}
			if err := c.Set("key", "own"); (err == nil) != test.rewrite {
				t.Errorf("Set: got error %v, want none only if the file may be replaced: %t", err, test.rewrite)
			}
			if got, err := websso.NewFileCache(dir).Get("key"); test.rewrite && (got != "own" || err != nil) || !test.rewrite && got != "" {
				t.Errorf("Get after Set: got %q, %v; want own only if that was written", got, err)
			}
			if err := c.Delete("key"); test.rewrite && err != nil {
				t.Errorf("Delete: got error %v, want none", err)
			}
			if got, _ := c.Get("key"); got != "" {
				t.Errorf("Get after Delete: got %q, want none", got)
			}
		})
	}
}

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

// TestFileCacheCreatesPrivate shows that nothing is open to others even for a moment.
func TestFileCacheCreatesPrivate(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("no strace here; e2e runs it")
	}
	dir := filepath.Join(t.TempDir(), "cache")
	log := filepath.Join(t.TempDir(), "strace")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-e", "trace=openat,mkdir,mkdirat,creat", "-o", log, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "WEBSSO_TEST_SET="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("strace can't run here: %v\n%s", err, out)
	}
	calls, err := os.ReadFile(log)
	must(t, err)
	created := 0
	for line := range strings.Lines(string(calls)) {
		if strings.Contains(line, "mkdir") && strings.Contains(line, dir) || strings.Contains(line, "O_CREAT") && strings.Contains(line, ".tmp") {
			created++
			if !strings.Contains(line, "0600") && !strings.Contains(line, "0700") {
				t.Errorf("got %q, want mode 0600 or 0700", line)
			}
		}
	}
	if created != 2 {
		t.Errorf("got %d creations, want those of the directory and the file:\n%s", created, calls)
	}
}

// chmod changes the mode of a file or directory.
func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	must(t, os.Chmod(path, mode))
}

// chown gives a file or directory to another user.
func chown(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("giving a file away takes root")
	}
	must(t, os.Chown(path, 12345, -1))
}
