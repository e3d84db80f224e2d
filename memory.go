package websso

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// saveAgain is how often writing is tried again after it failed.
const saveAgain = time.Second

// memory has what one Cache could not take, for as long as this process runs.
type memory struct {
	used time.Time // under memories' lock

	mu      sync.Mutex
	unsaved map[string]unsaved
	tried   time.Time         // when writing them was last tried
	latest  map[string]latest // the last sign-in of each store, whether or not it is in the Cache
	shown   map[string]bool   // errors that the user has read
}

// unsaved is a value that could not be written, or "" for one that could not be deleted.
type unsaved struct {
	value string
	at    time.Time
	over  *time.Time // when the entry was written that it was to replace; nil if that could not be read
}

// latest is a sign-in that was made in this process.
type latest struct {
	token string
	at    time.Time
}

// memories has the memory of each Cache of this process. One that was not used for a day is
// dropped, and the Cache with it.
var memories = struct {
	sync.Mutex
	of map[any]*memory
}{of: make(map[any]*memory)}

// backedCache is a Cache for the entries of one sign-in. What the Cache below could not take
// is kept in memory, is written as soon as that works again, and gives way to what another
// program has written since.
type backedCache struct {
	below Cache
	id    any    // of the memory
	key   string // of the sign-in, with which the keys of its scopes begin
	saved atomic.Bool
}

func newBackedCache(below Cache, key string) *backedCache {
	c := &backedCache{below: below, id: below, key: key}
	if !reflect.ValueOf(below).Comparable() {
		c.id = c // it can't be found again
	}
	return c
}

// memory returns the memory of the Cache below, locked, or nil if there is none to be made.
func (c *backedCache) memory(create bool) *memory {
	memories.Lock()
	m, now := memories.of[c.id], time.Now()
	if m == nil && create {
		maps.DeleteFunc(memories.of, func(_ any, m *memory) bool { return now.Sub(m.used) > 24*time.Hour })
		m = &memory{unsaved: make(map[string]unsaved), latest: make(map[string]latest), shown: make(map[string]bool)}
		memories.of[c.id] = m
	}
	if m != nil {
		m.used = now
	}
	memories.Unlock()
	if m != nil {
		m.mu.Lock() // its holder may be waiting for the Cache
	}
	return m
}

// Get implements [Cache]. With an error there may be a value all the same: from memory, while
// the Cache below can't be read.
func (c *backedCache) Get(key string) (string, error) {
	m := c.memory(false)
	if m == nil {
		return c.below.Get(key)
	}
	if len(m.unsaved) == 0 {
		m.mu.Unlock()
		return c.below.Get(key)
	}
	defer m.mu.Unlock()
	if time.Since(m.tried) >= saveAgain {
		c.save(m)
	}
	value, err := c.below.Get(key)
	u, ok := m.unsaved[key]
	switch {
	case !ok:
		return value, err
	case err == nil && u.superseded(key, value):
		c.drop(m)
		return value, nil
	}
	return u.value, err
}

// Set implements [Cache]. If it returns an error, the value is in memory.
func (c *backedCache) Set(key, value string) error {
	m := c.memory(true)
	defer m.mu.Unlock()
	err := write(c.below, key, value)
	if err == nil {
		delete(m.unsaved, key)
		return nil
	}
	u := unsaved{value: value, at: time.Now()}
	if before, err := c.below.Get(key); err == nil {
		written := decodeEntry(key, before).Written
		u.over = &written
	}
	m.unsaved[key], m.tried = u, u.at
	return err
}

// Delete implements [Cache]. If it returns an error, Get returns no value all the same.
func (c *backedCache) Delete(key string) error { return c.Set(key, "") }

func write(c Cache, key, value string) error {
	if value == "" {
		return c.Delete(key)
	}
	return c.Set(key, value)
}

// superseded reports whether value, which the Cache has now, was written after u.
func (u unsaved) superseded(key, value string) bool {
	written := decodeEntry(key, value).Written
	if u.over != nil {
		return !written.Equal(*u.over)
	}
	return written.After(u.at)
}

// save writes what could not be written. It writes over nothing that it can't read.
func (c *backedCache) save(m *memory) {
	m.tried = time.Now()
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(m.unsaved)), func(key string) bool { return !c.has(key) })
	for _, key := range keys {
		value, err := c.below.Get(key)
		if err != nil {
			return
		}
		if m.unsaved[key].superseded(key, value) {
			c.drop(m)
			return
		}
	}
	for _, key := range slices.Backward(keys) { // the index first, as in setScoped
		if write(c.below, key, m.unsaved[key].value) != nil {
			return
		}
		delete(m.unsaved, key)
		c.saved.Store(true)
	}
}

// hasSaved reports, once, that what could not be written has been.
func (c *backedCache) hasSaved() bool { return c.saved.CompareAndSwap(true, false) }

// drop forgets all that could not be written of the sign-in: parts of two don't go together.
func (c *backedCache) drop(m *memory) {
	maps.DeleteFunc(m.unsaved, func(key string, _ unsaved) bool { return c.has(key) })
}

// has reports whether a key is one of the sign-in's.
func (c *backedCache) has(key string) bool {
	return key == c.key || strings.HasPrefix(key, c.key+" scope")
}

// forget drops what could not be written of the sign-in.
func (c *backedCache) forget() {
	m := c.memory(true)
	defer m.mu.Unlock()
	c.drop(m)
}

// setLatest remembers a sign-in for those who waited while it was made, since not every
// sign-in can be read back from the Cache.
func (c *backedCache) setLatest(token string) {
	m := c.memory(true)
	defer m.mu.Unlock()
	m.latest[c.key] = latest{token, time.Now()}
}

// madeSince returns the token of the last sign-in that was made in this process, if that was
// after since, or "".
func (c *backedCache) madeSince(since time.Time) string {
	m := c.memory(true)
	defer m.mu.Unlock()
	if made := m.latest[c.key]; made.at.After(since) {
		return made.token
	}
	return ""
}

// firstReport reports whether the user has not yet read err. A Cache that can't be used is
// worth one line, however many calls meet it.
func (c *backedCache) firstReport(err error) bool {
	m := c.memory(true)
	defer m.mu.Unlock()
	text := err.Error()
	first := !m.shown[text]
	m.shown[text] = true
	return first
}
