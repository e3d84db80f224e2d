package private

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Examine returns why Read or Write would fail in dir, or nil, and how many files there
// are. If there is no such directory, the error is [fs.ErrNotExist] if it could be made.
func Examine(dir string) (files int, err error) {
	root, err := openDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := couldMake(dir); err != nil {
			return 0, err
		}
		return 0, fs.ErrNotExist
	}
	if err != nil {
		return 0, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), lockSuffix) {
			continue // Held looks at those
		}
		f, _, err := open(root, dir, e.Name(), os.O_RDONLY)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return files, err
		}
		f.Close()
		files++
	}
	return files, tryWrite(dir)
}

// couldMake returns why dir could not be made, or nil.
func couldMake(dir string) error {
	above := filepath.Dir(dir)
	for above != filepath.Dir(above) {
		if info, err := os.Stat(above); err == nil && info.IsDir() {
			break
		}
		above = filepath.Dir(above)
	}
	if err := tryWrite(above); err != nil {
		return explain(dir, err)
	}
	return nil
}

// tryWrite writes a file in dir and removes it. Nothing else shows a full disk or one that
// is read-only.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, "*"+tempSuffix)
	if err == nil {
		defer os.Remove(f.Name())
		defer f.Close()
		_, err = f.WriteString("1")
	}
	if failed := new(fs.PathError); errors.As(err, &failed) {
		return fmt.Errorf("can't write in %s: %w", dir, failed.Err)
	}
	return err
}

// Holder is what holds a lock.
type Holder struct {
	Name    string    // of the lock
	Process int       // 0 if it is not known
	Since   time.Time // when the lock was taken
}

// String names the process, for a message.
func (h Holder) String() string {
	if h.Process != 0 {
		return "process " + strconv.Itoa(h.Process)
	}
	return "another program"
}

// Held returns the locks in dir that a process holds.
func Held(dir string) []Holder {
	root, err := openDir(dir)
	if err != nil {
		return nil
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil
	}
	var all []Holder
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		if !isLock {
			continue
		}
		lock := Lock{Dir: dir, Name: name}
		file, err := lock.try(root)
		switch {
		case file != nil:
			unlock(file)
		case err == nil:
			all = append(all, lock.holder(root))
		}
	}
	return all
}

// writerOf returns the process that wrote its ID into a lock file, and when.
func writerOf(root *os.Root, dir, name string) (process int, since time.Time) {
	f, info, err := open(root, dir, name, os.O_RDONLY)
	if err != nil {
		return 0, time.Time{}
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0, info.ModTime()
	}
	process, _ = strconv.Atoi(strings.TrimSpace(string(content)))
	return process, info.ModTime()
}
