package keystone

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

const (
	lookTimeout = 10 * time.Second // of a look: a slow Keystone may still be a good one
	maxLook     = 64 << 10         // of an answer is read
)

// Start is where a sign-in begins.
type Start struct {
	IdentityProvider, Protocol string
	Origin                     string // to which Keystone sends the token
}

// URL returns the address of the start at an endpoint.
func (s Start) URL(endpoint string) string {
	return WebSSOAddress(endpoint, s.IdentityProvider, s.Protocol) + "?" + url.Values{"origin": {s.Origin}}.Encode()
}

// Seen is what a look at Keystone shows.
type Seen struct {
	// Connection, Address and Provider are mistakes in the settings: a connection that
	// fails, an address that is not Keystone's, an identity provider or a protocol that
	// Keystone does not know. Each is a [cloudconf.SettingError] or nil.
	Connection, Address, Provider error

	Endpoint, Begin Answer // for the endpoint, and for where a sign-in begins
	Version         string // of the identity API, such as v3.14; "" if there is none
}

// Mistake returns the first of the mistakes, or nil.
func (s Seen) Mistake() error { return cmp.Or(s.Connection, s.Address, s.Provider) }

// Answer is what came back for one address.
type Answer struct {
	Status int
	Header http.Header
	TLS    *tls.ConnectionState // nil without TLS
	Err    error                // why there is no answer

	Start time.Time     // of the request
	Took  time.Duration // until the answer began

	body []byte
}

// Odd returns the status of an answer, or that there is none and why, if a sign-in that
// begins with it need not succeed, and else "".
func (a Answer) Odd() string {
	switch {
	case a.Err != nil:
		return "nothing (" + terminal.Printable(a.Err.Error()) + ")"
	case a.Status >= 400 && a.Status != http.StatusUnauthorized:
		return fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	}
	return ""
}

// Look finds what is wrong with the settings of a sign-in before a browser opens. Answers
// that show no mistake are none of its business: a look must not stop a sign-in that could
// work. It makes two requests, one after the other, and a third one only after an odd
// answer. With all it asks for the endpoint in any case.
func (c *Client) Look(ctx context.Context, start Start, all bool) (seen Seen) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	seen.Begin = c.ask(ctx, http.MethodGet, start.URL(c.endpoint), nil)
	isKeystone := false
	if seen.Begin.Status/100 == 3 && start.IdentityProvider != "" {
		// A module in front of Keystone that guards a pattern of addresses redirects for
		// every one of them, so Keystone is asked about the names.
		isKeystone, seen.Provider = c.askMapped(ctx, start)
	}
	if seen.Connection = c.Fault(seen.Begin.Err); seen.Connection != nil || isKeystone && !all {
		return seen
	}
	seen.Endpoint = c.ask(ctx, http.MethodGet, c.endpoint, nil)
	seen.Version = versionOf(seen.Endpoint.body)
	// A server that wants a client certificate may have reset the first connection.
	seen.Connection = c.Fault(seen.Endpoint.Err)
	seen.Address = c.checkEndpoint(seen.Endpoint, seen.Begin)
	if seen.Provider == nil && seen.Address == nil {
		seen.Provider = c.checkProvider(ctx, start, seen.Begin)
	}
	return seen
}

// ask makes a request without a token, as a browser would. body is JSON, or nil.
func (c *Client) ask(ctx context.Context, method, address string, body []byte) (a Answer) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return Answer{Err: err}
	}
	req.Header.Set("User-Agent", c.client.UserAgent.Join())
	// As a browser asks. Keystone answers JSON all the same; a portal in its place might
	// answer 401 to a program and its sign-in page to a browser.
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	a.Start = time.Now()
	resp, err := c.client.HTTPClient.Do(req)
	a.Took = time.Since(a.Start)
	if err != nil {
		a.Err = err
		return a
	}
	defer resp.Body.Close()
	a.Status, a.Header, a.TLS = resp.StatusCode, resp.Header, resp.TLS
	a.body, a.Err = io.ReadAll(io.LimitReader(resp.Body, maxLook))
	return a
}

