package keystone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

type words = cloudconf.Text

const (
	// lookTimeout bounds the look: a slow Keystone may still be a good one.
	lookTimeout = 10 * time.Second

	// maxLook is how much of an answer is read.
	maxLook = 64 << 10
)

// Look finds what is wrong with the settings of a sign-in before a browser opens. It asks
// for the endpoint and for webssoURL, at once, and returns a [cloudconf.SettingError] if
// the answers show a mistake: an address that nothing answers at or that is not
// Keystone's, a certificate that is not trusted, an identity provider or a protocol that
// Keystone does not know. Any other answer is none of its business: a look must not stop
// a sign-in that could work. Look returns what came back for webssoURL.
func (c *Client) Look(ctx context.Context, webssoURL string) (Answer, error) {
	seen := c.Examine(ctx, webssoURL)
	for _, err := range []error{seen.Connection, seen.Address, seen.Provider} {
		if err != nil {
			return Answer{}, err
		}
	}
	return seen.Begin, nil
}

// Seen is what a look at Keystone shows.
type Seen struct {
	// Connection, Address and Provider are the mistakes that Look returns the first of.
	Connection, Address, Provider error

	Endpoint, Begin Answer // for the endpoint, and for where a sign-in begins
	Version         string // of the identity API, such as v3.14; "" if there is none
}

// Answer is what came back for one address.
type Answer struct {
	Status int
	Header http.Header
	TLS    *tls.ConnectionState // nil without TLS
	Err    error                // why there is no answer

	Start, End time.Time // of the request

	body []byte
}

// Took returns how long the answer took to begin.
func (a Answer) Took() time.Duration { return a.End.Sub(a.Start) }

// Examine asks as Look does, and returns all that the answers show.
func (c *Client) Examine(ctx context.Context, webssoURL string) Seen {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	begin := make(chan Answer, 1)
	go func() { begin <- c.get(ctx, webssoURL) }()
	seen := Seen{Endpoint: c.get(ctx, c.endpoint), Begin: <-begin}
	seen.Version = versionOf(seen.Endpoint.body)
	seen.Connection = c.checkConnection(seen.Endpoint.Err)
	seen.Address = c.checkEndpoint(seen.Endpoint, seen.Begin)
	seen.Provider = c.checkProvider(seen.Begin)
	return seen
}

// get makes a request as a browser would. It needs no token.
func (c *Client) get(ctx context.Context, address string) (a Answer) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Answer{Err: err}
	}
	req.Header.Set("User-Agent", c.client.UserAgent.Join())
	// As a browser asks. Keystone answers JSON all the same; a portal in its place might
	// answer 401 to a program and its sign-in page to a browser.
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	a.Start = time.Now()
	resp, err := c.client.HTTPClient.Do(req)
	a.End = time.Now()
	if err != nil {
		a.Err = err
		return a
	}
	defer resp.Body.Close()
	a.Status, a.Header, a.TLS = resp.StatusCode, resp.Header, resp.TLS
	a.body, a.Err = io.ReadAll(io.LimitReader(resp.Body, maxLook))
	return a
}

// checkConnection explains why Keystone's address could not be reached.
func (c *Client) checkConnection(err error) error {
	if err == nil {
		return nil
	}
	var (
		host      = c.host()
		unknownCA x509.UnknownAuthorityError
		wrongName x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		noName    *net.DNSError
		dial      *net.OpError
	)
	correctURL := words{"correct ", cloudconf.AuthURL}
	wrong := func(problem, advice words) error {
		return &cloudconf.SettingError{Problem: problem, Advice: advice, Err: err}
	}
	switch {
	case errors.As(err, &unknownCA):
		return wrong(words{"the certificate of ", host, " is signed by a CA that this computer does not trust"},
			words{"set ", cloudconf.CACert, " to the file of your cloud's CA, if that is how it should be"})
	case errors.As(err, &wrongName):
		return wrong(words{"the certificate of ", host, " is for another name (", terminal.Printable(wrongName.Error()), ")"}, correctURL)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return wrong(words{"the certificate of ", host, " has expired or is not valid yet (", terminal.Printable(invalid.Error()), ")"},
			words{"check this computer's clock, or tell the cloud's operator"})
	case errors.As(err, &verify), errors.As(err, &invalid):
		return wrong(words{"the certificate of ", host, " can't be verified (", terminal.Printable(err.Error()), ")"},
			words{"check ", cloudconf.CACert, " and ", cloudconf.AuthURL})
	case errors.Is(err, http.ErrSchemeMismatch):
		return wrong(words{host, " speaks http, not https"}, correctURL)
	case errors.As(err, &noName):
		return wrong(words{"there is no host ", host, " (", terminal.Printable(noName.Err), ")"},
			words{"correct ", cloudconf.AuthURL, ", or check this computer's network"})
	case errors.As(err, &dial) && dial.Op == "dial":
		return wrong(words{"nothing answers at ", host, " (", terminal.Printable(dial.Error()), ")"},
			words{"correct ", cloudconf.AuthURL, ", or try again when Keystone is up"})
	}
	return nil
}

