package websso

import "sync"

// Cache keeps sign-ins between runs. Its methods are those of the token cache
// proposed for gophercloud. They may be called from several goroutines at once.
// Values hold tokens: whoever can read them can act as the person.
type Cache interface {
	// Get returns what was kept under key, and "" and nil where that is nothing.
	Get(key string) (string, error)
	Set(key, value string) error
	// Delete forgets key. It is no error that nothing was kept under it.
	Delete(key string) error
}

// MemoryCache is a Cache that ends with the program. The zero value is ready to
// use; it must not be copied after its first use.
type MemoryCache struct {
	mu     sync.Mutex
	values map[string]string
}

// Get implements [Cache].
func (c *MemoryCache) Get(key string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.values[key], nil
}

// Set implements [Cache].
func (c *MemoryCache) Set(key, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil {
		c.values = make(map[string]string)
	}
	c.values[key] = value
	return nil
}

// Delete implements [Cache].
func (c *MemoryCache) Delete(key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
	return nil
}
