// Package freeport finds ports for sign-ins.
package freeport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// The range lies below the ports that systems use for outgoing connections (32768 and
// up on Linux), so that a port stays free until the sign-in.
const first, last = 15000, 32000

// Counting up gives each caller in a process another port, and starting at random
// makes collisions between processes unlikely.
var (
	base  = rand.Uint32N(last - first)
	count atomic.Uint32
)

// New returns a port that is free on every loopback address of this machine.
func New() (int, error) {
	for range 1000 {
		port := first + int((base+count.Add(1))%(last-first))
		if free("127.0.0.1", port) && (!hasIPv6() || free("::1", port)) {
			return port, nil
		}
	}
	return 0, errors.New("no port is free on 127.0.0.1 and ::1")
}

func free(host string, port int) bool {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func hasIPv6() bool { return free("::1", 0) }
