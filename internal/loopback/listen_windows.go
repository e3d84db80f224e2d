package loopback

import (
	"errors"
	"syscall"
)

// exclusive keeps other programs from binding the same port, which Windows permits
// unless SO_EXCLUSIVEADDRUSE, the complement of SO_REUSEADDR, is set
// (Winsock, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE").
func exclusive(_, _ string, c syscall.RawConn) error {
	var err error
	controlErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, ^syscall.SO_REUSEADDR, 1)
	})
	return errors.Join(controlErr, err)
}

// inUse knows both answers: WSAEADDRINUSE, and WSAEACCES if the other program is
// exclusive as well.
func inUse(err error) bool {
	const wsaeAddrInUse, wsaeAccess = syscall.Errno(10048), syscall.Errno(10013)
	return errors.Is(err, wsaeAddrInUse) || errors.Is(err, wsaeAccess)
}
