package loopback

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// holder returns the user's program that listens on port of a loopback address, for a
// message, or "" if that is another user's.
func holder(port int) string {
	sockets := make(map[string]bool)
	_ = readTables(func(row socketRow) {
		addr := row.local.Addr()
		if row.state == tcpListen && int(row.local.Port()) == port && (addr.IsLoopback() || addr.IsUnspecified()) {
			sockets[fmt.Sprintf("socket:[%d]", row.inode)] = true
		}
	})
	// The open files of other users' processes can't be read.
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && sockets[target] {
			process := filepath.Dir(filepath.Dir(link))
			stopped := ""
			if stat, _ := os.ReadFile(filepath.Join(process, "stat")); strings.Contains(string(stat), ") T ") {
				stopped = "stopped " // as by Ctrl-Z
			}
			name, _ := os.ReadFile(filepath.Join(process, "comm")) // the arguments may have secrets
			printable := strings.Join(strings.FieldsFunc(string(name), func(r rune) bool { return !unicode.IsPrint(r) }), "")
			return fmt.Sprintf(" (%s, %sprocess %s)", printable, stopped, filepath.Base(process))
		}
	}
	return ""
}
