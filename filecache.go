package websso

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"
)

const (
	entrySuffix = ".signin"
	tempSuffix  = ".tmp"

	// maxEntry is the largest file read: many times the largest catalog seen, and
	// little enough to read in vain.
	maxEntry = 8 << 20

	// tempAge is when a file that a writer left behind is taken for abandoned.
	tempAge = time.Hour
)

// FileCache keeps values in files that only the user can read: a folder of mode
// 0700, files of 0600. What others could read or write is not used: Get and Set
// then return an error that says what is wrong, and the value is kept in memory
// for as long as the FileCache is. On Windows the access rules of the user's
// profile stand in for owner and mode.
//
// It may be used by any number of goroutines and processes at once; make one with
// [NewFileCache].
type FileCache struct {
	dir string

	mu       sync.Mutex
	memory   map[string]string // by file, what could not be written
	reported map[string]bool   // errors that a sign-in has shown
}

// NewFileCache keeps values in dir, which is made when the first is kept. An empty
// dir means the folder gophercloud-websso in the user's cache directory, looked up
// at each use ($XDG_CACHE_HOME or ~/.cache on Linux, ~/Library/Caches on macOS,
// %LocalAppData%\cache on Windows).
func NewFileCache(dir string) *FileCache {
	return &FileCache{dir: dir}
}

// userCache is the Cache of those who set none. It is one for the whole program, so
// that what could not be written is still known to the next call.
var userCache = sync.OnceValue(func() *FileCache { return NewFileCache("") })

// defaultDir is the folder of the cache and the locks.
func defaultDir() string { return filepath.Join(xdg.CacheHome, "gophercloud-websso") }

func (c *FileCache) folder() string {
	if c.dir == "" {
		return defaultDir()
	}
	return c.dir
}

// fileName is safe in any file system, whatever the key.
func fileName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]) + entrySuffix
}

// Get implements [Cache].
func (c *FileCache) Get(key string) (string, error) {
	dir, name := c.folder(), fileName(key)
	c.mu.Lock()
	value, ok := c.memory[filepath.Join(dir, name)]
	c.mu.Unlock()
	if ok {
		return value, nil
	}
	value, err := readPrivate(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("websso: the kept sign-in is not used: %w", err)
	}
	return value, nil
}

// Set implements [Cache]. A value that it returns an error for is kept in memory.
func (c *FileCache) Set(key, value string) error {
	dir, name := c.folder(), fileName(key)
	err := writePrivate(dir, name, value)
	path := filepath.Join(dir, name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.memory == nil {
			c.memory = make(map[string]string)
		}
		c.memory[path] = value
		return fmt.Errorf("websso: the sign-in is kept for this program alone: %w", err)
	}
	delete(c.memory, path)
	return nil
}

// Delete implements [Cache].
func (c *FileCache) Delete(key string) error {
	dir, name := c.folder(), fileName(key)
	c.mu.Lock()
	delete(c.memory, filepath.Join(dir, name))
	c.mu.Unlock()
	root, err := openPrivate(dir)
	if err == nil {
		defer root.Close()
		err = root.Remove(name)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("websso: the kept sign-in is still in %s: %w", filepath.Join(dir, name), err)
	}
	return nil
}

// firstReport tells whether err has not been shown before: one folder that can't be
// used is one line, however many calls meet it.
func (c *FileCache) firstReport(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reported[err.Error()] {
		return false
	}
	if c.reported == nil {
		c.reported = make(map[string]bool)
	}
	c.reported[err.Error()] = true
	return true
}

// makePrivate makes dir where it is missing, for the user alone.
func makePrivate(dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) { // another process was faster
			return nil
		}
		return err
	}
	// A umask can only have taken permissions away: from the user as well.
	return os.Chmod(dir, 0o700)
}

// openPrivate opens a folder that is the user's alone. What is opened below it can't
// lead out of it.
func openPrivate(dir string) (*os.Root, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: remove it", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil && !os.SameFile(info, opened) {
		err = fmt.Errorf("%s changed while it was opened", dir)
	}
	if err == nil {
		err = checkPrivate(dir, opened)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

func readPrivate(dir, name string) (string, error) {
	root, err := openPrivate(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	path := filepath.Join(dir, name)
	before, err := root.Lstat(name)
	if err != nil {
		return "", err
	}
	if !before.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file: remove it", path)
	}
	f, err := root.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	// Between the two looks a writer may have put a new file in place: an honest
	// one is a regular file, too.
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file: remove it", path)
	}
	if err := checkPrivate(path, info); err != nil {
		return "", err
	}
	if info.Size() > maxEntry {
		return "", fs.ErrNotExist // nothing that was kept here
	}
	var b strings.Builder
	b.Grow(int(info.Size()))
	if _, err := io.Copy(&b, io.LimitReader(f, maxEntry)); err != nil {
		return "", err
	}
	return b.String(), nil
}

// writePrivate puts the value in place whole: a reader sees the old one or the new
// one, and a writer that is killed leaves the old one.
func writePrivate(dir, name, value string) (err error) {
	if err := makePrivate(dir); err != nil {
		return err
	}
	root, err := openPrivate(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	removeAbandoned(root)
	temp := rand.Text() + tempSuffix
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			_ = root.Remove(temp)
		}
	}()
	// For a umask that took the user's own permissions.
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if _, err := io.WriteString(f, value); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return root.Rename(temp, name)
}

// removeAbandoned clears what killed writers left behind.
func removeAbandoned(root *os.Root) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), tempSuffix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > tempAge {
			_ = root.Remove(e.Name())
		}
	}
}
