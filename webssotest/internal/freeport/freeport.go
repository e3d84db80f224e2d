// Package freeport finds ports for sign-ins.
package freeport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
)

// The range lies below the ports that systems use for outgoing connections (32768 and
// up on Linux), so that a port stays free until the sign-in.
const first, last = 15000, 32000

// Counting up gives each caller in a process another port. Between sign-ins nothing
// listens on it, so that processes mark theirs with a UDP socket, which is in nobody's way.
var (
	base  = rand.Uint32N(last - first)
	count atomic.Uint32
)

// New returns a port that is free on every loopback address of this machine, and that no
// other test has until release is called.
func New() (port int, release func(), err error) {
	for range 1000 {
		port := first + int((base+count.Add(1))%(last-first))
		release, err := mark(port)
		if err != nil {
			continue
		}
		if free("127.0.0.1", port) && (!hasIPv6() || free("::1", port)) {
			return port, release, nil
		}
		release()
	}
	return 0, nil, errors.New("no port is free on 127.0.0.1 and ::1")
}

// mark keeps other tests from taking the port, if it can: in wine, Go has no UDP sockets.
func mark(port int) (release func(), err error) {
	if !hasUDP() {
		return func() {}, nil
	}
	conn, err := listenUDP(port)
	if err != nil {
		return nil, err
	}
	return func() { conn.Close() }, nil
}

func listenUDP(port int) (net.PacketConn, error) {
	return new(net.ListenConfig).ListenPacket(context.Background(), "udp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

var hasUDP = sync.OnceValue(func() bool {
	conn, err := listenUDP(0)
	if err != nil {
		return false
	}
	conn.Close()
	return true
})

func free(host string, port int) bool {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func hasIPv6() bool { return free("::1", 0) }
