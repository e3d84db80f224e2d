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

// These are the errors of Winsock. Package syscall has constants of such names, but they
// are its own inventions, which no call returns.
const (
	wsaeAccess           = syscall.Errno(10013)
	wsaeProtoNoSupport   = syscall.Errno(10043)
	wsaeAFNoSupport      = syscall.Errno(10047)
	wsaeAddrInUse        = syscall.Errno(10048)
	wsaeAddrNotAvailable = syscall.Errno(10049)
)

// noSuchAddress reports whether the computer lacks the address or the whole address
// family.
func noSuchAddress(err error) bool {
	return errors.Is(err, wsaeAddrNotAvailable) || errors.Is(err, wsaeAFNoSupport) || errors.Is(err, wsaeProtoNoSupport)
}

// inUse knows both answers: WSAEADDRINUSE, and WSAEACCES if the other program is
// exclusive as well, or if Windows has reserved the port.
func inUse(err error) bool {
	return errors.Is(err, wsaeAddrInUse) || errors.Is(err, wsaeAccess)
}

// reserved says how to see whether Windows itself has taken the port. It reserves ranges
// of them for Hyper-V and others, and then answers WSAEACCES.
func reserved(err error) string {
	if !errors.Is(err, wsaeAccess) {
		return ""
	}
	return " (or Windows has reserved it; this lists the reserved ports: netsh interface ipv4 show excludedportrange protocol=tcp)"
}
