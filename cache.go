package websso

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Cache keeps sign-ins between runs. Its methods are those of the token cache proposed
// for gophercloud. They must be safe for concurrent use. The values contain tokens:
// whoever can read them can act as the user.
type Cache interface {
	// Get returns the value of key, or "" and a nil error if there is none.
	Get(key string) (string, error)
	// Set replaces the value of key.
	Set(key, value string) error
	// Delete removes key. It succeeds if there is no such key.
	Delete(key string) error
}

// MemoryCache is a Cache that ends with the program. The zero value is ready to use. A
// MemoryCache must not be copied after first use.
type MemoryCache struct {
	mu     sync.Mutex
	values map[string]*string // pointers, because printing a MemoryCache does not follow them
}

// Get implements [Cache].
func (c *MemoryCache) Get(key string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value := c.values[key]; value != nil {
		return *value, nil
	}
	return "", nil
}

// Set implements [Cache].
func (c *MemoryCache) Set(key, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil {
		c.values = make(map[string]*string)
	}
	c.values[key] = &value
	return nil
}

// Delete implements [Cache].
func (c *MemoryCache) Delete(key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
	return nil
}

const (
	entrySuffix = ".signin"

	// maxEntry is the largest file read: many times the largest catalog seen, and
	// still cheap to read for nothing.
	maxEntry = 8 << 20
)

// writeRetry is how often a FileCache tries again to write what it could not write.
const writeRetry = time.Second

// FileCache is a Cache in files that only the user can read: a directory with mode
// 0700, files with mode 0600. Files and directories that others can access are refused:
// Get and Set then return an error that says what is wrong. On Windows the access rules
// of the user's profile stand in for owner and mode.
//
// Values that could not be written stay in memory, for as long as the FileCache does and
// until another program writes a newer one of them. They are written as soon as that works
// again.
//
// A FileCache is safe for concurrent use by goroutines and processes. Make one with
// [NewFileCache].
type FileCache struct {
	dir string

	mu       sync.Mutex
	unsaved  map[fileName]unsaved
	tried    time.Time       // when it last tried to write them
	reported map[string]bool // errors that a sign-in has shown
}

// fileName is where a value is.
type fileName struct{ dir, name string }

func (f fileName) path() string { return filepath.Join(f.dir, f.name) }

// unsaved is a value that could not be written, or "" for one that could not be deleted.
type unsaved struct {
	value *string       // a pointer, as in MemoryCache
	over  private.Stamp // the file that it was to replace
}

// fileError is an error about a file. Its text is safe to print whatever the file's name.
type fileError struct{ err error }

func fileErrorf(format string, args ...any) error {
	return &fileError{fmt.Errorf(format, args...)}
}

func (e *fileError) Error() string { return terminal.Escape(e.err.Error()) }

func (e *fileError) Unwrap() error { return e.err }

// NewFileCache returns a FileCache that keeps its values in dir, which the first Set
// creates. If dir is empty, the directory gophercloud-websso in the user's cache
// directory is used, looked up at each call ($XDG_CACHE_HOME or ~/.cache on Linux,
// ~/Library/Caches on macOS, %LocalAppData%\cache on Windows).
func NewFileCache(dir string) *FileCache {
	return &FileCache{dir: dir}
}

// userCache is the Cache if [AuthOptions].Cache is nil. The whole program has one, so
// that the next call still knows what could not be written.
var userCache = sync.OnceValue(func() *FileCache { return NewFileCache("") })

// userDir returns the default directory of the cache, and the directory of the locks.
func userDir() string { return private.CacheDir("gophercloud-websso") }

func (c *FileCache) file(key string) fileName {
	if c.dir == "" {
		return fileName{userDir(), hashName(key) + entrySuffix}
	}
	return fileName{c.dir, hashName(key) + entrySuffix}
}

// hashName returns a file name for key that is valid in any file system.
func hashName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// Get implements [Cache].
func (c *FileCache) Get(key string) (string, error) {
	f := c.file(key)
	c.mu.Lock()
	c.save()
	u, ok := c.unsaved[f]
	c.mu.Unlock()
	if ok {
		return *u.value, nil
	}
	value, err := private.Read(f.dir, f.name, maxEntry)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fileErrorf("websso: can't read the cached sign-in: %w", err)
	}
	return value, nil
}

// save tries again to write what could not be written. If another program has written any
// of it since, all of it is dropped: parts of two sign-ins don't go together.
func (c *FileCache) save() {
	for f, u := range c.unsaved {
		if !u.over.Equal(private.StampOf(f.dir, f.name)) {
			clear(c.unsaved)
			return
		}
	}
	if len(c.unsaved) == 0 || time.Since(c.tried) < writeRetry {
		return
	}
	c.tried = time.Now()
	for f, u := range c.unsaved {
		if err := write(f, *u.value); err != nil {
			return
		}
		delete(c.unsaved, f)
	}
}

// write puts a value into its file. An empty one deletes the file.
func write(f fileName, value string) error {
	if value != "" {
		return private.Write(f.dir, f.name, value)
	}
	if err := private.Remove(f.dir, f.name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Set implements [Cache]. If it returns an error, the value is kept in memory.
func (c *FileCache) Set(key, value string) error {
	if err := c.set(c.file(key), value); err != nil {
		return fileErrorf("websso: can't cache the sign-in for other programs: %w", err)
	}
	return nil
}

// Delete implements [Cache]. If it returns an error, the value is still on disk, but this
// FileCache no longer returns it.
func (c *FileCache) Delete(key string) error {
	f := c.file(key)
	if err := c.set(f, ""); err != nil {
		return fileErrorf("websso: the sign-in is still cached in %s: %w", f.path(), err)
	}
	return nil
}

func (c *FileCache) set(f fileName, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := write(f, value)
	if err == nil {
		delete(c.unsaved, f)
		return nil
	}
	if c.unsaved == nil {
		c.unsaved = make(map[fileName]unsaved)
	}
	c.unsaved[f] = unsaved{value: &value, over: private.StampOf(f.dir, f.name)}
	c.tried = time.Now()
	return err
}

// firstReport reports whether err has not been shown before. A directory that can't be
// used is worth one line, however many calls meet it.
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
