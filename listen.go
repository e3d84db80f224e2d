package websso

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// listen binds the port on every loopback address that a browser may take the
// redirect host for, or on none. Browsers try the two of localhost in different
// orders: with one in a stranger's hands, the token would go to the stranger. Only a
// machine that lacks the address family may do with the other.
func (s settings) listen(ctx context.Context) ([]net.Listener, error) {
	addrs := []string{strings.Trim(s.host, "[]")}
	if s.host == "localhost" {
		addrs = []string{"127.0.0.1", "::1"}
	}
	config := net.ListenConfig{Control: exclusive}
	var listeners []net.Listener
	var missing []error
	for _, addr := range addrs {
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(addr, strconv.Itoa(s.port)))
		switch {
		case err == nil:
			listeners = append(listeners, l)
			continue
		case noSuchAddress(err):
			missing = append(missing, err)
			continue
		case ctx.Err() != nil:
			err = fmt.Errorf("websso: %w", context.Cause(ctx))
		case portTaken(err):
			err = fmt.Errorf("websso: another program has port %d on %s, so no browser was opened: end it, or set RedirectPort to another port that Keystone trusts: %w (%w)", s.port, addr, ErrPortInUse, err)
		default:
			err = fmt.Errorf("websso: can't listen for the browser: %w", err)
		}
		closeAll(listeners)
		return nil, err
	}
	if len(listeners) == 0 {
		return nil, fmt.Errorf("websso: this machine has no address to listen on: %w", errors.Join(missing...))
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// noSuchAddress tells whether the machine, or its network namespace, lacks the
// address or the whole family.
func noSuchAddress(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}
