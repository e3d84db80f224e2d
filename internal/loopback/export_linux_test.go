package loopback

import "net/netip"

// What the tests of this package look at.
var (
	IsStranger  = isStranger
	StrangerUID = strangerUID
)

// FindInTables looks a socket up without asking the kernel for it alone.
func FindInTables(local, remote netip.AddrPort) (uid int, found bool) {
	row, found, _ := tables.find(local, remote)
	return row.uid, found
}

// AskKernel looks a socket up without the tables.
func AskKernel(local, remote netip.AddrPort) (uid int, found bool) {
	row, found := askKernel(local, remote)
	return row.uid, found
}

// ParseSocket returns the fields of a row of the kernel's table.
func ParseSocket(line string) (local, remote string, uid int, inode uint64, ok bool) {
	row, ok := parseSocket(line)
	if !ok {
		return "", "", 0, 0, false
	}
	return row.local.String(), row.remote.String(), row.uid, row.inode, true
}
