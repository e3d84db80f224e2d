package command

import (
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

// newCache returns the cache of all clouds of a command.
func newCache(where, dir string) websso.Cache {
	switch where {
	case cacheMemory:
		return &websso.MemoryCache{}
	case cacheKeyring:
		return keyringCache{keyring.NewCache(websso.NewFileCache(dir))}
	}
	return websso.NewFileCache(dir)
}

// keyringCache is a cache whose messages name the option to choose another one with.
type keyringCache struct{ *keyring.Cache }

func (c keyringCache) Get(key string) (string, error) {
	value, err := c.Cache.Get(key)
	return value, orInFiles(err)
}

func (c keyringCache) Set(key, value string) error {
	return orInFiles(c.Cache.Set(key, value))
}

func (c keyringCache) Check() error { return orInFiles(c.Cache.Check()) }

func orInFiles(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w (--cache file)", err)
}

// describeCache says where the sign-ins are.
func (a *app) describeCache() string {
	where, dir := a.text("cache"), a.text("cache-dir")
	if dir == "" {
		dir = private.CacheDir("gophercloud-websso")
	}
	if full, err := cacheDir(dir); err == nil {
		dir = full
	}
	switch where {
	case cacheMemory:
		return "memory, until the command ends"
	case cacheKeyring:
		return dir + ", encrypted with a key in the system's keyring"
	}
	return dir
}

// cacheDir makes the path of --cache-dir absolute, as the library wants it.
func cacheDir(dir string) (string, error) {
	if dir == "" {
		return "", nil
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("--cache-dir: %w", err)
	}
	return full, nil
}
