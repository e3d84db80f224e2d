package keyring

// Check returns an error that says what to do if the system's keyring can't be used, and
// nil if it can. It asks the keyring, for 3 seconds at most, and stores nothing.
func Check() error { return userRing.check() }
