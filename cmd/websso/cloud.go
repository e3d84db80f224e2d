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
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// requestTimeout bounds a request of the command's own to Keystone.
const requestTimeout = time.Minute

var errNoBrowser = errors.New("none was to be opened (--no-browser)")

// cloud is the one that the command line, the files and the environment name.
type cloud struct {
	opts     websso.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
	screen   *screen

	cacert, cert, key string // the files that tls comes from
}

func (a *app) cloud(c *cli.Command) (*cloud, error) {
	opts, err := parseOptions(c)
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
		err = fmt.Errorf("%w, which websso env has set: name the cloud with --cloud", err)
	}
	if err != nil {
		return nil, unusable{err}
	}
	parsed.opts.Output = a.screen
	return parsed, nil
}

// absolute is a file as it is called in every folder: a shell that is told of it may go
// to another one.
func absolute(path string) string {
	if _, err := os.Stat(path); err != nil {
		return path
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// host is a short name for Keystone.
func (c *cloud) host() string {
	if u, err := url.Parse(c.opts.IdentityEndpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return c.opts.IdentityEndpoint
}

// unscoped is the same cloud without a scope.
func (c *cloud) unscoped() *cloud {
	other := *c
	other.opts.Scope = nil
	return &other
}

// client is one that nobody is signed in on. Its endpoint is left to the sign-in, which
// spells it in one way, with /v3.
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
	// A redirect would carry the token to another host.
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return client
}

// signIn returns a client with a token of the cloud's scope. With check, Keystone has
// said just now that it takes that token.
func (c *cloud) signIn(ctx context.Context, check bool) (*gophercloud.ProviderClient, error) {
	client, err := c.authenticate(ctx)
	if err != nil || !check {
		return client, err
	}
	err = confirm(ctx, client)
	if !errors.Is(err, websso.ErrLoginRequired) || c.opts.NonInteractive {
		return client, err
	}
	// The sign-in was dead, and is forgotten. What a new one brings is alive.
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
	// Options that no sign-in can use are no way to look for a kept one either.
	if _, statusErr := websso.Status(c.opts); statusErr != nil && !errors.Is(statusErr, websso.ErrLoginRequired) {
		return nil, unusable{err}
	}
	return nil, err
}

// confirm asks Keystone about the client's token. One that is dead is replaced by what
// the client does about a 401, and that is asked about in turn. It is ErrLoginRequired
// where the sign-in is dead.
func confirm(ctx context.Context, client *gophercloud.ProviderClient) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var err error
	// The second time for the token that took the place of a dead one; the third for what
	// another process kept meanwhile.
	for range 3 {
		token := client.Token()
		_, err = client.Request(ctx, http.MethodGet, client.IdentityEndpoint+"auth/tokens?nocatalog", &gophercloud.RequestOpts{
			MoreHeaders: map[string]string{"X-Subject-Token": token},
			OkCodes:     []int{http.StatusOK, http.StatusNonAuthoritativeInfo},
		})
		if err == nil || client.Token() == token {
			break
		}
	}
	return explain("asking Keystone about the token", err)
}

// explain says what went wrong with a request. What Keystone sent, which may repeat the
// token, is left out.
func explain(what string, err error) error {
	var reauth *gophercloud.ErrUnableToReauthenticate
	var said gophercloud.ErrUnexpectedResponseCode
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reauth) && reauth.ErrReauth != nil:
		return reauth.ErrReauth
	case errors.As(err, &said):
		return &answerError{text: fmt.Sprintf("%s: it answered %d %s", what, said.Actual, http.StatusText(said.Actual)), err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// answerError is an answer of Keystone's in our words.
type answerError struct {
	text string
	err  error
}

func (e *answerError) Error() string { return e.text }
func (e *answerError) Unwrap() error { return e.err }

// authURL is Keystone's address, as every tool takes it.
func authURL(client *gophercloud.ProviderClient) string {
	return strings.TrimRight(client.IdentityEndpoint, "/")
}

// described is what Keystone said of the client's token.
func described(client *gophercloud.ProviderClient) (tokens.CreateResult, error) {
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return result, fmt.Errorf("the sign-in left a %T", client.GetAuthResult())
	}
	return result, nil
}
