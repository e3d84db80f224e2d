// Package keystone makes the requests of a sign-in to Keystone's identity API, and
// knows what a token says and what Keystone's errors mean.
package keystone

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// RequestTimeout bounds one request, so that a Keystone that never answers holds up
// neither the user nor those who wait for the same sign-in.
const RequestTimeout = time.Minute

// Client is the identity API of one cloud. It is safe for concurrent use.
type Client struct {
	connection
	client gophercloud.ProviderClient // a copy of the caller's, never signed in
}

// NewClient returns a Client for endpoint, which ends in /v3. It uses the transport and
// the user agent of client, but neither its token nor its ReauthFunc.
func NewClient(client *gophercloud.ProviderClient, endpoint string) *Client {
	c := *client
	// The caller's ReauthFunc is ours, or will be: its own request would wait for itself.
	c.ReauthFunc = nil
	c.Throwaway = false
	transport := c.HTTPClient.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	c.HTTPClient.Transport = bounded{transport}
	// On a redirect net/http keeps X-Auth-Token and X-Subject-Token, which it doesn't
	// know to be secret, even to another host and from https to http.
	c.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	known, _ := transport.(*http.Transport)
	return &Client{connection{endpoint, known}, c}
}

// WebSSOAddress returns where a sign-in begins, without the query. It escapes identity
// provider and protocol, so that no two sign-ins share an address.
func WebSSOAddress(endpoint, identityProvider, protocol string) string {
	base := endpoint + "/auth/OS-FEDERATION/"
	if identityProvider == "" {
		return base + "websso/" + url.PathEscape(protocol)
	}
	return base + "identity_providers/" + url.PathEscape(identityProvider) + "/protocols/" + url.PathEscape(protocol) + "/websso"
}

// Rescope exchanges a token for one of another scope. The error answers to [IsDead] if the
// token is no longer valid, and to [IsScopeRefused] if the scope may not be the user's.
func (c *Client) Rescope(ctx context.Context, token string, scope gophercloud.AuthScope) (Token, error) {
	auth := &gophercloud.AuthOptions{TokenID: token, Scope: &scope}
	wanted, err := auth.ToTokenV3ScopeMap()
	if err != nil {
		return Token{}, fmt.Errorf("websso: %w", err)
	}
	request, err := auth.ToTokenV3CreateMap(wanted)
	if err != nil {
		return Token{}, fmt.Errorf("websso: %w", err)
	}
	return c.token(ctx, http.MethodPost, "", token, &gophercloud.RequestOpts{JSONBody: request})
}

// Inspect asks what a token is. The error answers to [IsDead] if it is not valid.
func (c *Client) Inspect(ctx context.Context, token string) (Token, error) {
	return c.token(ctx, http.MethodGet, token, token, &gophercloud.RequestOpts{
		MoreHeaders: map[string]string{"X-Subject-Token": token},
		OkCodes:     []int{http.StatusOK, http.StatusNonAuthoritativeInfo},
	})
}

// token makes a request whose answer describes a token: asked, or the one that it made.
func (c *Client) token(ctx context.Context, method, auth, asked string, opts *gophercloud.RequestOpts) (Token, error) {
	t := Token{ID: asked}
	opts.JSONResponse = &t.Body
	resp, err := c.do(ctx, method, "/auth/tokens", auth, asked, opts)
	if err != nil {
		return Token{}, err
	}
	about, err := t.read()
	if err != nil || about.ExpiresAt.IsZero() {
		return Token{}, fmt.Errorf("websso: %s did not describe the token: is this the address of Keystone?", terminal.Printable(c.endpoint))
	}
	if method == http.MethodPost {
		// Elsewhere the header need not be there: not every deployment lets it through.
		t.ID = resp.Header.Get("X-Subject-Token")
	}
	if !IsToken(t.ID) {
		return Token{}, fmt.Errorf("websso: %s sent no usable X-Subject-Token: does something between here and Keystone remove headers?", terminal.Printable(c.endpoint))
	}
	t.Received = time.Now()
	t.Expires = localTime(about.ExpiresAt, resp.Header.Get("Date"), t.Received)
	t.Verified = resp.TLS == nil || len(resp.TLS.VerifiedChains) > 0
	return t, nil
}

// localTime converts a time of the server's clock to this computer's, if the two differ
// by more than a request takes.
func localTime(t time.Time, date string, now time.Time) time.Time {
	server, err := http.ParseTime(date)
	if ahead := now.Sub(server); err == nil && ahead.Abs() > RequestTimeout {
		return t.Add(ahead)
	}
	return t
}

// Projects lists the projects that the user of a token may scope to.
func (c *Client) Projects(ctx context.Context, token string) ([]projects.Project, error) {
	var said struct {
		Projects []projects.Project `json:"projects"`
	}
	_, err := c.do(ctx, http.MethodGet, "/auth/projects", token, token, &gophercloud.RequestOpts{JSONResponse: &said})
	return said.Projects, err
}

// Revoke ends a token. It succeeds if the token is no longer valid.
func (c *Client) Revoke(ctx context.Context, token string) error {
	_, err := c.do(ctx, http.MethodDelete, "/auth/tokens", token, token, &gophercloud.RequestOpts{
		MoreHeaders: map[string]string{"X-Subject-Token": token},
	})
	if IsDead(err) {
		return nil
	}
	return err
}

// do makes one request. auth goes into X-Auth-Token, and secret must not show in an error.
func (c *Client) do(ctx context.Context, method, path, auth, secret string, opts *gophercloud.RequestOpts) (*http.Response, error) {
	limited, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	// A copy with auth alone: gophercloud overrides X-Auth-Token with the client's token.
	signedIn := c.client
	signedIn.UseTokenLock()
	signedIn.SetToken(auth)
	resp, err := signedIn.Request(limited, method, c.endpoint+path, opts)
	if err == nil {
		return resp, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("websso: %w", context.Cause(ctx))
	}
	return nil, c.failure(method+" "+c.endpoint+path, secret, err)
}

// maxAnswer is the largest answer read: many times the largest catalog seen. Without a
// limit, whoever answers for Keystone could fill the memory.
const maxAnswer = 16 << 20

// bounded is a RoundTripper whose answers end with an error after maxAnswer.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}
