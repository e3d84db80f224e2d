package clouds

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// tlsConfig reads the TLS settings among v. It returns the files that they come from, too.
func (c *cloud) tlsConfig(v cloudconf.Values) (config *tls.Config, files websso.TLSFiles, err error) {
	verify, file, err := c.verify()
	if err != nil {
		return nil, files, err
	}
	cacert, cert := cmp.Or(v["cacert"], file), v["cert"]
	if !verify {
		cacert = cloudconf.Value{} // nobody needs the file now, so it may be missing
	}
	// One file can hold both: requests, which openstacksdk uses, looks for the key
	// in the certificate's file if there is no other.
	key := cmp.Or(v["key"], cert)
	o := c.options
	files = websso.TLSFiles{CACert: o.absolute(cacert.Text), Cert: o.absolute(cert.Text), Key: o.absolute(key.Text)}
	for _, v := range []cloudconf.Value{cacert, cert, key} {
		if info, err := os.Stat(o.absolute(v.Text)); err == nil && v.From.File != "" && !info.IsDir() && !info.Mode().IsRegular() { // see errIrregular
			return nil, files, fmt.Errorf("websso: %s is not a regular file, which is read only if a variable or an option names it", v.From)
		}
	}
	config = &tls.Config{InsecureSkipVerify: !verify} //nolint:gosec // the user's word
	if cacert.Text != "" {
		if config.RootCAs, err = readCAs(files.CACert); err != nil {
			return nil, files, fmt.Errorf("websso: %s: %w", cacert.From, short(explainPath(err)))
		}
	}
	switch {
	case key.Text == "":
		return config, files, nil
	case cert.Text == "":
		return nil, files, fmt.Errorf("websso: %s is the key of a client certificate, but cert (%s) is not set", key.From, o.called("OS_CERT"))
	}
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		from := slices.Compact([]string{cert.From.String(), key.From.String()})
		return nil, files, fmt.Errorf("websso: %s: %w", strings.Join(from, " and "), short(explainPath(err)))
	}
	config.Certificates = []tls.Certificate{pair}
	return config, files, nil
}

// verify reports whether to verify certificates, and with which file if verify names one,
// as it may for openstacksdk.
func (c *cloud) verify() (verify bool, file cloudconf.Value, err error) {
	if set, ok := c.options.set["verify"]; ok {
		return set.Text == "true", file, nil
	}
	verify = true
	if n, ok := c.top["verify"]; ok {
		var isTruth bool
		if verify, isTruth = n.truth(); !isTruth {
			verify, file = true, cloudconf.Value{Text: n.Value, From: n.from}
			if almostTruth.MatchString(n.Value) {
				return false, file, fmt.Errorf("websso: %s must be true or false, without quotes, or the path of a file", n.from)
			}
		}
	}
	// insecure wins, and may be in quotes, because a variable can only have text
	// (openstack/config/cloud_region.py, get_requests_verify_args; loader.py, get_boolean).
	if n, ok := c.top["insecure"]; ok {
		insecure, isTruth := n.truth()
		verify = verify && !insecure && (isTruth || !strings.EqualFold(n.Value, "true"))
	}
	return verify, file, nil
}

// almostTruth matches what was meant to be a boolean. openstacksdk takes it for the path of
// a file, and its error doesn't say what is wrong.
var almostTruth = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|[yntf01])$`)

// hashed is the name of a certificate in a directory, for OpenSSL (openssl-rehash(1)).
var hashed = regexp.MustCompile(`^[0-9a-f]{8}\.[0-9]+$`)

// readCAs reads a file of certificates, or a directory of them.
func readCAs(path string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		text, err := os.ReadFile(path)
		if err == nil && !pool.AppendCertsFromPEM(text) {
			err = errors.New(path + " has no certificate in PEM format")
		}
		return pool, err
	}
	entries, err := os.ReadDir(path)
	found := false
	for _, e := range entries {
		if hashed.MatchString(e.Name()) {
			text, _ := os.ReadFile(filepath.Join(path, e.Name())) // openssl skips it, too
			found = pool.AppendCertsFromPEM(text) || found
		}
	}
	if err == nil && !found {
		err = errors.New(path + " is a directory without certificates under their hashes: run openssl rehash on it, or name a file")
	}
	return pool, err
}

// absolute returns a path that means the same file anywhere, or "" if there is none. A ~
// before its first slash is the home directory, as for gophercloud.
func (o *options) absolute(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && o.env.Home() != "" {
		path = filepath.Join(o.env.Home(), rest)
	}
	if full, err := filepath.Abs(path); err == nil && path != "" {
		return full
	}
	return path
}

// explainPath says what is wrong with the path of a file that could not be read, if it shows.
func explainPath(err error) error {
	failed := new(fs.PathError)
	switch {
	case !errors.As(err, &failed):
	case strings.HasSuffix(failed.Path, "\r"):
		return fmt.Errorf("it ends in a carriage return (\\r), so what sets it has the line ends of Windows; convert that: %w", err)
	case strings.ContainsFunc(failed.Path, unicode.IsControl): // C:\new\tls.pem has two
		return fmt.Errorf("%s: %w", inSingleQuotes, err)
	}
	return err
}
