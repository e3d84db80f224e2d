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

type words = cloudconf.Text

// mistake returns the error for a setting that the user can correct.
func mistake(problem words, advice ...any) error {
	return &cloudconf.SettingError{Problem: problem, Advice: advice}
}

// connection is how requests get to Keystone.
type connection struct {
	endpoint  string
	transport *http.Transport // the caller's; nil if it is of another type
}

// Host returns the host of the endpoint as a message shows it.
func (c connection) Host() string {
	_, address, _ := strings.Cut(c.endpoint, "://")
	host, _, _ := strings.Cut(address, "/")
	return terminal.Printable(host)
}

// SkipsVerification reports whether the transport shows that any certificate is accepted.
func (c connection) SkipsVerification() bool {
	if c.transport == nil {
		return false
	}
	// A transport sets its TLS settings up on its first use, which another goroutine
	// may be about to make. Clone waits for that.
	config := c.transport.Clone().TLSClientConfig
	return config != nil && config.InsecureSkipVerify
}

// faults are the reasons for which a connection fails that a user or the operator can
// change. The first one counts. In a problem, HOST stands for Keystone's host and DETAIL
// for what the error says.
var faults = []struct {
	is      func(error) (detail string, ok bool)
	problem string
	advice  words
}{
	{as[x509.UnknownAuthorityError](nil), "the certificate of HOST is signed by a CA that this computer does not trust", words{"set ", cloudconf.CACert, " to the file of your cloud's CA, if that is how it should be"}},
	{as(namesNoHost), "the certificate of HOST names no host where programs look for it (subjectAltName)", words{"ask the cloud's operator to replace it"}},
	{as[x509.HostnameError](nil), "the certificate of HOST is for another name (DETAIL)", correctURL},
	{as(isExpired), "the certificate of HOST has expired or is not valid yet (DETAIL)", words{"check this computer's clock, or tell the cloud's operator"}},
	{as[*tls.CertificateVerificationError](nil), "the certificate of HOST can't be verified (DETAIL)", words{"check ", cloudconf.CACert, " and ", cloudconf.AuthURL}},
	{func(err error) (string, bool) { return "", errors.Is(err, http.ErrSchemeMismatch) }, "HOST speaks http, not https", correctURL},
	{as[*net.DNSError](nil), "there is no host HOST (DETAIL)", words{"correct ", cloudconf.AuthURL, ", or check this computer's network"}},
	{as(isDial), "nothing answers at HOST (DETAIL)", words{"correct ", cloudconf.AuthURL, ", or try again when Keystone is up"}},
	// crypto/tls gives an alert, which is what the other side says, a text and no type.
	{says("remote error: tls: protocol version|tls: server selected unsupported protocol"), "HOST offers only versions of TLS that are no longer safe", words{"tell the cloud's operator"}},
	{says("remote error: tls: handshake failure"), "HOST refuses the connection (handshake failure)", words{"it may want a client certificate: set ", cloudconf.ClientCert, " and ", cloudconf.ClientKey, "; if not, tell the cloud's operator"}},
	{says("remote error: tls: .*certificate|remote error: tls: access denied"), "HOST wants a client certificate that it knows", ownCertificate},
}

var (
	correctURL     = words{"correct ", cloudconf.AuthURL}
	ownCertificate = words{"set ", cloudconf.ClientCert, " and ", cloudconf.ClientKey, " to the files of yours"}
)

func namesNoHost(e x509.HostnameError) bool {
	return len(e.Certificate.DNSNames)+len(e.Certificate.IPAddresses) == 0
}
func isExpired(e x509.CertificateInvalidError) bool { return e.Reason == x509.Expired }
func isDial(e *net.OpError) bool                    { return e.Op == "dial" }

// as matches errors of a type that satisfy a condition, if there is one.
func as[E error](condition func(E) bool) func(error) (string, bool) {
	return func(err error) (string, bool) {
		var e E
		if !errors.As(err, &e) || condition != nil && !condition(e) {
			return "", false
		}
		return e.Error(), true
	}
}

// says matches errors that contain a text.
func says(pattern string) func(error) (string, bool) {
	text := regexp.MustCompile(pattern)
	return func(err error) (string, bool) { return err.Error(), text.MatchString(err.Error()) }
}

