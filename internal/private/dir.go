// Package private keeps files and locks that are the user's alone: nobody else can
// read, change or replace them. It refuses what others can access and says how to fix
// that. On Windows the access rules of the user's profile stand in for owner and mode.
package private

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"

	"github.com/adrg/xdg"
)

// CacheDir returns the directory of that name in the user's cache directory. It is
// looked up at each call.
func CacheDir(name string) string {
	base := xdg.CacheHome
	if runtime.GOOS != "windows" && os.Getenv("HOME") == "" && os.Getenv("XDG_CACHE_HOME") == "" {
		// Package xdg takes the root directory for the home directory then. A service or
		// a container may have no HOME, but has a line in passwd.
		u, err := user.Current()
		if err != nil || u.HomeDir == "" {
			return name // which no file can be opened in
		}
		base = filepath.Join(u.HomeDir, base)
	}
	return filepath.Join(base, name)
}

// makeDir is openDir, but makes dir if there is none.
func makeDir(dir string) (*os.Root, error) {
	root, err := openDir(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	err = os.MkdirAll(filepath.Dir(dir), 0o700)
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err == nil {
		err = os.Chmod(dir, 0o700) // a umask may have taken the user's own permissions
	}
	if err != nil && !errors.Is(err, fs.ErrExist) { // another process may have been faster
		return nil, explain(dir, err)
	}
	return openDir(dir)
}

// openDir opens a directory that is the user's alone. Nothing opened below the result
// can lead out of it.
func openDir(dir string) (*os.Root, error) {
	if !filepath.IsAbs(dir) {
		// It would be another one in each working directory.
		return nil, fmt.Errorf("%q is not an absolute path: set HOME or XDG_CACHE_HOME to one", dir)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%s is a symbolic link, which is not followed: remove it, or use the directory that it leads to", dir)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory: remove it, or choose another", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil && !os.SameFile(info, opened) {
		err = fmt.Errorf("%s was replaced while it was being opened", dir)
	}
	if err == nil {
		err = check(dir, opened)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// explain says why dir could not be made if a directory above it is another user's, as
// sudo leaves it when it keeps HOME.
func explain(dir string, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	for above := filepath.Dir(dir); above != filepath.Dir(above); above = filepath.Dir(above) {
		if info, statErr := os.Stat(above); statErr == nil {
			return cmp.Or(checkOwner(above, info), err)
		}
	}
	return err
}

// Check returns why a directory is not the user's alone, or nil.
func Check(dir string) error {
	root, err := openDir(dir)
	if err == nil {
		root.Close()
	}
	return err
}
