package loopback

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Holders returns the programs that listen on port of a loopback address. For another
// user's program, only the user is known.
func Holders(port int) []Holder {
	inodes := make(map[uint64]Holder)
	_ = readTables(func(row socketRow) {
		addr := row.local.Addr()
		if row.state == tcpListen && int(row.local.Port()) == port && (addr.IsLoopback() || addr.IsUnspecified()) {
			inodes[row.inode] = Holder{Address: addr.String(), UID: row.uid}
		}
	})
	if len(inodes) == 0 {
		return nil
	}
	// The open files of other users' processes can't be read.
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		number, isSocket := strings.CutPrefix(target, "socket:[")
		if err != nil || !isSocket {
			continue
		}
		inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64)
		holder, ok := inodes[inode]
		if err != nil || !ok || holder.Process != 0 {
			continue
		}
		process := filepath.Dir(filepath.Dir(link))
		holder.Process, _ = strconv.Atoi(filepath.Base(process))
		holder.Program = programOf(process)
		inodes[inode] = holder
	}
	var all []Holder
	for _, holder := range inodes {
		all = append(all, holder)
	}
	slices.SortFunc(all, func(a, b Holder) int { return strings.Compare(a.Address, b.Address) })
	return all
}

// programOf returns the name of a process. Its arguments may have secrets.
func programOf(process string) string {
	name, err := os.ReadFile(filepath.Join(process, "comm"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}
