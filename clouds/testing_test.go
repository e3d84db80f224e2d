package clouds_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
)

// TestMain keeps the locks of sign-ins away from those of the person who runs the
// tests, and that person's clouds away from the examples.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "websso-clouds-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		for _, entry := range os.Environ() {
			if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OS_") {
				os.Unsetenv(name)
			}
		}
		os.Setenv("XDG_CACHE_HOME", dir)
		xdg.Reload()
		return m.Run()
	}())
}

// cleanEnv leaves vars as the only OS_* variables, and goes to an empty folder that is
// the home folder as well.
func cleanEnv(t *testing.T, vars map[string]string) string {
	t.Helper()
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "OS_") || strings.HasPrefix(name, "XDG_") {
			t.Setenv(name, value) // so that it comes back
			os.Unsetenv(name)
		}
	}
	for name, value := range vars {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Chdir(dir)
	return dir
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(text))
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// authority is a certificate authority with one certificate, for a server and for a
// client alike.
type authority struct {
	ca, cert, key []byte // PEM
	pool          *x509.CertPool
	pair          tls.Certificate
}

func newAuthority(t *testing.T, names ...string) *authority {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	block := func(kind string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test"},
		NotAfter: time.Now().Add(time.Hour), DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, ca, key.Public(), caKey)
	check(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)

	a := &authority{ca: block("CERTIFICATE", caDER), cert: block("CERTIFICATE", der), key: block("PRIVATE KEY", keyDER), pool: x509.NewCertPool()}
	a.pool.AppendCertsFromPEM(a.ca)
	a.pair, err = tls.X509KeyPair(a.cert, a.key)
	check(err)
	return a
}

// write puts the files into dir.
func (a *authority) write(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string][]byte{
		"ca.pem": a.ca, "other.pem": a.ca, "cert.pem": a.cert, "key.pem": a.key, "both.pem": slices.Concat(a.cert, a.key),
	} {
		writeFile(t, filepath.Join(dir, name), string(text))
	}
}
