package websso_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

var errFailing = errors.New("the cache fails")

// failingNow is a cache that fails while it is told to.
type failingNow struct {
	websso.Cache
	reads, writes atomic.Bool
}

func (c *failingNow) fail(reads, writes bool) {
	c.reads.Store(reads)
	c.writes.Store(writes)
}

func (c *failingNow) Get(key string) (string, error) {
	if c.reads.Load() {
		return "", errFailing
	}
	return c.Cache.Get(key)
}

func (c *failingNow) Set(key, value string) error {
	if c.writes.Load() {
		return errFailing
	}
	return c.Cache.Set(key, value)
}

func (c *failingNow) Delete(key string) error {
	if c.writes.Load() {
		return errFailing
	}
	return c.Cache.Delete(key)
}

// TestMemory has a cache that two programs share, which fails for one of them.
func TestMemory(t *testing.T) {
	t.Parallel()
	for name, reads := range map[string]bool{"reads work": false, "nothing works": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			shared := &websso.MemoryCache{}
			one, other := ks.AuthOptions(), ks.AuthOptions()
			cache := &failingNow{Cache: shared}
			one.Cache, other.Cache = cache, shared
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
			cache.fail(reads, true)
			signInAs(t, ks, one, "alice")
			ks.ResetRequests()
			for range 2 {
				if client, n := authenticate(t, ks, one); userOf(t, client) != "alice" || len(n) != 0 {
					t.Errorf("got %s and requests %v, want alice and none", userOf(t, client), n)
				}
			}
			want(one, "alice")
			want(other, "bob")
			cache.fail(false, false)
			poll(t, func() bool {
				want(one, "alice")
				return is(other, "alice")
			})

			// It gives way to what another program has written since.
			cache.fail(reads, true)
			signInAs(t, ks, one, "alice")
			signInAs(t, ks, other, "bob")
			cache.fail(false, false)
			want(one, "bob")

			// A sign-out counts as well, here at once and for others later.
			cache.fail(reads, true)
			if err := websso.Logout(t.Context(), newClient(t, ks), one); !errors.Is(err, errFailing) {
				t.Errorf("Logout: got error %v, want the cache's", err)
			}
			if _, err := websso.Status(one); err == nil {
				t.Error("got a sign-in after Logout, want none")
			}
			cache.fail(false, false)
			poll(t, func() bool {
				want(one, "")
				return is(other, "")
			})
		})
	}
	t.Run("another program signs out", func(t *testing.T) {
		t.Parallel()
		ks := webssotest.NewKeystone(t)
		shared := &websso.MemoryCache{}
		one, other := ks.AuthOptions(), ks.AuthOptions()
		cache := &failingNow{Cache: shared}
		one.Cache, other.Cache = cache, shared
		signInAs(t, ks, other, "bob")
		cache.fail(false, true)
		signInAs(t, ks, one, "alice")
		must(t, websso.Logout(t.Context(), newClient(t, ks), other))
		if who, err := websso.Status(one); !errors.Is(err, websso.ErrLoginRequired) {
			t.Errorf("got %+v, %v; want ErrLoginRequired", who, err)
		}
	})
}
