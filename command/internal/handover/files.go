package handover

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/internal/private"
)

// parentName is the directory that holds those of all commands that run.
const parentName = "gophercloud-websso-exec"

// files are the names of the files that describe the clouds to a tool, by the variable
// that says which file it is.
var files = map[string]string{"OS_CLIENT_CONFIG_FILE": cloudsName, "OS_CLIENT_SECURE_FILE": secureName}

const cloudsName, secureName = "clouds.yaml", "secure.yaml"

// isOwnDirectory reports whether a directory is one that Write has made.
func isOwnDirectory(dir string) bool { return filepath.Base(filepath.Dir(dir)) == parentName }

// A Description is what files say about the clouds, for tools that read nothing else or
// name their cloud.
type Description struct {
	Cloud  string // the name of the cloud that tools get
	Clouds []byte // the user's clouds.yaml
	Secure []byte // the user's secure.yaml

	// OnDisk allows to write the files in the user's cache directory if they can't be in
	// memory.
	OnDisk bool
}

// Write writes the user's files with the cloud as tools get it, into a directory that is
// the user's alone. It returns the directory and the function that removes it.
func (d Description) Write(ctx context.Context, c Cloud) (dir string, remove func(), err error) {
	clouds, err := replace(d.Clouds, d.Cloud, c.entry)
	if err != nil {
		return "", nil, fmt.Errorf("clouds.yaml: %w", err)
	}
	secure, err := replace(d.Secure, d.Cloud, nil) // tools would merge it over the other file
	if err != nil {
		return "", nil, fmt.Errorf("secure.yaml: %w", err)
	}
	err = errors.New("XDG_RUNTIME_DIR names no directory that is yours alone")
	if parent := inMemory(); parent != "" {
		dir, remove, err = write(ctx, parent, clouds, secure)
	}
	if err != nil && d.OnDisk {
		dir, remove, err = write(ctx, private.CacheDir(parentName), clouds, secure)
	}
	return dir, remove, err
}

// write writes the files into a new directory below parent.
func write(ctx context.Context, parent string, clouds, secure []byte) (dir string, remove func(), err error) {
	dir = filepath.Join(parent, rand.Text())
	// Whoever looks for abandoned directories may find this lock, and take it first.
	remove, err = take(ctx, dir, 5*time.Second)
	if err != nil {
		return "", nil, err
	}
	if err = private.Write(dir, cloudsName, string(clouds)); err == nil {
		err = private.Write(dir, secureName, string(secure))
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return dir, remove, nil
}

// inMemory returns the directory for those of all commands in the user's runtime
// directory, which is in memory and gone when the user has signed out of the computer. It
// is "" if there is none, or if it is another user's, as after sudo.
func inMemory() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if private.Check(dir) != nil {
		return ""
	}
	return filepath.Join(dir, parentName)
}

// take makes a directory this program's, and returns the function that removes it. The
// directory may be there or not: the lock that says that it is in use is beside it.
func take(ctx context.Context, dir string, limit time.Duration) (remove func(), err error) {
	var unusable error
	lock := private.Lock{Dir: filepath.Dir(dir), Name: filepath.Base(dir), Limit: limit, Warn: func(err error) { unusable = errors.Unwrap(err) }}
	release, err := lock.Take(ctx)
	if err != nil {
		return nil, err
	}
	if unusable != nil {
		release()
		return nil, unusable
	}
	return func() {
		for _, name := range files {
			_ = private.Remove(dir, name) // or empty it, if another program has it open
		}
		_ = os.RemoveAll(dir)
		release()
	}, nil
}

// RemoveAbandoned removes what programs that were killed have left.
func RemoveAbandoned(ctx context.Context) {
	for _, parent := range []string{inMemory(), private.CacheDir(parentName)} {
		if private.Check(parent) != nil {
			continue
		}
		names, _ := fs.Glob(os.DirFS(parent), "[A-Z2-7]*") // as rand.Text makes them, and their locks
		for _, name := range names {
			if remove, err := take(ctx, filepath.Join(parent, strings.TrimSuffix(name, ".lock")), 0); err == nil {
				remove()
			}
		}
	}
}
