package websso

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Cache keeps sign-ins between runs. Its methods are those of the token cache proposed
// for gophercloud. They must be safe for concurrent use. The values contain tokens:
// whoever can read them can act as the user.
//
// An error never stops a sign-in. What a Cache can't take stays in memory for as long as
// the program uses the same Cache. It is written as soon as that works again, unless another
// program has written something newer.
//
// If a Cache has a method Check() error, that is called before a browser opens, and its error
// is shown: the user reads before signing in, not afterwards, that the sign-in will be lost.
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
type MemoryCache struct{ values sync.Map } // whose content printing does not follow

// Get implements [Cache].
func (c *MemoryCache) Get(key string) (string, error) {
	value, _ := c.values.Load(key)
	text, _ := value.(string)
	return text, nil
}

// Set implements [Cache].
func (c *MemoryCache) Set(key, value string) error {
	c.values.Store(key, value)
	return nil
}

// Delete implements [Cache].
func (c *MemoryCache) Delete(key string) error {
	c.values.Delete(key)
	return nil
}

const (
	entrySuffix = ".signin"

	// maxEntry is the largest file read: many times the largest catalog seen, and
	// still cheap to read for nothing.
	maxEntry = 8 << 20
)

// FileCache is a Cache in files that only the user can read: a directory with mode
// 0700, files with mode 0600. Files and directories that others can access are refused:
// Get and Set then return an error that says what is wrong. On Windows the access rules
// of the user's profile stand in for owner and mode.
//
// A FileCache is safe for concurrent use by goroutines and processes. Make one with
// [NewFileCache].
type FileCache struct{ dir string }

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
// that the next call still knows what it could not take.
var userCache = sync.OnceValue(func() *FileCache { return NewFileCache("") })

// userDir returns the default directory of the cache, and the directory of the locks.
func userDir() string { return private.CacheDir("gophercloud-websso") }

// place returns the directory and the name of the file of key.
func (c *FileCache) place(key string) (dir, name string) {
	if dir = userDir(); c.dir != "" {
		dir = filepath.Clean(c.dir) // with a slash at its end, a link would be followed
	}
	return dir, hexSum(key) + entrySuffix
}

// hexSum returns the SHA-256 of key in hex, which any file system takes as a name.
func hexSum(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// Get implements [Cache].
func (c *FileCache) Get(key string) (string, error) {
	dir, name := c.place(key)
	value, err := private.Read(dir, name, maxEntry)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fileErrorf("websso: can't read the cached sign-in: %w", err)
	}
	return value, nil
}

// Set implements [Cache].
func (c *FileCache) Set(key, value string) error {
	dir, name := c.place(key)
	if err := private.Write(dir, name, value); err != nil {
		return fileErrorf("websso: can't cache the sign-in for other programs: %w", err)
	}
	return nil
}

// Delete implements [Cache].
func (c *FileCache) Delete(key string) error {
	dir, name := c.place(key)
	if err := private.Remove(dir, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileErrorf("websso: the sign-in is still cached in %s: %w", filepath.Join(dir, name), err)
	}
	return nil
}
