//go:build unix

package websso

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// openFlags keep the opening of a FIFO from waiting for its writer, and a symbolic
// link from being followed.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOFOLLOW

// checkPrivate refuses what another user owns, could read or could write.
func checkPrivate(path string, info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int64(st.Uid) != int64(os.Geteuid()) {
		return fmt.Errorf("%s belongs to user %d, not to you (user %d)", path, st.Uid, os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		want := "600"
		if info.IsDir() {
			want = "700"
		}
		return fmt.Errorf("%s is open to others (mode %04o): chmod %s it", path, mode, want)
	}
	return nil
}
