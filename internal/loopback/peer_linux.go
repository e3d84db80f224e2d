package loopback

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
)

// strangerUID reports whether the other end of a loopback connection belongs to another
// user, neither root nor this one, and to which. Another user can read the start URL
// from the browser's argument list and be faster than the browser.
//
// A peer that is gone before it could be looked up is a stranger as well, with user ID
// -1. If the kernel's table can't be read or does not hold this computer's connections,
// nobody is a stranger.
func strangerUID(c net.Conn) (uid int, stranger bool) {
	peer, ok1 := addrPort(c.RemoteAddr())
	own, ok2 := addrPort(c.LocalAddr())
	if !ok1 || !ok2 {
		return 0, false
	}
	l := lookup{own: own, peer: peer, done: make(chan struct{})}
	lookups.add(&l)
	<-l.done
	return l.uid, l.stranger
}

// lookup is the question whose the other end of one connection is.
type lookup struct {
	own, peer netip.AddrPort

	ownFound, peerFound, listenerFound bool

	done     chan struct{} // closed when the answer is set
	uid      int
	stranger bool
}

// lookups answers all that wait with one reading of the kernel's tables. Reading them
// takes milliseconds on a computer with many connections, and a local program can make
// many requests.
var lookups scanner

type scanner struct {
	mu      sync.Mutex
	waiting []*lookup
	running bool
}

func (s *scanner) add(l *lookup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, l)
	if !s.running {
		s.running = true
		go s.run()
	}
}

// run reads the tables as long as callers wait.
func (s *scanner) run() {
	for {
		s.mu.Lock()
		batch := s.waiting
		s.waiting = nil
		s.running = len(batch) > 0
		s.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		scan(batch)
	}
}

// scan answers every lookup.
func scan(batch []*lookup) {
	readTables(batch)
	// Reading takes a while. A peer that closes after the row of our end was read, and
	// before its own was, looks like one that the tables don't hold. By the next reading
	// our end is no longer established.
	var doubtful []*lookup
	for _, l := range batch {
		if !l.peerFound && l.ownFound {
			l.ownFound = false
			doubtful = append(doubtful, l)
		}
	}
	if len(doubtful) != 0 {
		readTables(doubtful)
	}
	for _, l := range batch {
		if !l.peerFound {
			l.uid, l.stranger = -1, l.listenerFound && !l.ownFound
		}
		close(l.done)
	}
}

// readTables reads the kernel's tables once and keeps what concerns the lookups.
func readTables(batch []*lookup) {
	type ends struct{ local, remote netip.AddrPort }
	peers := make(map[ends][]*lookup, len(batch))
	owns := make(map[ends][]*lookup, len(batch))
	for _, l := range batch {
		peers[ends{l.peer, l.own}] = append(peers[ends{l.peer, l.own}], l)
		owns[ends{l.own, l.peer}] = append(owns[ends{l.own, l.peer}], l)
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for row := range sockets(table) {
			for _, l := range peers[ends{row.local, row.remote}] {
				l.found(row)
			}
			for _, l := range owns[ends{row.local, row.remote}] {
				l.ownFound = row.state == tcpEstablished
			}
			if row.state != tcpListen {
				continue
			}
			for _, l := range batch {
				l.listenerFound = l.listenerFound || row.local.Port() == l.own.Port()
			}
		}
	}
}

// found answers the lookup by the row of the other end.
func (l *lookup) found(row socketRow) {
	l.peerFound = true
	l.uid, l.stranger = row.uid, isStranger(row.uid)
	// The kernel shows a socket that every process has closed as root's, with
	// inode 0.
	if row.inode == 0 {
		l.uid, l.stranger = -1, true
	}
}

// isStranger reports whether uid is neither root, nor this user, nor the user who
// became root with sudo: their browser runs as themselves.
func isStranger(uid int) bool {
	if uid == 0 || uid == os.Getuid() || uid == os.Geteuid() {
		return false
	}
	return os.Getuid() != 0 || strconv.Itoa(uid) != os.Getenv("SUDO_UID")
}

// States in the numbering of the kernel (include/net/tcp_states.h).
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

// sockets reads one of the kernel's tables (Documentation/networking/proc_net_tcp.rst).
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

// parseHexAddr parses an address, written as 32-bit words in native byte order, and a
// port.
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
