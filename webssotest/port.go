package webssotest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// Ports for sign-ins come from below those that systems give to outgoing
// connections (32768 and up on Linux), so that only another test can take one
// between here and the sign-in.
const firstPort, lastPort = 15000, 32000

// Counting up gives two Keystones of a process different ports; beginning anywhere
// does so, most likely, for two processes.
var (
	portBase = rand.Uint32N(lastPort - firstPort)
	portsHad atomic.Uint32
)

// freePort finds a port that is free on every loopback address that this machine has.
func freePort() (int, error) {
	for range 1000 {
		port := firstPort + int((portBase+portsHad.Add(1))%(lastPort-firstPort))
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
