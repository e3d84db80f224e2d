package private

// HasTurn reports whether this process remembers the lock.
func HasTurn(l Lock) bool {
	turns.Lock()
	defer turns.Unlock()
	return turns.of[l.path()] != nil
}
