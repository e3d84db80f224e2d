package clouds

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// tls returns the keys about TLS in the form that gophercloud reads.
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
	v["verify"] = cloudconf.Value{Text: fmt.Sprint(verify), From: c.where}
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

// checkFiles reads the files that the keys name, so that an error says which key is
// wrong. gophercloud reads them again.
func checkFiles(v cloudconf.Values) error {
	if cacert, ok := v["cacert"]; ok {
		text, err := readHome(cacert.Text)
		if err == nil && !x509.NewCertPool().AppendCertsFromPEM(text) {
			err = errors.New(cacert.Text + " has no certificate in PEM format")
		}
		if err != nil {
			return fmt.Errorf("websso: %s: %w", cacert.From, short(err))
		}
	}
	cert, hasCert := v["cert"]
	key, hasKey := v["key"]
	switch {
	case !hasCert && !hasKey:
		return nil
	case !hasCert:
		return fmt.Errorf("websso: %s is the key of a client certificate, but cert (OS_CERT) is not set", key.From)
	}
	certText, err := readHome(cert.Text)
	if err != nil {
		return fmt.Errorf("websso: %s: %w", cert.From, short(err))
	}
	keyText, err := readHome(key.Text)
	if err != nil {
		return fmt.Errorf("websso: %s: %w", key.From, short(err))
	}
	if _, err := tls.X509KeyPair(certText, keyText); err != nil {
		return fmt.Errorf("websso: %s and %s: %w", cert.From, key.From, short(err))
	}
	return nil
}

// readHome reads a file. A path that begins with ~/ is in the home directory, as for
// gophercloud.
func readHome(path string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		path = filepath.Join(home, rest)
	}
	text, err := os.ReadFile(path)
	if err != nil && strings.IndexFunc(path, unicode.IsControl) >= 0 { // C:\new\tls.pem has two
		err = fmt.Errorf("%s: %w", inSingleQuotes, err)
	}
	return text, err
}
