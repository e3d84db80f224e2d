package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"html/template"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// identityHost is the name under which the cloud is shown. packaging/record makes it one
// of this computer.
const identityHost = "identity.example.com"

// A stage is a cloud at an address that readers know from the documentation.
type stage struct {
	cloud *webssotest.Keystone
	front *http.Server
	dir   string // with clouds.yaml and ca.pem
	roots *x509.CertPool
}

func setUp() (*stage, error) {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "websso-recording-")
	if err != nil {
		return nil, err
	}
	s := &stage{cloud: cloud, dir: dir}
	cloud.Configure(func(c *webssotest.Config) {
		c.TrustedDashboards = append(c.TrustedDashboards, fmt.Sprintf("http://localhost:%d/auth/websso/", websso.DefaultRedirectPort))
		// A page that signs alice in by itself, for a browser that nobody sits at.
		c.Intercept = func(r *http.Request) http.Handler {
			if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/sign-in") || !strings.Contains(r.UserAgent(), "Chrome") {
				return nil
			}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = aliceSignsIn.Execute(w, r.URL.Query().Get("state"))
			})
		}
	})
	if err := s.serveTLS(); err != nil {
		s.tearDown()
		return nil, err
	}
	config := fmt.Sprintf("clouds:\n  mycloud:\n    auth_type: v3websso\n    identity_provider: %s\n    protocol: %s\n    region_name: %s\n    cacert: %s\n"+
		"    auth:\n      auth_url: %s\n      project_name: demo\n      project_domain_name: Default\n",
		webssotest.IdentityProvider, webssotest.Protocol, webssotest.Region, s.caFile(), s.endpoint())
	if err := os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte(config), 0o600); err != nil {
		s.tearDown()
		return nil, err
	}
	return s, nil
}

var aliceSignsIn = template.Must(template.New("").Parse(`<!DOCTYPE html><form method="post" action="sign-in">
<input name="state" value="{{.}}"><input name="user" value="alice"><input name="password" value="wonderland"></form>
<script>document.forms[0].submit()</script>`))

func (s *stage) endpoint() string { return "https://" + identityHost + "/v3" }
func (s *stage) caFile() string   { return filepath.Join(s.dir, "ca.pem") }

func (s *stage) tearDown() {
	if s.front != nil {
		s.front.Close()
	}
	s.cloud.Close()
	os.RemoveAll(s.dir)
}

// serveTLS puts HTTPS in front of the cloud.
func (s *stage) serveTLS() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{identityHost}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, &key.PublicKey, key)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(text)
	if err := os.WriteFile(s.caFile(), text, 0o600); err != nil {
		return err
	}
	back, err := url.Parse(s.cloud.URL())
	if err != nil {
		return err
	}
	proxy := httputil.NewSingleHostReverseProxy(back)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/websso") {
			// The identity provider sends the browser back to the cloud's own address, and
			// cookies are for one host: browsers go there from the beginning.
			http.Redirect(w, r, s.cloud.URL()+r.URL.RequestURI(), http.StatusFound)
			return
		}
		proxy.ServeHTTP(w, r)
	})
	s.front = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(discard{}, "", 0),
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:443")
	if err != nil {
		return err
	}
	go func() {
		_ = s.front.Serve(tls.NewListener(listener, &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12,
		}))
	}()
	return nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
