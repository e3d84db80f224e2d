package keystone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Explain returns a [cloudconf.SettingError] for the error of a request whose connection
// failed for a reason that the user can change: Keystone's address, its certificate, the
// user's, or a proxy. It returns other errors as they are.
func (c *Client) Explain(err error) error {
	if explained := c.checkConnection(err); explained != nil {
		return explained
	}
	return err
}

// checkConnection explains why Keystone's address could not be reached, or returns nil.
func (c *Client) checkConnection(err error) error {
	var failed *url.Error
	if !errors.As(err, &failed) || errors.Is(err, context.Canceled) {
		return nil
	}
	host := c.Host()
	wrong := func(problem, advice words) error {
		return &cloudconf.SettingError{Problem: problem, Advice: advice, Err: err}
	}
	var (
		unknownCA x509.UnknownAuthorityError
		wrongName x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		noName    *net.DNSError
		op        *net.OpError
		correct   = words{"correct ", cloudconf.AuthURL}
		operator  = words{"tell the cloud's operator"}
	)
	if problem, advice := c.checkProxy(failed.Err); problem != nil {
		return wrong(problem, advice)
	}
	switch {
	case errors.As(err, &unknownCA):
		return wrong(words{"the certificate of ", host, " is signed by a CA that this computer does not trust"},
			words{"set ", cloudconf.CACert, " to the file of your cloud's CA, if that is how it should be"})
	case errors.As(err, &wrongName) && len(wrongName.Certificate.DNSNames)+len(wrongName.Certificate.IPAddresses) == 0:
		return wrong(words{"the certificate of ", host, " names no host where programs look for it (subjectAltName)"},
			words{"ask the cloud's operator to replace it"})
	case errors.As(err, &wrongName):
		return wrong(words{"the certificate of ", host, " is for another name (", terminal.Printable(wrongName.Error()), ")"}, correct)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return wrong(words{"the certificate of ", host, " has expired or is not valid yet (", terminal.Printable(invalid.Error()), ")"},
			words{"check this computer's clock, or tell the cloud's operator"})
	case errors.As(err, &verify), errors.As(err, &invalid):
		return wrong(words{"the certificate of ", host, " can't be verified (", terminal.Printable(failed.Err.Error()), ")"},
			words{"check ", cloudconf.CACert, " and ", cloudconf.AuthURL})
	case errors.Is(err, http.ErrSchemeMismatch):
		return wrong(words{host, " speaks http, not https"}, correct)
	case errors.As(err, &noName):
		return wrong(words{"there is no host ", host, " (", terminal.Printable(noName.Err), ")"},
			words{"correct ", cloudconf.AuthURL, ", or check this computer's network"})
	case errors.As(err, &op) && op.Op == "dial":
		return wrong(words{"nothing answers at ", host, " (", terminal.Printable(op.Error()), ")"},
			words{"correct ", cloudconf.AuthURL, ", or try again when Keystone is up"})
	case errors.As(err, &op) && op.Op == "remote error":
		// What crypto/tls calls an alert of the other side has a text and no type.
		switch alert := strings.TrimPrefix(op.Err.Error(), "tls: "); {
		case alert == "protocol version not supported":
			return wrong(words{host, " offers only versions of TLS that are no longer safe"}, operator)
		case alert == "handshake failure" && !c.hasCertificate():
			return wrong(words{host, " refuses the connection (", alert, ")"},
				words{"it may want a client certificate: set ", cloudconf.ClientCert, " and ", cloudconf.ClientKey, "; if not, tell the cloud's operator"})
		case alert == "certificate required", strings.Contains(alert, "certificate"), alert == "access denied":
			return c.wantsCertificate(err)
		}
	case strings.HasPrefix(failed.Err.Error(), "tls: server selected unsupported protocol version"):
		return wrong(words{host, " offers only versions of TLS that are no longer safe"}, operator)
	}
	return nil
}

