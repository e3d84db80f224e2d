package websso

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// strangerUID tells whether the other end of a loopback connection belongs to
// another user, neither root nor ourselves, and to which. Another user can read the
// start URL from the browser's argument list and be faster than the browser.
//
// A peer that is gone before it could be looked up is a stranger too: nobody is
// there to read the answer. Where the kernel's table can't be read or does not hold
// this machine's connections, nobody is a stranger.
func strangerUID(conn net.Conn) (uid int, stranger bool) {
	peer, ok1 := addrPort(conn.RemoteAddr())
	own, ok2 := addrPort(conn.LocalAddr())
	if !ok1 || !ok2 {
		return 0, false
	}
	ownFound, listenerFound := false, false
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for row := range sockets(table) {
			switch {
			case row.local == peer && row.remote == own:
				// A socket that no process has open any more is shown as root's,
				// without an inode.
				if row.inode == 0 {
					return row.uid, true
				}
				return row.uid, row.uid != 0 && row.uid != os.Getuid() && row.uid != os.Geteuid()
			case row.local == own && row.remote == peer:
				ownFound = row.state == tcpEstablished
			case row.local.Port() == own.Port() && row.state == tcpListen:
				listenerFound = true
			}
		}
	}
	return 0, listenerFound && !ownFound
}

// States as the kernel numbers them (include/net/tcp_states.h).
const (
	tcpEstablished = 1
	tcpListen      = 10
)

type socketRow struct {
	local, remote netip.AddrPort
	state         uint64
	uid           int
	inode         uint64
}

// sockets reads a table of the kernel's (Documentation/networking/proc_net_tcp.rst).
func sockets(path string) func(yield func(socketRow) bool) {
	return func(yield func(socketRow) bool) {
		f, err := os.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if row, ok := parseSocket(lines.Text()); ok && !yield(row) {
				return
			}
		}
	}
}

func parseSocket(line string) (row socketRow, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 10 {
		return socketRow{}, false
	}
	var err error
	if row.local, ok = parseHexAddr(fields[1]); !ok {
		return socketRow{}, false
	}
	if row.remote, ok = parseHexAddr(fields[2]); !ok {
		return socketRow{}, false
	}
	if row.state, err = strconv.ParseUint(fields[3], 16, 8); err != nil {
		return socketRow{}, false
	}
	if row.uid, err = strconv.Atoi(fields[7]); err != nil {
		return socketRow{}, false
	}
	if row.inode, err = strconv.ParseUint(fields[9], 10, 64); err != nil {
		return socketRow{}, false
	}
	return row, true
}

// parseHexAddr reads an address written as words of 32 bits in the machine's own
// byte order, and a port.
func parseHexAddr(s string) (netip.AddrPort, bool) {
	host, portText, ok := strings.Cut(s, ":")
	if !ok {
		return netip.AddrPort{}, false
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	port, err := strconv.ParseUint(portText, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(port)), true
}

func addrPort(a net.Addr) (netip.AddrPort, bool) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, false
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()), true
}
