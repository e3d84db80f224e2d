//go:build unix

package private

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// noFollow are the flags with which opening a file neither waits for the writer of a
// FIFO nor follows a symbolic link.
const noFollow = syscall.O_NONBLOCK | syscall.O_NOFOLLOW

// check refuses what another user owns, could read or could write.
func check(path string, info fs.FileInfo) error {
	if err := checkOwner(path, info); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		want := "600"
		if info.IsDir() {
			want = "700"
		}
		return fmt.Errorf("%s is open to others (mode %04o): chmod %s it, if it should be yours alone", path, mode, want)
	}
	return nil
}

// checkOwner refuses what another user owns. Often that is root, because a command ran
// under sudo and kept HOME.
func checkOwner(path string, info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int64(st.Uid) != int64(os.Geteuid()) {
		return fmt.Errorf("%s belongs to user %d, not to you (user %d); if a command under sudo made it, run: sudo chown -R %d %s",
			path, st.Uid, os.Geteuid(), os.Geteuid(), path)
	}
	return nil
}
