package keyring

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"sync"

	"github.com/gophercloud-websso/websso"
)

// Cache is a [websso.Cache] that encrypts its values and stores them in another Cache.
// It may be used by any number of goroutines and processes at once; make one with
// [NewCache], and use it for every sign-in of the program.
//
// Values are sealed with AES-256-GCM under a random key, one for each user, which the
// system's keyring holds. A value that was changed, moved to another key, or sealed
// with a key that the keyring no longer has, is a miss.
type Cache struct {
	inner websso.Cache
	ring  *ring

	mu     sync.Mutex
	memory map[string]*string // by key, what could not be sealed; pointers, as in websso.MemoryCache
	shown  map[string]bool    // errors that the user has read
}

var _ websso.Cache = (*Cache)(nil)

// NewCache returns a Cache that stores its sealed values in inner. If inner is nil, it
// uses the user's file cache.
//
// What inner holds in the clear, from a time without this Cache, is sealed when it is
// first read, and then deleted. A value that is never read again stays: to be rid of
// all of them, sign out before the change.
//
// Computers that share the files but not the keyring replace each other's values, since
// none can read what another has sealed. Give each of them files of its own.
func NewCache(inner websso.Cache) *Cache { return newCache(inner, userRing) }

func newCache(inner websso.Cache, r *ring) *Cache {
	if inner == nil {
		inner = websso.NewFileCache("")
	}
	return &Cache{inner: inner, ring: r}
}

// slot is the key of a sealed value in the inner Cache. It shows nothing of the entry's
// own key, which names the cloud and may name an account.
//
// Values in the clear have another key, so that a program with this Cache and one
// without it don't take each other's sign-in away.
func slot(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "sealed " + hex.EncodeToString(sum[:])
}

// Get implements [websso.Cache]. An error means that there may be a value that can't be
// read.
func (c *Cache) Get(key string) (string, error) {
	c.save()
	sealed, err := c.inner.Get(slot(key))
	if sealed == "" && err == nil {
		var plain string
		if plain, err = c.inner.Get(key); plain != "" {
			return c.adopt(key, plain)
		}
		if err == nil {
			// Another process may have sealed the value between the two looks.
			sealed, err = c.inner.Get(slot(key))
		}
	}
	if sealed == "" {
		if err == nil {
			// A sign-in may follow. If the keyring is locked, its window then opens
			// along with the browser and not when the program is about to end.
			c.ring.prepare()
		}
		return c.missing(key, err)
	}
	value, ok, err := c.ring.open(key, sealed)
	if ok {
		return value, nil
	}
	return c.missing(key, err)
}

// missing returns the value in memory if there is one, and otherwise err.
func (c *Cache) missing(key string, err error) (string, error) {
	if value := c.remembered(key); value != "" {
		return value, nil
	}
	return "", c.report(err)
}

// adopt seals a value that was stored in the clear.
func (c *Cache) adopt(key, plain string) (string, error) {
	if value := c.remembered(key); value != "" {
		return value, nil
	}
	k, err := c.ring.need()
	if err != nil {
		return "", c.report(err)
	}
	if sealed, err := c.inner.Get(slot(key)); sealed == "" && err == nil {
		if err := c.inner.Set(slot(key), k.seal(key, plain)); err != nil {
			return plain, c.report(err)
		}
	}
	return plain, c.report(c.inner.Delete(key))
}

// Set implements [websso.Cache]. If the keyring can't be used, the value is kept in
// memory for as long as the Cache is, and the inner Cache forgets what it had: an older
// value must not come back when the keyring does. The value is written after all if the
// keyring answers later.
func (c *Cache) Set(key, value string) error {
	k, err := c.ring.need()
	if err != nil {
		c.remember(key, value)
		return c.report(errors.Join(err, c.deleteInner(key)))
	}
	c.save()
	before, _ := c.inner.Get(slot(key))
	if err := c.inner.Set(slot(key), k.seal(key, value)); err != nil {
		return c.report(err)
	}
	c.forget(key)
	if before != "" && !c.isLeftOver(k, key, before) {
		// What is there in the clear, if anything, is another program's.
		return nil
	}
	return c.report(c.inner.Delete(key))
}

// isLeftOver reports whether the value in the clear is the one that was sealed, because
// the process that sealed it was killed before it deleted the original.
func (c *Cache) isLeftOver(k *key, entry, sealed string) bool {
	plain, err := c.inner.Get(entry)
	if plain == "" || err != nil {
		return false
	}
	value, ok := k.open(entry, sealed)
	return ok && value == plain
}

// Delete implements [websso.Cache]. It does not need the keyring.
func (c *Cache) Delete(key string) error {
	c.forget(key)
	return c.deleteInner(key)
}

func (c *Cache) deleteInner(key string) error {
	return errors.Join(c.inner.Delete(slot(key)), c.inner.Delete(key))
}

// Check returns an error that says what to do if the keyring can't be used. It waits for
// the keyring for 3 seconds at most, and stores nothing.
func (c *Cache) Check() error { return c.report(c.ring.check()) }

// save writes what could not be sealed before, if there is a key by now.
func (c *Cache) save() {
	c.mu.Lock()
	unsaved := maps.Clone(c.memory)
	c.mu.Unlock()
	if len(unsaved) == 0 {
		return
	}
	k := c.ring.known()
	if k == nil {
		return
	}
	for key, value := range unsaved {
		sealed, err := c.inner.Get(slot(key))
		// There was nothing here: another program has written what can be read.
		if _, newer := k.open(key, sealed); !newer && err == nil {
			err = c.inner.Set(slot(key), k.seal(key, *value))
		}
		if err == nil {
			c.saved(key, value)
		}
	}
}

// saved forgets a value that has been written, unless a newer one has taken its place.
func (c *Cache) saved(key string, value *string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.memory[key] == value {
		delete(c.memory, key)
	}
}

func (c *Cache) remembered(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value := c.memory[key]; value != nil {
		return *value
	}
	return ""
}

func (c *Cache) remember(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.memory == nil {
		c.memory = make(map[string]*string)
	}
	c.memory[key] = &value
}

func (c *Cache) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.memory, key)
}

// report returns err as one that package websso shows once: a keyring that can't be used
// is one line to read, however many calls meet it.
func (c *Cache) report(err error) error {
	if err == nil {
		return nil
	}
	return reported{err, c}
}

// reported is an error that knows whether the user has read it.
type reported struct {
	error
	cache *Cache
}

func (r reported) Unwrap() error { return r.error }

// FirstReport reports whether the cache has not shown the error before.
func (r reported) FirstReport() bool {
	c, text := r.cache, r.Error()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown[text] {
		return false
	}
	if c.shown == nil {
		c.shown = make(map[string]bool)
	}
	c.shown[text] = true
	return true
}
