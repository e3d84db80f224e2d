package websso_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// closedPort is the address of a port that nobody listens on, nor is given by the system.
const closedPort = "127.0.0.1:1"

// refusingProxy answers status to whatever it is asked.
func refusingProxy(t *testing.T, status int) string {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(proxy.Close)
	return strings.TrimPrefix(proxy.URL, "http://")
}

// TestLookSeesTheConnection breaks the connection in one way at a time, before a sign-in
// and after it. No browser may open, and both errors say once what is wrong with what.
func TestLookSeesTheConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		proxy      string
		clientCert bool
		says       []string
	}{
		"no proxy there":          {proxy: closedPort, says: []string{"the proxy http://" + closedPort + " does not connect to 127.0.0.1:", "correct HTTPS_PROXY, or list 127.0.0.1:"}},
		"no such proxy":           {proxy: "proxy.invalid:3128", says: []string{"the proxy http://proxy.invalid:3128 does not connect", "correct HTTPS_PROXY"}},
		"a proxy with a password": {proxy: refusingProxy(t, http.StatusProxyAuthRequired), says: []string{"asks for a user and a password (407)", "put the right ones into HTTPS_PROXY"}},
		"a proxy that forbids it": {proxy: refusingProxy(t, http.StatusForbidden), says: []string{"does not connect to 127.0.0.1:", "(Forbidden)", "correct HTTPS_PROXY"}},
		"a proxy that is busy":    {proxy: refusingProxy(t, http.StatusServiceUnavailable), says: []string{"does not connect to 127.0.0.1:", "(Service Unavailable)", "NO_PROXY"}},
		"a client certificate":    {clientCert: true, says: []string{"wants a client certificate", "set the Certificates of the client's TLS settings"}},
		"a password in the proxy": {proxy: "user:hunter2@" + closedPort, says: []string{"the proxy http://" + closedPort + " does not connect"}},
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewTLSKeystone(t)
			opts := ks.AuthOptions()
			signedIn, _ := authenticate(t, ks, opts)
			opts.OpenURL, opts.ForceLogin = noBrowser(t), true
			before := newClient(t, ks)
			for _, client := range []*http.Client{&before.HTTPClient, &signedIn.HTTPClient} {
				transport := client.Transport.(*http.Transport).Clone()
				if tt.proxy != "" {
					t.Setenv("HTTPS_PROXY", "http://"+tt.proxy)
					transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: tt.proxy})
					if user, host, ok := strings.Cut(tt.proxy, "@"); ok {
						name, password, _ := strings.Cut(user, ":")
						transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", User: url.UserPassword(name, password), Host: host})
					}
				}
				transport.TLSClientConfig.Certificates = nil
				client.Transport = transport
			}
			ks.Configure(func(c *webssotest.Config) { c.Quirks.WantClientCert = tt.clientCert })
			signInErr := websso.Authenticate(t.Context(), before, opts)
			logoutErr := websso.Logout(t.Context(), signedIn, opts)
			for what, err := range map[string]error{"sign-in": signInErr, "logout": logoutErr} {
				if err == nil {
					t.Fatalf("%s: got no error, want one", what)
				}
				for _, want := range tt.says {
					if strings.Count(err.Error(), want) != 1 {
						t.Errorf("%s: got error %v, want one that says %q once", what, err, want)
					}
				}
				for _, no := range []string{"hunter2", "proxyconnect", "remote error"} {
					if strings.Contains(err.Error(), no) {
						t.Errorf("%s: got error %v, want nothing of %q", what, err, no)
					}
				}
			}
		})
	}
}

