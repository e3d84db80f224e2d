package webssotest

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
	"time"
)

// certificates are those of one Keystone: an authority that nobody else trusts, and
// what it signed.
type certificates struct {
	pool           *x509.CertPool
	serve, present tls.Certificate
	folder         string
	ca, cert, key  string // files in folder
}

func newCertificates() (*certificates, error) {
	c := &certificates{pool: x509.NewCertPool()}
	authority, err := sign(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "webssotest authority"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil)
	if err != nil {
		return nil, err
	}
	c.pool.AddCert(authority.Leaf)
	c.serve, err = sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "webssotest"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, &authority)
	if err != nil {
		return nil, err
	}
	c.present, err = sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "webssotest client"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, &authority)
	if err != nil {
		return nil, err
	}
	if err := c.write(authority); err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

// sign makes a key and a certificate for it, signed by parent, or by itself where
// that is nil.
func sign(template *x509.Certificate, parent *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, err
	}
	// Tests turn clocks: one of a day either way must not become one about certificates.
	template.NotBefore = time.Now().AddDate(0, 0, -7)
	template.NotAfter = time.Now().AddDate(0, 0, 7)
	issuer, signer := template, any(key)
	if parent != nil {
		issuer, signer = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func (c *certificates) write(authority tls.Certificate) error {
	var err error
	if c.folder, err = os.MkdirTemp("", "webssotest-"); err != nil {
		return err
	}
	c.ca = filepath.Join(c.folder, "ca.pem")
	c.cert = filepath.Join(c.folder, "client.pem")
	c.key = filepath.Join(c.folder, "client.key")
	key, err := x509.MarshalPKCS8PrivateKey(c.present.PrivateKey)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name, kind string
		der        []byte
	}{
		{c.ca, "CERTIFICATE", authority.Certificate[0]},
		{c.cert, "CERTIFICATE", c.present.Certificate[0]},
		{c.key, "PRIVATE KEY", key},
	} {
		block := pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der})
		if err := os.WriteFile(f.name, block, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c *certificates) remove() {
	if c.folder != "" {
		os.RemoveAll(c.folder)
	}
}

// server asks each time whether a client certificate is wanted, so that a running
// Keystone can begin to want one.
func (c *certificates) server(wantsClientCert func() bool) *tls.Config {
	open := &tls.Config{Certificates: []tls.Certificate{c.serve}, MinVersion: tls.VersionTLS12}
	strict := open.Clone()
	strict.ClientAuth, strict.ClientCAs = tls.RequireAndVerifyClientCert, c.pool
	config := open.Clone()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if wantsClientCert() {
			return strict, nil
		}
		return open, nil
	}
	return config
}

func (c *certificates) client() *tls.Config {
	return &tls.Config{RootCAs: c.pool, Certificates: []tls.Certificate{c.present}, MinVersion: tls.VersionTLS12}
}
