//go:build !windows

package private

// busyLimit is unused: nothing is ever busy.
const busyLimit = 0

func isBusy(error) bool { return false }

// unlessBusy has nothing to repeat: an open file can be replaced and removed.
func unlessBusy(f func() error) error { return f() }
