package websso

import (
	"errors"
	"syscall"
)

// exclusive keeps other programs from binding the port as well, which Windows lets
// them unless SO_EXCLUSIVEADDRUSE, the complement of SO_REUSEADDR, is set
// (Winsock, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE").
func exclusive(_, _ string, c syscall.RawConn) error {
	var err error
	controlErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, ^syscall.SO_REUSEADDR, 1)
	})
	return errors.Join(controlErr, err)
}

// portTaken knows both answers: WSAEADDRINUSE, and WSAEACCES where the other
// program was exclusive too.
func portTaken(err error) bool {
	const wsaeAddrInUse, wsaeAccess = syscall.Errno(10048), syscall.Errno(10013)
	return errors.Is(err, wsaeAddrInUse) || errors.Is(err, wsaeAccess)
}
