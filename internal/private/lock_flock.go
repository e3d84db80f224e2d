//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package private

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// tryLock locks a file if that is free. The result is nil if it is not. The file is never
// removed: those who have the old one open and those who make a new one could both have
// the lock then.
func tryLock(root *os.Root, dir, name string) (*os.File, error) {
	file, info, err := open(root, dir, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm() != 0o600 {
		_ = file.Chmod(0o600) // a umask may have taken the user's own permissions
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, &os.PathError{Op: "flock", Path: filepath.Join(dir, name), Err: err}
}

// unlock releases the lock. Closing the file would not do: a process that this one is
// starting has a copy of the descriptor until it calls execve.
func unlock(file *os.File) {
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	file.Close()
}
