package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// cloud is the cloud that the command line, the files and the environment describe.
type cloud struct {
	opts     websso.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
	screen   *screen

	cacert, cert, key string // the files that tls was made from
}

func (a *app) cloud(c *cli.Command) (*cloud, error) {
	opts, err := a.parseOptions(c)
	if err != nil {
		return nil, unusable{err}
	}
	return a.parse(opts...)
}

func (a *app) parse(opts ...clouds.ParseOption) (*cloud, error) {
	parsed := &cloud{screen: a.screen}
	opts = append(opts, clouds.WithTLSFiles(func(cacert, cert, key string) {
		parsed.cacert, parsed.cert, parsed.key = absolute(cacert), absolute(cert), absolute(key)
	}))
	var err error
	parsed.opts, parsed.endpoint, parsed.tls, err = clouds.Parse(opts...)
	if errors.Is(err, clouds.ErrAuthType) && isHandedOver() {
		err = fmt.Errorf("%w, which websso env has set; choose the cloud with --cloud", err)
	}
	if err != nil {
		return nil, unusable{err}
	}
	parsed.opts.Output = a.screen
	return parsed, nil
}

// absolute makes the path of an existing file absolute, because a shell that gets it
// may change its directory.
func absolute(path string) string {
	if _, err := os.Stat(path); err != nil {
		return path
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// host is a short name for the cloud: Keystone's host.
func (c *cloud) host() string {
	if u, err := url.Parse(c.opts.IdentityEndpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return c.opts.IdentityEndpoint
}

// unscoped returns the same cloud without a scope.
func (c *cloud) unscoped() *cloud {
	other := *c
	other.opts.Scope = nil
	return &other
}

// client returns a client that is not signed in. Its endpoint is left to Authenticate,
// which normalizes it.
func (c *cloud) client() *gophercloud.ProviderClient {
	client := &gophercloud.ProviderClient{}
	client.UseTokenLock()
	client.UserAgent.Prepend("websso/" + version())
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	transport.TLSClientConfig = c.tls
	client.HTTPClient.Transport = transport
	// Following a redirect would send the token to another host.
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return client
}

// signIn returns a client with a token for the cloud's scope. If check is set, the
// token has just been checked with Keystone.
func (c *cloud) signIn(ctx context.Context, check bool) (*gophercloud.ProviderClient, error) {
	client, err := c.authenticate(ctx)
	if err != nil || !check {
		return client, err
	}
	err = confirm(ctx, client)
	if !errors.Is(err, websso.ErrLoginRequired) || c.opts.NonInteractive {
		return client, err
	}
	// The cached sign-in was dead and has been dropped. A new one needs no check.
	return c.authenticate(ctx)
}

func (c *cloud) authenticate(ctx context.Context) (*gophercloud.ProviderClient, error) {
	client := c.client()
	stop := c.screen.during("the sign-in to " + c.host())
	err := websso.Authenticate(ctx, client, c.opts)
	stop()
	if err == nil {
		return client, nil
	}
	// Status fails in the same way if it is the options that can't be used.
	if _, statusErr := websso.Status(c.opts); statusErr != nil && !errors.Is(statusErr, websso.ErrLoginRequired) {
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
