//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package private

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// tryLock locks a file if that is free. The result is nil if it is not.
func tryLock(root *os.Root, dir, name string) (*os.File, error) {
	file, info, err := open(root, dir, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm() != 0o600 {
		_ = file.Chmod(0o600) // a umask may have taken the user's own permissions
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = nil
	case err != nil:
		err = &os.PathError{Op: "flock", Path: filepath.Join(dir, name), Err: err}
	case isNamed(root, name, file):
		return file, nil
	}
	// If the last holder has removed the file since it was opened, others lock a new one.
	file.Close()
	return nil, err
}

// unlock removes the file and then releases the lock. Closing the file would not release
// it: a process that this one is starting has a copy of the descriptor until it calls
// execve.
func unlock(root *os.Root, name string, file *os.File) {
	if isNamed(root, name, file) {
		_ = root.Remove(name)
	}
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	file.Close()
}
