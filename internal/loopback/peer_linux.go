package loopback

import (
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// tries is how often a peer is looked up before it counts as one that the kernel
	// does not know, and tryPause is the wait between two. A peer that closes is gone a
	// moment before its reset reaches our end, and a reading of the tables can miss a
	// row while others come and go.
	tries    = 3
	tryPause = 10 * time.Millisecond
)

// strangerUID reports whether the other end of a loopback connection belongs to another
// user, neither root nor this one, and to which. Another user can read the start URL
// from the browser's argument list and be faster than the browser.
//
// A peer that is gone before it could be looked up is a stranger as well, with user ID
// -1, and so is one that can't be looked up for want of descriptors: it may have taken
// them. If a sandbox hides the kernel's tables, or the other end of this computer's
// connections is not in them (WSL with mirrored networking), nobody is a stranger.
func strangerUID(c net.Conn) (uid int, stranger bool) {
	peer, ok1 := addrPort(c.RemoteAddr())
	own, ok2 := addrPort(c.LocalAddr())
	if !ok1 || !ok2 {
		return 0, false
	}
	for n := range tries {
		if n > 0 {
			time.Sleep(tryPause)
		}
		row, found := askKernel(peer, own)
		var err error
		if !found { // or a sandbox refuses it, or a kernel module is missing
			row, found, err = tables.find(peer, own)
		}
		// While our end is open, nobody else can have taken over the peer's address.
		switch state := stateOf(c); {
		case state != tcpEstablished && state != tcpCloseWait && state != 0:
			return -1, true
		case found && row.inode == 0: // closed by every process that had it, and then shown as root's
			return -1, true
		case found:
			return row.uid, isStranger(row.uid)
		case state == tcpCloseWait, err != nil:
			return -1, true
		}
	}
	return -1, false
}

// stateOf returns the state of our end of a connection, or 0 if the system does not tell.
func stateOf(c net.Conn) (state uint8) {
	tcp, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := tcp.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
				state = info.State
			}
		})
	}
	if err != nil { // closed here
		return tcpClose
	}
	return state
}

// isStranger reports whether uid is neither root, nor this user, nor the user who
// became root with sudo: their browser runs as themselves.
func isStranger(uid int) bool {
	if uid == 0 || uid == os.Getuid() || uid == os.Geteuid() {
		return false
	}
	return os.Getuid() != 0 || strconv.Itoa(uid) != os.Getenv("SUDO_UID")
}

func addrPort(a net.Addr) (netip.AddrPort, bool) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, false
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()), true
}
