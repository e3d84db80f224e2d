//go:build !windows

package private

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gofrs/flock"
)

// lockFile is a lock that this process holds.
type lockFile struct {
	root *os.Root
	file *os.File
	lock *flock.Flock
}

// try takes the lock if it is free. The result is nil if it is not.
func (l Lock) try(root *os.Root) (*lockFile, error) {
	name := l.Name + lockSuffix
	made, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_ = made.Chmod(0o600) // a umask may have taken the user's own permissions
		made.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	file, info, err := open(root, l.Dir, name, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // its holder has just removed it
	}
	if err != nil {
		return nil, err
	}
	lock := flock.New(l.path(), flock.SetFlag(os.O_RDWR|noFollow))
	taken, err := lock.TryLock()
	if errors.Is(err, fs.ErrNotExist) {
		taken, err = false, nil
	}
	if taken {
		// The holder before us removes the file, and the directory may have been
		// replaced: a lock counts only if it is on the file that stands there now.
		now, statErr := root.Lstat(name)
		locked, lockErr := lock.Stat()
		taken = statErr == nil && lockErr == nil && os.SameFile(now, locked) && os.SameFile(now, info)
	}
	if !taken || err != nil {
		lock.Close()
		file.Close()
		return nil, err
	}
	// For the messages of those who wait.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	return &lockFile{root: root, file: file, lock: lock}, nil
}

// end removes the file while it is still locked, so that a process that gets the lock on
// it afterwards sees that it is gone.
func (f *lockFile) end() {
	_ = f.root.Remove(filepath.Base(f.lock.Path()))
	f.file.Close()
	f.lock.Close()
}
