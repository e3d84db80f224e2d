package handover

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gophercloud-websso/websso/internal/private"
)

// Files are the paths of the files that describe the clouds to a tool.
type Files struct{ Clouds, Secure string }

// addTo adds the variables that name the files. Those of the user stay if there are none.
func (f Files) addTo(values, user map[string]string) {
	if f == (Files{}) {
		f = Files{user["OS_CLIENT_CONFIG_FILE"], user["OS_CLIENT_SECURE_FILE"]}
	}
	if f.Clouds != "" {
		values["OS_CLIENT_CONFIG_FILE"] = f.Clouds
	}
	if f.Secure != "" {
		values["OS_CLIENT_SECURE_FILE"] = f.Secure
	}
}

const (
	// parentName is the directory that holds those of all commands that run.
	parentName = "gophercloud-websso-exec"

	// lockName is the lock in each of them that says that it is in use.
	lockName = "in-use"

	cloudsName = "clouds.yaml"
	secureName = "secure.yaml"
)

// isOwnDirectory reports whether a directory is one that Write has made.
func isOwnDirectory(dir string) bool { return filepath.Base(filepath.Dir(dir)) == parentName }

// A Description is what files say about the clouds, for tools that read nothing else or
// name their cloud.
type Description struct {
	Cloud  string // the name of the cloud that tools get
	Clouds []byte // the user's clouds.yaml
	Secure []byte // the user's secure.yaml

	// OnDisk allows to write the files in the user's cache directory if there is no
	// directory in memory.
	OnDisk bool
}

// ErrNoDirectory means that there is no directory in which the files may be.
var ErrNoDirectory = errors.New("XDG_RUNTIME_DIR names no directory that is yours alone")

// Write writes the user's files with the cloud as tools get it, into a directory that is
// the user's alone, and returns their paths with the function that removes them.
func (d Description) Write(ctx context.Context, c Cloud) (Files, func(), error) {
	clouds, err := replace(d.Clouds, d.Cloud, c.entry)
	if err != nil {
		return Files{}, nil, fmt.Errorf("clouds.yaml: %w", err)
	}
	secure, err := replace(d.Secure, d.Cloud, nil) // tools would merge it over the other file
	if err != nil {
		return Files{}, nil, fmt.Errorf("secure.yaml: %w", err)
	}
	parent, err := d.parent()
	if err != nil {
		return Files{}, nil, err
	}
	// Another program may have taken the directory for an abandoned one before it is
	// locked.
	for range 3 {
		dir := filepath.Join(parent, rand.Text())
		var release func()
		if release, err = take(ctx, dir); err != nil {
			continue
		}
		if err = errors.Join(private.Write(dir, cloudsName, string(clouds)), private.Write(dir, secureName, string(secure))); err == nil {
			return Files{filepath.Join(dir, cloudsName), filepath.Join(dir, secureName)}, func() { remove(dir, release) }, nil
		}
		remove(dir, release)
	}
	return Files{}, nil, err
}

// parent returns the directory for those of all commands.
func (d Description) parent() (string, error) {
	parent := inMemory()
	switch {
	case parent == "" && !d.OnDisk:
		return "", ErrNoDirectory
	case parent == "":
		parent = private.CacheDir(parentName)
	}
	if err := private.Check(parent); !errors.Is(err, fs.ErrNotExist) {
		return parent, err
	}
	return parent, nil
}

// inMemory returns the directory for those of all commands in the user's runtime
// directory, which is in memory and gone when the user has signed out of the computer. It
// is "" if there is none, or if it is another user's, as after sudo.
func inMemory() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" || private.Check(dir) != nil {
		return ""
	}
	return filepath.Join(dir, parentName)
}

// take locks a directory, and makes it if there is none.
func take(ctx context.Context, dir string) (release func(), err error) {
	var unusable error
	release, err = private.Lock{Dir: dir, Name: lockName, Warn: func(err error) { unusable = errors.Unwrap(err) }}.Take(ctx)
	if err == nil && unusable != nil {
		release()
		err = unusable
	}
	return release, err
}

// remove removes a directory that is locked.
func remove(dir string, release func()) {
	_ = errors.Join(private.Remove(dir, cloudsName), private.Remove(dir, secureName))
	release()
	_ = os.RemoveAll(dir)
}

// RemoveAbandoned removes what programs that were killed have left.
func RemoveAbandoned(ctx context.Context) {
	for _, parent := range []string{inMemory(), private.CacheDir(parentName)} {
		if parent == "" || private.Check(parent) != nil {
			continue
		}
		entries, _ := os.ReadDir(parent)
		for _, entry := range entries {
			dir := filepath.Join(parent, entry.Name())
			if release, err := take(ctx, dir); err == nil {
				remove(dir, release)
			}
		}
	}
}