// wantsCertificate returns the error for a server that wants a certificate of the user's.
func (c *Client) wantsCertificate(err error) error {
	certificate := " wants a client certificate"
	if c.hasCertificate() {
		certificate = " wants another client certificate"
	}
	return &cloudconf.SettingError{
		Problem: words{c.Host(), certificate},
		Advice:  words{"set ", cloudconf.ClientCert, " and ", cloudconf.ClientKey, " to the files of yours"},
		Err:     err,
	}
}

// ofHTTP matches the errors that net/http and crypto/tls make, and give no type of net's.
var ofHTTP = regexp.MustCompile(`^(net/http: |http: |http2: |tls: |x509: |EOF$|unexpected EOF$)`)

// checkProxy explains an error that a proxy has caused, or returns nil.
func (c *Client) checkProxy(err error) (problem, advice words) {
	proxy, proxyErr := c.proxy()
	variable := c.proxyVariable(proxy)
	if proxyErr != nil {
		return words{variable, " is not the address of a proxy"}, words{"use one such as http://proxy.example.com:3128"}
	}
	if proxy == nil {
		return nil, nil
	}
	shown := terminal.Printable(proxy.Scheme + "://" + proxy.Host)
	var (
		op    *net.OpError
		known net.Error
	)
	switch {
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		err = op.Err
	case errors.As(err, &known), ofHTTP.MatchString(err.Error()):
		return nil, nil
	case err.Error() == http.StatusText(http.StatusProxyAuthRequired):
		return words{"the proxy ", shown, " asks for a user and a password (407)"},
			words{"put them into ", variable, ", as in http://USER:PASSWORD@HOST:PORT, or list ", c.Host(), " in NO_PROXY if it needs no proxy"}
	case !strings.HasPrefix(c.endpoint, "https://"):
		return nil, nil
	} // else net/http has made an error of the answer to CONNECT, without a type
	return words{"the proxy ", shown, " does not connect to ", c.Host(), " (", terminal.Printable(err.Error()), ")"},
		words{"correct ", variable, ", or list ", c.Host(), " in NO_PROXY if it needs no proxy"}
}

// proxy returns the proxy to the endpoint, or nil.
func (c *Client) proxy() (*url.URL, error) {
	request, err := http.NewRequest(http.MethodGet, c.endpoint, nil) //nolint:noctx // it is not made
	if err != nil {
		return nil, nil //nolint:nilerr // the address is wrong, not the proxy
	}
	switch t := c.transport; {
	case t == nil:
		return http.ProxyFromEnvironment(request)
	case t.Proxy == nil:
		return nil, nil
	default:
		return t.Proxy(request)
	}
}

// proxyVariable returns the variable that names the proxy, or what to call it if a program
// has set it.
func (c *Client) proxyVariable(proxy *url.URL) string {
	names := []string{"HTTPS_PROXY", "https_proxy"}
	if strings.HasPrefix(c.endpoint, "http://") {
		names = []string{"HTTP_PROXY", "http_proxy"}
	}
	for _, name := range names { // as golang.org/x/net/http/httpproxy reads them
		if value := os.Getenv(name); value != "" && (proxy == nil || strings.Contains(value, proxy.Host)) {
			return name
		}
	}
	return "the proxy of the client's transport"
}

// tlsConfig returns the TLS settings of the caller's transport, as far as it shows them.
func (c *Client) tlsConfig() *tls.Config {
	if c.transport != nil {
		// A transport sets its TLS settings up on its first use, which another goroutine
		// may be about to make. Clone waits for that.
		if config := c.transport.Clone().TLSClientConfig; config != nil {
			return config
		}
	}
	return &tls.Config{} //nolint:gosec // it is only looked at
}

// SkipsVerification reports whether the client accepts any certificate, as far as its
// transport shows it.
func (c *Client) SkipsVerification() bool { return c.tlsConfig().InsecureSkipVerify }

// hasCertificate reports whether the client has a certificate of the user's.
func (c *Client) hasCertificate() bool {
	config := c.tlsConfig()
	return len(config.Certificates) > 0 || config.GetClientCertificate != nil
}
