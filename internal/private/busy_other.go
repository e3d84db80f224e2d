//go:build !windows

package private

// unlessBusy has nothing to repeat: an open file can be replaced and removed.
func unlessBusy(f func() error) error { return f() }
