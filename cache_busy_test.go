package websso_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
)

// On Windows a file that another program has open, such as a virus scanner, can be
// neither replaced nor removed.

// TestSetOfOpenFile writes a value that another program is reading, and waits for it.
func TestSetOfOpenFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	c := websso.NewFileCache(dir)
	must(t, c.Set("key", "old"))
	files := openAll(t, dir)
	time.AfterFunc(200*time.Millisecond, func() {
		for _, f := range files {
			f.Close()
		}
	})
	must(t, c.Set("key", "new"))
	if got, err := c.Get("key"); err != nil || got != "new" {
		t.Errorf("got %q, %v; want %q", got, err, "new")
	}
}

// TestDeleteOfOpenFile forgets a value that another program goes on reading.
func TestDeleteOfOpenFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	c := websso.NewFileCache(dir)
	must(t, c.Set("key", "a token"))
	openAll(t, dir)
	must(t, c.Delete("key"))
	if got, err := c.Get("key"); err != nil || got != "" {
		t.Errorf("got %q, %v; want a miss", got, err)
	}
	for _, f := range openAll(t, dir) {
		if content, err := io.ReadAll(f); err != nil || strings.Contains(string(content), "a token") {
			t.Errorf("got %q, %v in %s; want no token", content, err, f.Name())
		}
	}
}

// openAll opens the files of a directory for reading, as other programs do, until the end of
// the test.
func openAll(t *testing.T, dir string) []*os.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	var files []*os.File
	for _, path := range paths {
		f, err := os.Open(path)
		must(t, err)
		t.Cleanup(func() { f.Close() })
		files = append(files, f)
	}
	return files
}

// TestFileCacheConcurrently wants readers to see whole values while others write.
func TestFileCacheConcurrently(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	values := []string{strings.Repeat("a", 50_000), strings.Repeat("b", 70_000)}
	must(t, websso.NewFileCache(dir).Set("key", values[0]))
	var wg sync.WaitGroup
	for _, value := range values {
		wg.Go(func() {
			for range 50 {
				if err := websso.NewFileCache(dir).Set("key", value); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 200 {
				got, err := websso.NewFileCache(dir).Get("key")
				if err != nil || got != values[0] && got != values[1] {
					t.Errorf("Get: got %d bytes, %v; want one of the values", len(got), err)
				}
			}
		})
	}
	wg.Wait()
	onlyFile(t, dir)
}
