package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
