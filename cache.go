package websso

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
