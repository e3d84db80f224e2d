package clouds

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// tls returns the keys about TLS: cacert, cert, key, and verify as true or false.
func (c *cloud) tls(o *options) (cloudconf.Values, error) {
	v, err := c.values(o, "cacert", "cert", "key")
	if err != nil {
		return nil, err
	}
	verify := true
	if n, ok := c.top["verify"]; ok {
		var isTruth bool
		if verify, isTruth = n.truth(); !isTruth {
			// As for openstacksdk, any other text is the file to verify with.
			verify = true
			text, err := n.text()
			switch _, has := v["cacert"]; {
			case err != nil:
				return nil, err
			case looksLikeTruth(text):
				return nil, fmt.Errorf("websso: %s must be true or false, without quotes, or the path of a file", n.from)
			case !has:
				v["cacert"] = cloudconf.Value{Text: text, From: n.from}
			}
		}
	}
	// insecure wins: openstack/config/cloud_region.py, get_requests_verify_args. It
	// may be in quotes, because a variable can only have text.
	if n, ok := c.top["insecure"]; ok {
		insecure, err := n.insecure()
		if err != nil {
			return nil, err
		}
		verify = verify && !insecure
	}
	if set, ok := o.set["verify"]; ok {
		verify = set.Text == "true"
	}
	if !verify {
		delete(v, "cacert") // nobody needs the file now, so it may be missing
	}
	v["verify"] = cloudconf.Value{Text: strconv.FormatBool(verify), From: c.where}
	// One file can hold both: requests, which openstacksdk uses, looks for the key
	// in the certificate's file if there is no other.
	if cert, ok := v["cert"]; ok {
		if _, ok := v["key"]; !ok {
			v["key"] = cert
		}
	}
	return v, nil
}

// looksLikeTruth reports whether text was meant to be a boolean. openstacksdk takes it
// for the path of a file, and its error doesn't say what is wrong.
func looksLikeTruth(text string) bool {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "0", "1":
		return true
	}
	return false
}

// tlsConfig reads the files that the keys of [cloud.tls] name, and returns them too.
func (c *cloud) tlsConfig(o *options) (*tls.Config, cloudconf.Values, error) {
	v, err := c.tls(o)
	if err != nil {
		return nil, nil, err
	}
	config := &tls.Config{InsecureSkipVerify: v["verify"].Text == "false"} //nolint:gosec // the user's word
	if cacert, ok := v["cacert"]; ok {
		if config.RootCAs, err = o.readCAs(cacert.Text); err != nil {
			return nil, nil, fmt.Errorf("websso: %s: %w", cacert.From, short(err))
		}
	}
	cert, hasCert := v["cert"]
	key, hasKey := v["key"]
	switch {
	case !hasCert && !hasKey:
		return config, v, nil
	case !hasCert:
		return nil, nil, fmt.Errorf("websso: %s is the key of a client certificate, but cert (OS_CERT) is not set", key.From)
	}
	certText, err := o.readFile(cert.Text)
	if err != nil {
		return nil, nil, fmt.Errorf("websso: %s: %w", cert.From, short(err))
	}
	keyText, err := o.readFile(key.Text)
	if err != nil {
		return nil, nil, fmt.Errorf("websso: %s: %w", key.From, short(err))
	}
	pair, err := tls.X509KeyPair(certText, keyText)
	if err != nil {
		return nil, nil, fmt.Errorf("websso: %s and %s: %w", cert.From, key.From, short(err))
	}
	config.Certificates = []tls.Certificate{pair}
	return config, v, nil
}

// hashed is the name of a certificate in a directory for OpenSSL, which takes no others
// from there (openssl-rehash(1)).
var hashed = regexp.MustCompile(`^[0-9a-f]{8}\.[0-9]+$`)

// readCAs reads a file of certificates, or a directory of them.
func (o *options) readCAs(path string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if info, err := os.Stat(o.resolve(path)); err != nil || !info.IsDir() {
		text, err := o.readFile(path)
		if err == nil && !pool.AppendCertsFromPEM(text) {
			err = errors.New(path + " has no certificate in PEM format")
		}
		return pool, err
	}
	entries, err := os.ReadDir(o.resolve(path))
	if err != nil {
		return nil, err
	}
	found := false
	for _, e := range entries {
		if !hashed.MatchString(e.Name()) {
			continue
		}
		if text, err := o.readFile(filepath.Join(path, e.Name())); err == nil {
			found = pool.AppendCertsFromPEM(text) || found
		}
	}
	if !found {
		err = errors.New(path + " is a directory without certificates under their hashes: run openssl rehash on it, or name a file")
	}
	return pool, err
}

// resolve returns a path with the home directory for a ~ before its first slash, as
// gophercloud reads it.
func (o *options) resolve(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && o.env.Home() != "" {
		return filepath.Join(o.env.Home(), rest)
	}
	return path
}

// absolute returns a path that means the same file anywhere, or "" if there is none.
func (o *options) absolute(path string) string {
	if path == "" {
		return ""
	}
	full, err := filepath.Abs(o.resolve(path))
	if err != nil {
		return path
	}
	return full
}

// readFile reads a file that a setting names.
func (o *options) readFile(path string) ([]byte, error) {
	text, err := os.ReadFile(o.resolve(path))
	switch {
	case err == nil:
	case strings.HasSuffix(path, "\r"):
		err = fmt.Errorf("it ends in a carriage return (\\r), so what sets it has the line ends of Windows; convert that: %w", err)
	case strings.IndexFunc(path, unicode.IsControl) >= 0: // C:\new\tls.pem has two
		err = fmt.Errorf("%s: %w", inSingleQuotes, err)
	}
	return text, err
}
