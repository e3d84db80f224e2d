package keyring

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

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
	switch {
	case err != nil:
		return "", err
	case sealed == "":
		// A sign-in may follow. If the keyring is locked, its window then opens along
		// with the browser and not when the program is about to end.
		c.ring.prepare()
		return "", nil
	}
	return c.ring.open(key, sealed)
}

// adopt seals a value that was stored in the clear.
func (c *Cache) adopt(key, plain string) (string, error) {
	k, err := c.ring.get(true)
	if err != nil {
		return "", err
	}
	if sealed, err := c.inner.Get(slot(key)); sealed == "" && err == nil {
		if err := c.inner.Set(slot(key), k.seal(key, plain)); err != nil {
			return plain, err
		}
	}
	return plain, c.inner.Delete(key)
}

// Set implements [websso.Cache]. If the keyring can't be used, the inner Cache forgets what
// it had: an older value must not come back when the keyring does.
func (c *Cache) Set(key, value string) error {
	k, err := c.ring.get(true)
	if err != nil {
		return errors.Join(err, c.Delete(key))
	}
	before, _ := c.inner.Get(slot(key))
	if err := c.inner.Set(slot(key), k.seal(key, value)); err != nil {
		return err
	}
	if before != "" && !c.isLeftOver(k, key, before) {
		// What is there in the clear, if anything, is another program's.
		return nil
	}
	return c.inner.Delete(key)
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
	return errors.Join(c.inner.Delete(slot(key)), c.inner.Delete(key))
}

// Check returns an error that says what to do if the keyring can't be used. It waits for
// the keyring for 3 seconds at most, and stores nothing.
func (c *Cache) Check() error {
	_, err := c.ring.get(false)
	return err
}
