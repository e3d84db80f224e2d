package loopback

// What the tests of this package look at.
var (
	ParseHexAddr = parseHexAddr
	IsStranger   = isStranger
)

// ParseSocket returns the fields of a row of the kernel's table.
func ParseSocket(line string) (local, remote string, uid int, inode uint64, ok bool) {
	row, ok := parseSocket(line)
	if !ok {
		return "", "", 0, 0, false
	}
	return row.local.String(), row.remote.String(), row.uid, row.inode, true
}
