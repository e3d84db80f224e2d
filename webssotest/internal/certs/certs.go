// Package certs makes the certificates of one Keystone.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"time"
)

// A Set is a certificate authority that nobody else trusts, and the certificates that
// it signed: one for a server on 127.0.0.1 and localhost, one for a client.
type Set struct {
	CA, Cert, Key string // PEM files of the authority, and of the client

	dir            string
	pool           *x509.CertPool
	server, client tls.Certificate
}

// New makes a set. The caller should call Remove when finished.
func New() (*Set, error) {
	s := &Set{pool: x509.NewCertPool()}
	authority, err := sign(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "webssotest authority"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil)
	if err != nil {
		return nil, err
	}
	s.pool.AddCert(authority.Leaf)
	var serverErr, clientErr error
	s.server, serverErr = sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "webssotest"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, &authority)
	s.client, clientErr = sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "webssotest client"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, &authority)
	if err := errors.Join(serverErr, clientErr); err != nil {
		return nil, err
	}
	if err := s.write(authority); err != nil {
		s.Remove()
		return nil, err
	}
	return s, nil
}

// sign makes a key and a certificate for it, signed by parent. If parent is nil, the
// certificate signs itself.
func sign(template *x509.Certificate, parent *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	// Tests change clocks: a day either way must not make the certificate invalid.
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

func (s *Set) write(authority tls.Certificate) error {
	var err error
	if s.dir, err = os.MkdirTemp("", "webssotest-"); err != nil {
		return err
	}
	s.CA = filepath.Join(s.dir, "ca.pem")
	s.Cert = filepath.Join(s.dir, "client.pem")
	s.Key = filepath.Join(s.dir, "client.key")
	key, err := x509.MarshalPKCS8PrivateKey(s.client.PrivateKey)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name, kind string
		der        []byte
	}{
		{s.CA, "CERTIFICATE", authority.Certificate[0]},
		{s.Cert, "CERTIFICATE", s.client.Certificate[0]},
		{s.Key, "PRIVATE KEY", key},
	} {
		block := pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der})
		if err := os.WriteFile(f.name, block, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Remove removes the files.
func (s *Set) Remove() {
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// ServerConfig returns the configuration of a server. It calls wantsClientCert for
// each connection, so that a running server can begin to want a certificate.
func (s *Set) ServerConfig(wantsClientCert func() bool) *tls.Config {
	open := &tls.Config{Certificates: []tls.Certificate{s.server}, MinVersion: tls.VersionTLS12}
	strict := open.Clone()
	strict.ClientAuth, strict.ClientCAs = tls.RequireAndVerifyClientCert, s.pool
	config := open.Clone()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if wantsClientCert() {
			return strict, nil
		}
		return open, nil
	}
	return config
}

// ClientConfig returns a configuration that trusts the authority and has the client's
// certificate. The caller owns it.
func (s *Set) ClientConfig() *tls.Config {
	return &tls.Config{RootCAs: s.pool, Certificates: []tls.Certificate{s.client}, MinVersion: tls.VersionTLS12}
}
