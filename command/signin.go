package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
)

// client returns a client that is not signed in. Its endpoint is left to Authenticate,
// which normalizes it.
func (c *cloud) client() *gophercloud.ProviderClient {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	// net/http adds protocols to the settings of each transport.
	transport.TLSClientConfig = c.tls.Clone()
	client := &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: c.app.traced(transport)}}
	client.UseTokenLock()
	client.UserAgent.Prepend("websso/" + c.app.version)
	return client
}

// token is a token, and what Keystone says of it.
type token struct {
	ID, AuthURL string          `json:"-"`
	Said        json.RawMessage `json:"-"` // by Keystone, in its own words
	Expires     time.Time       `json:"expires_at"`
	User        tokens.User
	Project     tokens.Project
	Domain      tokens.Domain

	client *gophercloud.ProviderClient // which is signed in with it
}

// signIn returns a token for the cloud's scope, through the browser if need be. With check,
// Keystone has just said that it is valid.
func (c *cloud) signIn(ctx context.Context, check bool) (*token, error) {
	opts := c.opts
	opts.Check = check
	c.debugBefore()
	client := c.client()
	err := c.rename(websso.Authenticate(ctx, client, opts))
	if errors.Is(err, websso.ErrScope) {
		err = fmt.Errorf("%w\nIt is named by %s", err, c.scopeOrigin())
	}
	if err != nil {
		return nil, err
	}
	c.debugAfter()
	result, _ := client.GetAuthResult().(tokens.CreateResult) // as Authenticate promises
	var answer struct{ Token json.RawMessage }
	if err := result.Result.ExtractInto(&answer); err != nil {
		return nil, err
	}
	t := &token{ID: client.Token(), AuthURL: authURL(client), Said: answer.Token, client: client}
	return t, json.Unmarshal(answer.Token, t)
}

// authURL is Keystone's URL in the form that every tool accepts.
func authURL(client *gophercloud.ProviderClient) string {
	return strings.TrimRight(client.IdentityEndpoint, "/")
}
