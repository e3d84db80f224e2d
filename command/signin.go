package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

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

// signIn returns a client with a token for the cloud's scope. If check is set, the
// token has just been checked with Keystone.
func (c *cloud) signIn(ctx context.Context, check bool) (*gophercloud.ProviderClient, error) {
	if err := c.renewShort(ctx); err != nil {
		return nil, err
	}
	client, err := c.authenticate(ctx)
	if err != nil || !check {
		return client, err
	}
	err = c.explained(client, confirm(ctx, client))
	if !errors.Is(err, websso.ErrLoginRequired) || c.opts.NonInteractive {
		return client, err
	}
	// The cached sign-in was dead and has been dropped. A new one needs no check.
	c.app.debug("Keystone has ended the cached sign-in")
	return c.authenticate(ctx)
}

// explained returns the error of a request of the command's own in the words of the
// library, if they tell what to do.
func (c *cloud) explained(client *gophercloud.ProviderClient, err error) error {
	return c.rename(keystone.NewClient(client, authURL(client)).Explain(err))
}

// authenticate signs in, through the browser if need be.
func (c *cloud) authenticate(ctx context.Context) (*gophercloud.ProviderClient, error) {
	c.debugBefore()
	client := c.client()
	stop := c.app.screen.During("the sign-in to " + c.host())
	err := websso.Authenticate(ctx, client, c.opts)
	stop()
	if err == nil {
		c.debugAfter()
		return client, nil
	}
	err = c.rename(err)
	// If the options are invalid, Status fails too. It gets an empty cache, because an
	// unreadable one would fail it for another reason.
	opts := c.opts
	opts.Cache = &websso.MemoryCache{}
	if _, statusErr := websso.Status(opts); statusErr != nil && !errors.Is(statusErr, websso.ErrLoginRequired) {
		return nil, unusable{err}
	}
	return nil, err
}

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
