// Package loopback listens on this computer's own addresses: on both of them, or not
// at all. It limits the number of connections and knows whose they are.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// A process that this one is starting has copies of its descriptors until it calls execve
// (execve(2), close-on-exec), including a listener that was closed meanwhile. Under load
// that took 25 ms.
const (
	inUseLimit = 300 * time.Millisecond
	inUsePoll  = 10 * time.Millisecond
)

// ErrInUse means that another program has the port on the address that the error
// names.
var ErrInUse = errors.New("address in use")

// Listen binds port on every loopback address that a browser may use for host, a
// result of [Host], or on none. Browsers try the two addresses of localhost in
// different orders. If another program had one of them, it would get the token. Only a
// computer that lacks an address family may do with the other.
func Listen(ctx context.Context, host string, port int) ([]net.Listener, error) {
	addrs := []string{strings.Trim(host, "[]")}
	if host == "localhost" {
		addrs = []string{"127.0.0.1", "::1"}
	}
	var listeners []net.Listener
	var missing []error
	for _, addr := range addrs {
		l, err := listen(ctx, net.JoinHostPort(addr, strconv.Itoa(port)))
		switch {
		case err == nil:
			listeners = append(listeners, l)
			continue
		case noSuchAddress(err):
			missing = append(missing, err)
			continue
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case inUse(err):
			err = &inUseError{fmt.Sprintf("port %d on %s%s%s", port, addr, holder(port), reserved(err)), err}
		}
		closeAll(listeners)
		return nil, err
	}
	if len(listeners) == 0 {
		return nil, fmt.Errorf("this computer has no address to listen on: %w", errors.Join(missing...))
	}
	return listeners, nil
}

// listen binds one address. If it is in use, listen tries again until inUseLimit is over.
func listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{Control: exclusive}
	for end := time.Now().Add(inUseLimit); ; {
		l, err := config.Listen(ctx, "tcp", address)
		if err == nil || !inUse(err) || time.Now().After(end) {
			return l, err
		}
		select {
		case <-time.After(inUsePoll):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// inUseError names the port, the address and, if it is known, the program.
type inUseError struct {
	text string
	err  error
}

func (e *inUseError) Error() string { return e.text }

func (e *inUseError) Unwrap() []error { return []error{ErrInUse, e.err} }

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}