// TestLookSeesTheServersTLS meets servers that only their operator can mend.
func TestLookSeesTheServersTLS(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	roots := x509.NewCertPool()
	with := func(change func(*x509.Certificate)) *tls.Config {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IsCA: true, BasicConstraintsValid: true,
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}
		change(template)
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		must(t, err)
		own, err := x509.ParseCertificate(der)
		must(t, err)
		roots.AddCert(own)
		return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}} //nolint:gosec // the default is right
	}
	for name, tt := range map[string]struct {
		config *tls.Config
		status int
		body   string
		says   string
	}{
		"only old versions": {config: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, says: "offers only versions of TLS that are no longer safe"}, //nolint:gosec // that is the fault
		"no SAN":            {config: with(func(c *x509.Certificate) { c.IPAddresses = nil }), says: "ask the cloud's operator to replace it"},
		"expired":           {config: with(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), says: "has expired or is not valid yet (x509: "},
		"for clients":       {config: with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), says: "can't be verified (tls: "},
		"no cipher suite":   {config: &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, says: "refuses the connection (handshake failure): it may want a client certificate"}, //nolint:gosec // that is the fault
		"nginx":             {config: &tls.Config{}, status: http.StatusBadRequest, body: "<h1>400 Bad Request</h1>No required SSL certificate was sent", says: "wants a client certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			}))
			server.TLS = tt.config
			server.StartTLS()
			t.Cleanup(server.Close)
			client, err := openstack.NewClient(server.URL)
			must(t, err)
			roots := roots.Clone()
			roots.AddCert(server.Certificate())
			client.HTTPClient.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}} //nolint:gosec // the default is right
			opts := webssotest.NewKeystone(t).AuthOptions()
			opts.IdentityEndpoint, opts.OpenURL = server.URL, noBrowser(t)
			before := websso.Authenticate(t.Context(), client, opts)
			client.SetToken("a token")
			for what, err := range map[string]error{"sign-in": before, "logout": websso.Logout(t.Context(), client, opts)} {
				if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "correct IdentityEndpoint") {
					t.Errorf("%s: got error %v, want one that says %q and blames no address", what, err, tt.says)
				}
			}
		})
	}
}

// TestLookSeesAFirewall refuses localhost in a query, as rules against remote file
// inclusion do.
func TestLookSeesAFirewall(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	asked := 0
	intercept(ks, func(r *http.Request) http.Handler {
		if strings.HasSuffix(r.URL.Path, "/websso") {
			asked++
		}
		if strings.Contains(r.URL.RawQuery, "localhost") {
			return webssotest.Quirks{}.ForeignHTML(http.StatusForbidden)
		}
		return nil
	})
	opts := ks.AuthOptions()
	opts.OpenURL = noBrowser(t)
	_, err := websso.AuthenticatedClient(t.Context(), opts)
	wantSaid(t, err, "refuses addresses with a host such as localhost in their query (403 Forbidden)", "except "+ks.URL()+"/v3/auth/OS-FEDERATION/", "origin=http://localhost:")
	if asked != 2 {
		t.Errorf("got %d requests for the start, want 2", asked)
	}
}

// TestPrivilegedPort asks for a port that only root may listen on.
func TestPrivilegedPort(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:81")
	if err == nil {
		l.Close()
		t.Skip("every port is free for this user")
	}
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	opts.RedirectPort, opts.OpenURL = 81, noBrowser(t)
	_, err = websso.AuthenticatedClient(t.Context(), opts)
	wantSaid(t, err, "you may not listen on 81: use one above 1023 that Keystone trusts, with RedirectPort")
}

// TestTimeoutNamesAnOddAnswer has the start answer a program with an error that says
// nothing about the settings.
func TestTimeoutNamesAnOddAnswer(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	answerWith(ks, "/websso", reply(http.StatusBadGateway, "<html>"))
	a := begin(t, ks, func(o *websso.AuthOptions) { o.Timeout = time.Second })
	a.wait()
	wantError(t, a.err, websso.ErrTimeout)
	wantSaid(t, a.err, "; before it opened, the program itself got 502 Bad Gateway there")
}

// TestLookSeesAProxyInHTTP has a proxy ask for a password before it passes on a request
// that is not encrypted.
func TestLookSeesAProxyInHTTP(t *testing.T) {
	t.Parallel()
	opts := webssotest.NewKeystone(t).AuthOptions()
	opts.OpenURL = noBrowser(t)
	client, err := openstack.NewClient(opts.IdentityEndpoint)
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: refusingProxy(t, http.StatusProxyAuthRequired)})}
	const asks = "asks for a user and a password (407): put the right ones into the proxy of the client's transport"
	wantSaid(t, websso.Authenticate(t.Context(), client, opts), asks)
	client.SetToken("a token")
	wantSaid(t, websso.Logout(t.Context(), client, opts), asks)
}