// checkEndpoint reports an endpoint that is not Keystone's.
func (c *Client) checkEndpoint(a, begin Answer) error {
	shown := terminal.Printable(c.endpoint)
	wrongURL := func(problem ...any) error {
		return &cloudconf.SettingError{Problem: problem, Advice: words{"correct ", cloudconf.AuthURL}}
	}
	switch {
	case a.Err != nil:
		return nil //nolint:nilerr // a look never stops a sign-in that could work
	case a.Status/100 == 3:
		target := endpointOf(c.endpoint, a.Header.Get("Location"))
		if strings.TrimRight(target, "/") == c.endpoint || a.Header.Get("Location") == "" {
			return nil
		}
		return &cloudconf.SettingError{
			Problem: words{shown, " is redirected, which could carry the token elsewhere"},
			Advice:  words{"if ", terminal.Printable(target), " is your cloud's Keystone, set ", cloudconf.AuthURL, " to it"},
		}
	case a.Status == http.StatusBadRequest && strings.HasPrefix(c.endpoint, "http://") && strings.Contains(strings.ToLower(string(a.body)), "https"):
		// Apache's and nginx' answer to HTTP on a port for TLS.
		return wrongURL(c.host(), " speaks https, not http")
	case a.Status/100 == 2 && versionOf(a.body) == "":
		return wrongURL(shown, " is not Keystone's address; something else answers there")
	case a.Status == http.StatusNotFound && begin.Status/100 != 3 && begin.Status != http.StatusUnauthorized:
		return wrongURL(shown, " is not Keystone's address; there is no such page (404)")
	}
	return nil
}

// versionOf returns the version that body, the description of version 3 of the identity
// API (keystone/api/discovery.py), names, or "" if it is something else.
func versionOf(body []byte) string {
	var said struct {
		Version struct {
			ID string `json:"id"`
		} `json:"version"`
	}
	if json.Unmarshal(body, &said) != nil || !strings.HasPrefix(said.Version.ID, "v3") {
		return ""
	}
	return said.Version.ID
}

// checkProvider reports an identity provider or protocol that Keystone does not know. A
// module in front of Keystone that guards a pattern of addresses redirects for every one
// of them; only the browser then shows it.
func (c *Client) checkProvider(a Answer) error {
	document, ok := parseError(a.body)
	if a.Err != nil || !ok || document.Code != a.Status {
		return nil //nolint:nilerr // a look never stops a sign-in that could work
	}
	switch {
	case a.Status == http.StatusNotFound:
		return &cloudconf.SettingError{
			Problem: words{"Keystone does not know the identity provider (", terminal.Printable(document.Message), ")"},
			Advice:  words{"correct ", cloudconf.IdentityProvider},
		}
	case a.Status == http.StatusUnauthorized && onlyKeystone(a.Header.Values("WWW-Authenticate")):
		return &cloudconf.SettingError{
			Problem: words{"Keystone does not know this protocol, or this identity provider, for single sign-on"},
			Advice:  words{"correct ", cloudconf.Protocol, " or ", cloudconf.IdentityProvider},
		}
	}
	return nil
}

// onlyKeystone reports whether none of the challenges is one that a browser could meet,
// such as Negotiate (RFC 9110, section 11.6.1). Keystone's own is for API clients.
func onlyKeystone(challenges []string) bool {
	for _, challenge := range challenges {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		if !strings.EqualFold(scheme, "Keystone") {
			return false
		}
	}
	return true
}

// host returns the host of the endpoint as a message shows it.
func (c *Client) host() string {
	u, err := url.Parse(c.endpoint)
	if err != nil {
		return terminal.Printable(c.endpoint)
	}
	return terminal.Printable(u.Host)
}
