package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
)

// client returns a client that is not signed in. Its endpoint is left to Authenticate,
// which normalizes it.
func (c *cloud) client() *gophercloud.ProviderClient {
	client := &gophercloud.ProviderClient{}
	client.UseTokenLock()
	client.UserAgent.Prepend("websso/" + c.app.version.Version)
	client.HTTPClient.Transport = c.app.traced(c.transport())
	// Following a redirect would send the token to another host.
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return client
}

func (c *cloud) transport() *http.Transport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	// net/http adds protocols to the settings of each transport.
	transport.TLSClientConfig = c.tls.Clone()
	return transport
}

// signIn returns a client with a token for the cloud's scope, through the browser if need
// be. With check, Keystone has just said that the token is valid.
func (c *cloud) signIn(ctx context.Context, check bool) (*gophercloud.ProviderClient, error) {
	opts := c.opts
	opts.Check = check
	c.debugBefore()
	client := c.client()
	err := websso.Authenticate(ctx, client, opts)
	if err == nil {
		c.debugAfter()
		return client, nil
	}
	err = c.rename(err)
	if errors.Is(err, websso.ErrScope) {
		err = fmt.Errorf("%w\nIt is named by %s", err, c.scopeOrigin())
	}
	// If the options are invalid, Status fails too. It gets an empty cache, because an
	// unreadable one would fail it for another reason.
	opts.Cache = &websso.MemoryCache{}
	if _, statusErr := websso.Status(opts); statusErr != nil && !errors.Is(statusErr, websso.ErrLoginRequired) {
		return nil, unusable{err}
	}
	return nil, err
}

// requestTimeout limits each of the command's own requests to Keystone.
const requestTimeout = time.Minute

// explain describes the failure of a request of the command's own, without the body of the
// answer, which may repeat the token.
func (c *cloud) explain(client *gophercloud.ProviderClient, what string, err error) error {
	var reauth *gophercloud.ErrUnableToReauthenticate
	var answer gophercloud.ErrUnexpectedResponseCode
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reauth) && reauth.ErrReauth != nil:
		return reauth.ErrReauth
	case errors.As(err, &answer):
		return &answerError{text: fmt.Sprintf("%s: it answered %d %s", what, answer.Actual, http.StatusText(answer.Actual)), err: err}
	}
	return c.rename(keystone.NewClient(client, authURL(client)).Explain(err))
}

// answerError is an error answer from Keystone with a text of our own.
type answerError struct {
	text string
	err  error
}

func (e *answerError) Error() string { return e.text }
func (e *answerError) Unwrap() error { return e.err }

// authURL is Keystone's URL in the form that every tool accepts.
func authURL(client *gophercloud.ProviderClient) string {
	return strings.TrimRight(client.IdentityEndpoint, "/")
}

// authResult is Keystone's description of the client's token.
func authResult(client *gophercloud.ProviderClient) (tokens.CreateResult, error) {
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return result, fmt.Errorf("unexpected auth result %T", client.GetAuthResult())
	}
	return result, nil
}
