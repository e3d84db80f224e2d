//go:build !windows

package websso

import (
	"errors"
	"syscall"
)

// exclusive has nothing to do where no second program can bind an address and port
// that another listens on.
var exclusive func(network, address string, c syscall.RawConn) error

func portTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
