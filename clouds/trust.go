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
	if d.given || !mix(d, cloud.doc) {
		return nil
	}
	if cloud.doc.isHere() {
		return fmt.Errorf("websso: %s is in the current directory and would get the secrets in %s. If the first file is someone else's, they go to a server of their choice. If you trust it, set OS_CLIENT_SECURE_FILE=%s",
			cloud.from, d.path, d.path)
	}
	return fmt.Errorf("websso: %s is in the current directory and would change %s. If the first file is someone else's, your secrets go to a server of their choice. If you trust it, set OS_CLIENT_SECURE_FILE=%s",
		d.path, cloud.from, d.path)
}

// maySupply returns an error if the clouds-public.yaml d must not supply the profile of
// cloud. In the other direction there is nothing to protect: profiles are public.
func (d *document) maySupply(profile string, cloud node) error {
	if d.given || !d.isHere() || !mix(d, cloud.doc) {
		return nil
	}
	return fmt.Errorf("websso: %s is in the current directory and has the profile %s of %s. If the first file is someone else's, your secrets go to a server of their choice. If you trust it, move it to another directory that is searched",
		d.path, quote(profile), cloud.from)
}

// mix reports whether one of the files is in the current directory and the other is
// kept elsewhere.
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
	if d.given {
		return ""
	}
	path, err := filepath.EvalSymlinks(d.path)
	if err != nil {
		return ""
	}
	return filepath.Dir(path)
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
