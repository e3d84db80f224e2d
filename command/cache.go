package command

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/keyring"
)

// The values of --cache.
const (
	cacheFile    = "file"
	cacheKeyring = "keyring"
	cacheMemory  = "memory"
)

// cacheKind is what --cache says. A program may have omitted the option.
func (a *app) cacheKind() string { return cmp.Or(a.text("cache"), cacheFile) }

// newCache returns the cache of all clouds of a command, and where that is.
func (a *app) newCache() (cache websso.Cache, where string) {
	dir := a.cacheDir()
	files := websso.NewFileCache(dir)
	where = cmp.Or(dir, private.CacheDir("gophercloud-websso"))
	switch a.cacheKind() {
	case cacheMemory:
		return &websso.MemoryCache{}, "memory, until the command ends"
	case cacheKeyring:
		return keyringCache{keyring.NewCache(files)}, where + ", encrypted with a key in the system's keyring"
	}
	return files, where
}

// keyringCache is a cache whose errors name the option with which to choose another one.
type keyringCache struct{ *keyring.Cache }

func (c keyringCache) Get(key string) (string, error) {
	value, err := c.Cache.Get(key)
	return value, orInFiles(err)
}

func (c keyringCache) Set(key, value string) error { return orInFiles(c.Cache.Set(key, value)) }

func (c keyringCache) Check() error { return orInFiles(c.Cache.Check()) }

func orInFiles(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w (--cache file)", err)
}

// cacheDir is what --cache-dir says, as the library wants it.
func (a *app) cacheDir() string {
	dir := a.text("cache-dir")
	if full, err := filepath.Abs(dir); dir != "" && err == nil {
		return full
	}
	return dir
}
