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

// reserved has nothing to add to an address that is in use.
func reserved(error) string { return "" }