// Fault returns a [cloudconf.SettingError] for the error of a request whose connection
// failed for a reason that the user can change: Keystone's address, its certificate, the
// user's, or a proxy. It returns nil for other errors.
func (c connection) Fault(err error) error {
	var failed *url.Error
	if !errors.As(err, &failed) || errors.Is(err, context.Canceled) {
		return nil
	}
	if problem, advice := c.proxyFault(failed.Err); problem != nil {
		return &cloudconf.SettingError{Problem: problem, Advice: advice, Err: err}
	}
	for _, f := range faults {
		if detail, ok := f.is(failed.Err); ok {
			problem := strings.NewReplacer("HOST", c.Host(), "DETAIL", terminal.Printable(detail)).Replace(f.problem)
			return &cloudconf.SettingError{Problem: words{problem}, Advice: f.advice, Err: err}
		}
	}
	return nil
}

// answerFault is Fault for an answer that is not Keystone's.
func (c connection) answerFault(status int, body string) error {
	switch {
	case status == http.StatusProxyAuthRequired: // a proxy's, to a request in http
		return c.Fault(&url.Error{Err: errors.New(http.StatusText(status))})
	case status == http.StatusBadRequest && strings.Contains(body, "SSL certificate"): // nginx' words
		return mistake(words{c.Host(), " wants a client certificate that it knows"}, ownCertificate...)
	case status == http.StatusBadRequest && strings.HasPrefix(c.endpoint, "http://") && strings.Contains(strings.ToLower(body), "https"): // Apache's and nginx' to HTTP
		return mistake(words{c.Host(), " speaks https, not http"}, correctURL...)
	}
	return nil
}

// ofHTTP matches the errors that net/http and crypto/tls make, and give no type of net's.
var ofHTTP = regexp.MustCompile(`^(net/http: |http: |http2: |tls: |x509: |EOF$|unexpected EOF$)`)

// proxyFault explains an error that a proxy has caused, or returns nil.
func (c connection) proxyFault(err error) (problem, advice words) {
	proxy, proxyErr := c.proxy()
	variable := c.proxyVariable(proxy)
	if proxyErr != nil {
		return words{variable, " is not the address of a proxy"}, words{"use one such as http://proxy.example.com:3128"}
	}
	if proxy == nil {
		return nil, nil
	}
	shown := terminal.Printable(proxy.Scheme + "://" + proxy.Host)
	without := words{", or list ", c.Host(), " in NO_PROXY if it needs no proxy"}
	var op *net.OpError
	var known net.Error
	switch {
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		err = op.Err
	case errors.As(err, &known), ofHTTP.MatchString(err.Error()):
		return nil, nil
	case strings.HasPrefix(err.Error(), http.StatusText(http.StatusProxyAuthRequired)): // and some say more
		return words{"the proxy ", shown, " asks for a user and a password (407)"},
			append(words{"put the right ones into ", variable, ", as in http://USER:PASSWORD@HOST:PORT"}, without...)
	case !strings.HasPrefix(c.endpoint, "https://"):
		return nil, nil
	} // else net/http has made an error of the answer to CONNECT, without a type
	return words{"the proxy ", shown, " does not connect to ", c.Host(), " (", terminal.Printable(err.Error()), ")"},
		append(words{"correct ", variable}, without...)
}

// proxy returns the proxy to the endpoint, or nil.
func (c connection) proxy() (*url.URL, error) {
	proxyOf := http.ProxyFromEnvironment
	if c.transport != nil {
		proxyOf = c.transport.Proxy
	}
	u, err := url.Parse(c.endpoint)
	if err != nil || proxyOf == nil {
		return nil, nil //nolint:nilerr // the address is wrong, not the proxy
	}
	return proxyOf(&http.Request{URL: u, Header: make(http.Header)})
}

// proxyVariable returns the variable that names the proxy, or what to call one of a program's.
func (c connection) proxyVariable(proxy *url.URL) string {
	scheme, _, _ := strings.Cut(c.endpoint, "://")
	for _, name := range []string{strings.ToUpper(scheme) + "_PROXY", scheme + "_proxy"} { // as golang.org/x/net/http/httpproxy reads them
		if value := os.Getenv(name); value != "" && (proxy == nil || strings.Contains(value, proxy.Host)) {
			return name
		}
	}
	return "the proxy of the client's transport"
}
