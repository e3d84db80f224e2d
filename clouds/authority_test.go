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
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// authority is a certificate authority with one certificate, which serves as a
// server's and as a client's.
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

// write writes the PEM files to dir.
func (a *authority) write(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string][]byte{
		"ca.pem": a.ca, "other.pem": a.ca, "cert.pem": a.cert, "key.pem": a.key, "both.pem": slices.Concat(a.cert, a.key),
	} {
		writeFile(t, filepath.Join(dir, name), string(text))
	}
}
