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
	b := &webssotest.Browser{User: name, Password: password}
	if pem, err := os.ReadFile(os.Getenv("BROWSER_CA")); err == nil {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		b.TLS = &tls.Config{RootCAs: roots}
	}
	if err := b.Open(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
