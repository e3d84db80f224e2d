package private

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	tempSuffix = ".tmp"

	// tempAge is how old a temporary file is when its writer must be gone.
	tempAge = time.Hour
)

// Read returns the content of the file name in dir. The error is [fs.ErrNotExist] if
// there is none, or if it is larger than limit bytes: nothing that large was written
// here.
func Read(dir, name string, limit int64) (string, error) {
	root, err := openDir(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	f, info, err := open(root, dir, name, os.O_RDONLY)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info.Size() > limit {
		return "", fs.ErrNotExist
	}
	var b strings.Builder
	b.Grow(int(info.Size()))
	if _, err := io.Copy(&b, io.LimitReader(f, limit)); err != nil {
		return "", err
	}
	return b.String(), nil
}

// open opens a regular file that is the user's alone, and makes it if flag says so. It
// neither follows a symbolic link nor waits for the writer of a FIFO.
func open(root *os.Root, dir, name string, flag int) (*os.File, fs.FileInfo, error) {
	path := filepath.Join(dir, name)
	var f *os.File
	err := unlessBusy(func() error {
		before, err := root.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		case err != nil:
			return err
		case !before.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file: remove it", path)
		}
		f, err = root.OpenFile(name, flag|noFollow, 0o600)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	// A writer may have put a new file in place since, but that is regular too.
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file: remove it", path)
	}
	if err == nil {
		err = check(path, info)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// Write puts content into the file name in dir, and makes dir if there is none. A
// reader sees the old content or the new, and a writer that is killed leaves the old.
func Write(dir, name, content string) (err error) {
	root, err := makeDir(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	removeAbandoned(root)
	temp := rand.Text() + tempSuffix
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			_ = root.Remove(temp)
		}
	}()
	// A umask may have taken the user's own permissions.
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if _, err := io.WriteString(f, content); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return unlessBusy(func() error { return root.Rename(temp, name) })
}

// Remove deletes the file name in dir, or empties it if that is all that is possible.
// The error is [fs.ErrNotExist] if there is none.
func Remove(dir, name string) error {
	root, err := openDir(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	err = unlessBusy(func() error { return root.Remove(name) })
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, openErr := root.OpenFile(name, os.O_WRONLY|os.O_TRUNC|noFollow, 0)
	if openErr != nil {
		return err
	}
	return f.Close()
}

// removeAbandoned removes the temporary files of writers that were killed.
func removeAbandoned(root *os.Root) {
	names, _ := fs.Glob(root.FS(), "*"+tempSuffix)
	for _, name := range names {
		if info, err := root.Lstat(name); err == nil && time.Since(info.ModTime()) > tempAge {
			_ = root.Remove(name)
		}
	}
}
