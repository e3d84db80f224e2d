package loopback

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// tables are the kernel's tables of TCP sockets. Reading them takes milliseconds on a
// computer with many connections, so one reading answers all who wait for it.
var tables socketTables

type socketTables struct {
	begun atomic.Int64 // how many readings have begun

	mu   sync.Mutex
	rows map[socketEnds]socketRow // of the last reading
	err  error
}

type socketEnds struct{ local, remote netip.AddrPort }

// find returns the row of a socket in a reading that begins after the call. That a
// sandbox hides a table is no error.
func (t *socketTables) find(local, remote netip.AddrPort) (row socketRow, found bool, err error) {
	before := t.begun.Load()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun.Load() == before {
		t.begun.Add(1)
		t.rows = make(map[socketEnds]socketRow)
		t.err = readTables(func(row socketRow) { t.rows[socketEnds{row.local, row.remote}] = row })
	}
	row, found = t.rows[socketEnds{local, remote}]
	return row, found, t.err
}

// States in the numbering of the kernel (include/net/tcp_states.h).
const (
	tcpEstablished = 1
	tcpClose       = 7
	tcpCloseWait   = 8
	tcpListen      = 10
)

type socketRow struct {
	local, remote netip.AddrPort
	state         uint8
	uid           int
	inode         uint64
}

// readTables calls f for each row of the tables of both address families
// (Documentation/networking/proc_net_tcp.rst), but for those that a sandbox hides.
func readTables(f func(socketRow)) error {
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		table, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(table)) {
			if row, ok := parseSocket(line); ok {
				f(row)
			}
		}
	}
	return nil
}

func parseSocket(line string) (row socketRow, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 10 {
		return socketRow{}, false
	}
	var ok1, ok2 bool
	row.local, ok1 = parseHexAddr(fields[1])
	row.remote, ok2 = parseHexAddr(fields[2])
	state, err1 := strconv.ParseUint(fields[3], 16, 8)
	uid, err2 := strconv.Atoi(fields[7])
	inode, err3 := strconv.ParseUint(fields[9], 10, 64)
	row.state, row.uid, row.inode = uint8(state), uid, inode
	return row, ok1 && ok2 && err1 == nil && err2 == nil && err3 == nil
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
