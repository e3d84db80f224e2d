package clouds

import (
	"fmt"
	"os"
	"path/filepath"
)

// A file in the current directory may have come with something that was downloaded, so
// it must not be combined with a file from elsewhere: a password from one file would go
// to the auth_url of the other. openstacksdk does combine them.

// mayOverride returns an error if the secure.yaml d must not override cloud, which
// another file describes.
func (d *document) mayOverride(cloud node) error {
	switch {
	case d.given || !mix(d, cloud.doc):
		return nil
	case cloud.doc.isHere():
		return foreign(cloud.from.String(), "would get the secrets in "+d.path, "set OS_CLIENT_SECURE_FILE="+d.path)
	}
	return foreign(d.path, "would change "+cloud.from.String(), "set OS_CLIENT_SECURE_FILE="+d.path)
}

// maySupply returns an error if the clouds-public.yaml d must not supply the profile of
// cloud. In the other direction there is nothing to protect: profiles are public.
func (d *document) maySupply(profile string, cloud node) error {
	if !d.isHere() || !mix(d, cloud.doc) {
		return nil
	}
	return foreign(d.path, "has the profile "+quote(profile)+" of "+cloud.from.String(), "move it to another directory that is searched")
}

func foreign(here, what, trust string) error {
	return fmt.Errorf("websso: %s is in the current directory and %s. If the first file is someone else's, your secrets go to a server of their choice. If you trust it, %s", here, what, trust)
}

// mix reports whether one file is in the current directory and the other is kept elsewhere.
func mix(a, b *document) bool {
	return (a.isHere() || b.isHere()) && !sameFile(a.dir(), b.dir())
}

// isHere reports whether the file was found in the current directory.
func (d *document) isHere() bool {
	return !d.given && sameFile(filepath.Dir(d.path), ".")
}

// dir returns the directory that the file is kept in. Symbolic links are followed: a
// secure.yaml in a cloned repository may be a link to the user's own.
func (d *document) dir() string {
	if path, err := filepath.EvalSymlinks(d.path); err == nil && !d.given {
		return filepath.Dir(path)
	}
	return ""
}

func sameFile(a, b string) bool {
	x, _ := os.Stat(a)
	y, _ := os.Stat(b)
	return os.SameFile(x, y) // false if one does not exist
}
