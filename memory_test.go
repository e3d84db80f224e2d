package websso_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

var errFailing = errors.New("the cache fails")

// faulty is a Cache that does nothing in the methods that are spoiled, and returns an error.
type faulty struct {
	websso.Cache

	mu      sync.Mutex
	err     error
	methods string
	skips   func(method string) bool // or nil
}

// spoiled returns a faulty cache in memory.
func spoiled(err error, methods string) *faulty {
	return &faulty{Cache: &websso.MemoryCache{}, err: err, methods: methods}
}

// spoil spoils those of Get, Set and Delete that methods names, and no other.
func (c *faulty) spoil(err error, methods string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.methods = err, methods
}

func (c *faulty) isSpoiled(method string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Contains(c.methods, method) || c.skips != nil && c.skips(method), c.err
}

func (c *faulty) call(method string, do func() error) error {
	if spoiled, err := c.isSpoiled(method); spoiled {
		return err
	}
	return do()
}

func (c *faulty) Get(key string) (value string, err error) {
	err = c.call("Get", func() error { value, err = c.Cache.Get(key); return err })
	return value, err
}

func (c *faulty) Set(key, value string) error {
	return c.call("Set", func() error { return c.Cache.Set(key, value) })
}

func (c *faulty) Delete(key string) error {
	return c.call("Delete", func() error { return c.Cache.Delete(key) })
}

// twoPrograms returns the options of two programs that share a cache, and that of the first.
func twoPrograms(t *testing.T) (ks *webssotest.Keystone, one, other websso.AuthOptions, cache *faulty) {
	t.Helper()
	ks, other = parallel(t)
	cache, one = &faulty{Cache: other.Cache}, other
	one.Cache = cache
	return ks, one, other, cache
}

// TestMemory has a cache that two programs share, which fails for one of them.
func TestMemory(t *testing.T) {
	t.Parallel()
	for name, methods := range map[string]string{"reads work": "Set Delete", "nothing works": "Get Set Delete"} {
		t.Run(name, func(t *testing.T) {
			ks, one, other, cache := twoPrograms(t)
			is := func(opts websso.AuthOptions, user string) bool {
				t.Helper()
				who, err := websso.Status(opts)
				if user == "" {
					return errors.Is(err, websso.ErrLoginRequired)
				}
				return err == nil && who.UserName == user && len(who.Scopes) == 1
			}
			want := func(opts websso.AuthOptions, user string) {
				t.Helper()
				if !is(opts, user) {
					who, err := websso.Status(opts)
					t.Errorf("got %+v, %v; want %q", who, err, user)
				}
			}

			// What could not be written serves this program, and is written later.
			signInAs(t, ks, other, "bob")
			cache.spoil(errFailing, methods)
			began := time.Now()
			signInAs(t, ks, one, "alice")
			for range 2 {
				wantUser(t, warm(t, ks, one), "alice")
			}
			want(one, "alice")
			want(other, "bob")
			cache.spoil(nil, "")
			want(one, "alice")
			if is(other, "alice") && time.Since(began) < time.Second {
				t.Error("got it written at once, want that not tried more than once a second")
			}
			poll(t, func() bool {
				want(one, "alice")
				return is(other, "alice")
			})

			// It gives way to what another program has written since.
			cache.spoil(errFailing, methods)
			signInAs(t, ks, one, "alice")
			signInAs(t, ks, other, "bob")
			cache.spoil(nil, "")
			want(one, "bob")

			// A sign-out counts as well, here at once and for others later.
			cache.spoil(errFailing, methods)
			wantError(t, websso.Logout(t.Context(), newClient(t, ks), one), errFailing)
			if _, err := websso.Status(one); err == nil {
				t.Error("got a sign-in after Logout, want none")
			}
			cache.spoil(nil, "")
			poll(t, func() bool {
				want(one, "")
				return is(other, "")
			})
		})
	}
	t.Run("another program signs out", func(t *testing.T) {
		ks, one, other, cache := twoPrograms(t)
		signInAs(t, ks, other, "bob")
		cache.spoil(errFailing, "Set Delete")
		signInAs(t, ks, one, "alice")
		must(t, websso.Logout(t.Context(), newClient(t, ks), other))
		wantSignedOut(t, one)
	})
}
