package command_test

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"github.com/gophercloud-websso/websso/webssotest"
)

// browser is a program for $BROWSER. It signs in the user of PERSON, NAME:PASSWORD, and
// prints as much as browsers do.
func browser() {
	fmt.Println("[1:1:ERROR:gpu_init.cc] gAAAAABnot-a-token on standard output")
	fmt.Fprintln(os.Stderr, "[1:1:ERROR:bus.cc] something on standard error")
	name, password, _ := strings.Cut(cmp.Or(os.Getenv("PERSON"), "alice:wonderland"), ":")
	b := &webssotest.Browser{User: name, Password: password, TLS: trusting(os.Getenv("BROWSER_CA"))}
	check(b.Open(os.Args[len(os.Args)-1]))
}

// trusting returns a configuration that trusts the certificate authority in a file, or nil
// if there is none.
func trusting(path string) *tls.Config {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: roots}
}
