package websso

import (
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// saveAgain is how often writing is tried again after it failed.
const saveAgain = time.Second

// memory has what one Cache could not take of one sign-in, while this process runs.
type memory struct {
	used  time.Time   // under memories' lock
	saved atomic.Bool // what could not be written has been
	shown sync.Map    // the texts of errors that the user has read

	mu         sync.Mutex
	unsaved    map[string]unsaved
	tried      time.Time // when writing them was last tried
	latest     string    // the token of the last sign-in of this process, cached or not
	latestMade time.Time
}

// unsaved is a value that could not be written, or "" for one that could not be deleted.
type unsaved struct {
	value string
	at    time.Time
	over  *time.Time // when the entry was written that it was to replace; nil if that could not be read
}

type memoryKey struct {
	cache Cache
	key   string
}

// memories are all of this process. One that no call has asked for within a day is dropped, and
// the Cache with it.
var memories = struct {
	sync.Mutex
	of map[memoryKey]*memory
}{of: make(map[memoryKey]*memory)}

func memoryOf(cache Cache, key string) *memory {
	if !reflect.ValueOf(cache).Comparable() {
		return &memory{} // it can't be found again
	}
	memories.Lock()
	defer memories.Unlock()
	now := time.Now()
	m := memories.of[memoryKey{cache, key}]
	if m == nil {
		maps.DeleteFunc(memories.of, func(_ memoryKey, m *memory) bool { return now.Sub(m.used) > 24*time.Hour })
		m = &memory{}
		memories.of[memoryKey{cache, key}] = m
	}
	m.used = now
	return m
}

// backedCache is a Cache for the entries of one sign-in. What the Cache below could not take
// is kept in memory, is written as soon as that works again, and gives way to what another
// program has written since.
type backedCache struct {
	below Cache
	*memory
}

func newBackedCache(below Cache, key string) backedCache {
	return backedCache{below, memoryOf(below, key)}
}

// Get implements [Cache]. With an error there may be a value all the same: from memory, while
// the Cache below can't be read.
func (c backedCache) Get(key string) (string, error) {
	c.mu.Lock()
	if len(c.unsaved) == 0 {
		c.mu.Unlock()
		return c.below.Get(key)
	}
	defer c.mu.Unlock()
	if time.Since(c.tried) >= saveAgain {
		c.save()
	}
	value, err := c.below.Get(key)
	u, ok := c.unsaved[key]
	switch {
	case !ok:
		return value, err
	case err == nil && u.superseded(key, value):
		clear(c.unsaved)
		return value, nil
	}
	return u.value, err
}

// Set implements [Cache]. If it returns an error, the value is in memory.
func (c backedCache) Set(key, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := write(c.below, key, value)
	if err == nil {
		delete(c.unsaved, key)
		return nil
	}
	u := unsaved{value: value, at: time.Now()}
	if before, err := c.below.Get(key); err == nil {
		written := decodeEntry(key, before).Written
		u.over = &written
	}
	if c.unsaved == nil {
		c.unsaved = make(map[string]unsaved)
	}
	c.unsaved[key], c.tried = u, u.at
	return err
}

// Delete implements [Cache]. If it returns an error, Get returns no value all the same.
func (c backedCache) Delete(key string) error { return c.Set(key, "") }

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

// save writes what could not be written. It writes over nothing that it can't read. If another
// program has written some of it, all is dropped: parts of two sign-ins don't go together.
func (c backedCache) save() {
	c.tried = time.Now()
	for key, u := range c.unsaved {
		value, err := c.below.Get(key)
		if err != nil {
			return
		}
		if u.superseded(key, value) {
			clear(c.unsaved)
			return
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.unsaved)) { // the sign-in first, as in setScoped
		if write(c.below, key, c.unsaved[key].value) != nil {
			return
		}
		delete(c.unsaved, key)
		c.saved.Store(true)
	}
}

// hasSaved reports, once, that what could not be written has been.
func (m *memory) hasSaved() bool { return m.saved.CompareAndSwap(true, false) }

// forget drops what could not be written.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.unsaved)
}

// setLatest remembers a sign-in for those who waited while it was made, since not every
// sign-in can be read back from the Cache.
func (m *memory) setLatest(token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.latest, m.latestMade = token, time.Now()
}

// madeSince returns the token of the last sign-in that was made in this process, if that was
// after since, or "".
func (m *memory) madeSince(since time.Time) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.latestMade.After(since) {
		return ""
	}
	return m.latest
}
