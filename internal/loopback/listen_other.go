//go:build !windows

package loopback

import (
	"errors"
	"syscall"
)

// exclusive has nothing to do: no second program can bind an address and port that
// another one listens on.
var exclusive func(network, address string, c syscall.RawConn) error

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// noSuchAddress reports whether the computer, or its network namespace, lacks the
// address or the whole address family.
func noSuchAddress(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}

// reserved has nothing to add to an address that is in use.
func reserved(error) string { return "" }
