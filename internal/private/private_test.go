package private_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/private"
)

func dir(t *testing.T) string { return filepath.Join(t.TempDir(), "private") }

func TestWriteReadRemove(t *testing.T) {
	t.Parallel()
	d := dir(t)
	if _, err := private.Read(d, "a", 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
	for _, content := range []string{"one", "", "0123456789"} {
		must(t, private.Write(d, "a", content))
		if got, err := private.Read(d, "a", 10); got != content || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, content)
		}
	}
	if _, err := private.Read(d, "a", 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v for a file over the limit, want fs.ErrNotExist", err)
	}
	must(t, private.Remove(d, "a"))
	if err := private.Remove(d, "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
}

func TestRelativeDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	if err := private.Write("cache", "a", "b"); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("Write: got error %v, want one about the path", err)
	}
	if _, err := private.Read("cache", "a", 1); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("Read: got error %v, want one about the path", err)
	}
	if _, err := os.Lstat("cache"); err == nil {
		t.Error("got a directory in the current one, want none")
	}
}

func TestNamesDoNotLeadOut(t *testing.T) {
	t.Parallel()
	d := dir(t)
	must(t, private.Write(d, "a", "b"))
	for _, name := range []string{"../b", "..", "/etc/hostname"} {
		if err := private.Write(d, name, "c"); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

func TestLockTimesOut(t *testing.T) {
	t.Parallel()
	d := dir(t)
	release, err := private.Lock{Dir: d, Name: "a"}.Take(t.Context())
	if err != nil {
		t.Fatalf("got error %v for a free lock without a limit, want it", err)
	}
	var told atomic.Int32
	waiter := private.Lock{Dir: d, Name: "a", Limit: time.Second, Waiting: func(holder string) {
		told.Add(1)
		if holder != "this program" {
			t.Errorf("got holder %q, want this program", holder)
		}
	}}
	if _, err := waiter.Take(t.Context()); !errors.Is(err, private.ErrLockTimeout) || !strings.Contains(err.Error(), "this program still holds") {
		t.Errorf("got error %v, want ErrLockTimeout with the holder", err)
	}
	if told.Load() != 1 {
		t.Errorf("got %d notices, want 1", told.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := waiter.Take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	release()
	if again, err := waiter.Take(t.Context()); err != nil {
		t.Errorf("got error %v after the release, want none", err)
	} else {
		again()
	}
	if private.HasTurn(waiter) {
		t.Error("got a turn that is remembered, want it forgotten")
	}
}

// TestLockPerHolder has more who want the lock than can have it within its limit, and then one
// who never lets go. They are like processes of their own, because each calls the directory by
// another name.
func TestLockPerHolder(t *testing.T) {
	t.Parallel()
	const hold, limit, waiters = 500 * time.Millisecond, 1500 * time.Millisecond, 6
	parent := filepath.Join(t.TempDir(), "abcdef")
	must(t, os.Mkdir(parent, 0o700))
	var wg sync.WaitGroup
	var locks []private.Lock
	for i := range waiters {
		locks = append(locks, private.Lock{Dir: filepath.Join(alias(t, parent, i), "private"), Name: "a", Limit: limit})
	}
	for _, l := range locks {
		wg.Go(func() {
			release, err := l.Take(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(hold)
			release()
		})
	}
	wg.Wait()
	release, err := locks[0].Take(t.Context())
	must(t, err)
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := locks[1].Take(ctx); !errors.Is(err, private.ErrLockTimeout) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("got error %v, want ErrLockTimeout with the process", err)
	}
}

// TestLockExcludes takes and releases a lock again and again, as goroutines or as processes
// of their own do: whoever has removed its file leaves nobody in it.
func TestLockExcludes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ aliases, rounds int }{"one process": {0, 10}, "processes": {6, 300}} {
		if runtime.GOOS == "windows" {
			tt.rounds /= 10 // the files of wine, in which it runs, are slow
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := filepath.Join(t.TempDir(), "abcdef")
			must(t, os.Mkdir(parent, 0o700))
			l := private.Lock{Dir: filepath.Join(parent, "private"), Name: "a", Limit: time.Minute}
			var inside, most atomic.Int32
			var wg sync.WaitGroup
			for i := range 6 {
				l := l
				if i < tt.aliases {
					l.Dir = filepath.Join(alias(t, parent, i), "private")
				}
				wg.Go(func() {
					for range tt.rounds {
						release, err := l.Take(t.Context())
						if err != nil {
							t.Error(err)
							return
						}
						most.Store(max(most.Load(), inside.Add(1)))
						runtime.Gosched()
						inside.Add(-1)
						release()
					}
				})
			}
			wg.Wait()
			if most.Load() != 1 {
				t.Errorf("got %d holders at once, want 1", most.Load())
			}
			if private.HasTurn(l) {
				t.Error("got a turn that is remembered, want it forgotten")
			}
		})
	}
}

// alias returns another name of a directory.
func alias(t *testing.T, dir string, i int) string {
	t.Helper()
	if runtime.GOOS == "windows" { // where links take a privilege
		base := []byte(filepath.Base(dir))
		base[i] -= 'a' - 'A'
		return filepath.Join(filepath.Dir(dir), string(base))
	}
	name := filepath.Join(filepath.Dir(dir), "link"+strconv.Itoa(i))
	must(t, os.Symlink(dir, name))
	return name
}

// TestLockWithoutFile wants a directory that can't be used to leave the lock within the
// process.
func TestLockWithoutFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	warned := 0
	l := private.Lock{Dir: file, Name: "a", Limit: 500 * time.Millisecond, Warn: func(error) { warned++ }}
	release, err := l.Take(t.Context())
	if err != nil || warned != 1 {
		t.Fatalf("got error %v and %d warnings, want the lock and 1", err, warned)
	}
	if _, err := l.Take(t.Context()); !errors.Is(err, private.ErrLockTimeout) {
		t.Errorf("got error %v, want ErrLockTimeout", err)
	}
	release()
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