// checkEndpoint reports an endpoint that is not Keystone's.
func (c *Client) checkEndpoint(a, begin Answer) error {
	shown, location := terminal.Printable(c.endpoint), a.Header.Get("Location")
	switch fault := c.answerFault(a.Status, string(a.body)); {
	case a.Err != nil || fault != nil:
		return fault //nolint:nilerr // a look never stops a sign-in that could work
	case a.Status/100 == 3:
		if target := endpointOf(c.endpoint, location); location != "" && strings.TrimRight(target, "/") != c.endpoint {
			return redirected(shown, target, nil)
		}
	case a.Status/100 == 2 && versionOf(a.body) == "":
		return mistake(words{shown, " is not Keystone's address; something else answers there"}, correctURL...)
	case a.Status == http.StatusNotFound && begin.Status/100 != 3 && begin.Status != http.StatusUnauthorized:
		return mistake(words{shown, " is not Keystone's address; there is no such page (404)"}, correctURL...)
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

// checkProvider reports an identity provider or protocol that Keystone does not know, or
// an address that does not get through to it.
func (c *Client) checkProvider(ctx context.Context, start Start, a Answer) error {
	message, isKeystones := ownMessage(a.Status, a.body)
	switch {
	case a.Err != nil:
		return nil //nolint:nilerr // a look never stops a sign-in that could work
	case a.Status == http.StatusNotFound && isKeystones:
		return unknownProvider(message)
	case a.Status == http.StatusUnauthorized && isKeystones && onlyKeystone(a.Header.Values("WWW-Authenticate")):
		return mistake(words{"Keystone does not know this protocol, or this identity provider, for single sign-on"},
			"correct ", cloudconf.Protocol, " or ", cloudconf.IdentityProvider)
	case a.Status/100 == 4 && a.Status != http.StatusUnauthorized && !isKeystones:
		return c.checkFirewall(ctx, start, a)
	}
	return nil
}

// unknownProvider returns the error for Keystone's 404 (keystone/exception.py,
// IdentityProviderNotFound and FederatedProtocolNotFound).
func unknownProvider(message string) error {
	said := terminal.Printable(message)
	if strings.HasPrefix(message, "Could not find federated protocol") {
		return mistake(words{"Keystone does not know the protocol for this identity provider (", said, ")"}, "correct ", cloudconf.Protocol)
	}
	return mistake(words{"Keystone does not know the identity provider (", said, ")"}, "correct ", cloudconf.IdentityProvider)
}

// askMapped asks Keystone for a token by identity provider and protocol, without anything
// that shows who asks. Keystone looks for the two before it refuses that, so its own 404
// says which it does not know (keystone/auth/plugins/mapped.py, handle_unscoped_token).
// askMapped reports whether it was Keystone that answered, whatever it said.
func (c *Client) askMapped(ctx context.Context, start Start) (isKeystone bool, err error) {
	body, _ := json.Marshal(map[string]any{"auth": map[string]any{"identity": map[string]any{ // texts always encode
		"methods": []string{"mapped"},
		"mapped":  map[string]string{"identity_provider": start.IdentityProvider, "protocol": start.Protocol},
	}}})
	a := c.ask(ctx, http.MethodPost, c.endpoint+"/auth/tokens", body)
	message, isKeystone := ownMessage(a.Status, a.body)
	if isKeystone && a.Status == http.StatusNotFound {
		err = unknownProvider(message)
	}
	return isKeystone, err
}

// checkFirewall reports a filter in front of Keystone that refuses a loopback host in a
// query, as those against remote file inclusion do: it lets the same address pass with
// Keystone's own host there.
func (c *Client) checkFirewall(ctx context.Context, start Start, a Answer) error {
	other := start
	other.Origin = "https://" + c.Host() + "/"
	passed := c.ask(ctx, http.MethodGet, other.URL(c.endpoint), nil)
	if _, isKeystones := ownMessage(passed.Status, passed.body); passed.Err != nil || passed.Status >= 400 && !isKeystones {
		return nil //nolint:nilerr // a look never stops a sign-in that could work
	}
	return mistake(words{"a firewall in front of Keystone refuses addresses with a host such as localhost in their query (", a.Odd(), ")"},
		"ask the cloud's operator to except ", terminal.Printable(WebSSOAddress(c.endpoint, start.IdentityProvider, start.Protocol)),
		" with origin=", start.Origin, " from the rule")
}

// onlyKeystone reports whether none of the challenges is one that a browser could meet,
// such as Negotiate (RFC 9110, section 11.6.1). Keystone's own is for API clients.
func onlyKeystone(challenges []string) bool {
	return !slices.ContainsFunc(challenges, func(challenge string) bool {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		return !strings.EqualFold(scheme, "Keystone")
	})
}
