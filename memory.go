package websso

import "sync"

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
