package command

import (
	"cmp"
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

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/loopback"
)

// cloud is the cloud that the command line, the files and the environment describe.
type cloud struct {
	app      *app
	name     string // in clouds.yaml, or ""
	opts     websso.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config

	cacert, cert, key string // the files that tls was made from
	cache, cacheDir   string // as --cache and --cache-dir say

	cachedIn    string        // where the sign-ins are
	minValidity time.Duration // of the sign-in; less time left means a new one
}

func (a *app) cloud() (*cloud, error) {
	opts, err := a.parseOptions()
	if err != nil {
		return nil, unusable{err}
	}
	cloud, err := a.parse(os.Getenv("OS_CLOUD"), opts...)
	if err != nil {
		return nil, err
	}
	cloud.minValidity = a.duration("min-validity")
	cloud.cache, cloud.cacheDir = a.text("cache"), a.text("cache-dir")
	if cloud.name == "" && !isFromEnvironment("") {
		// The file has one cloud, which needs no name.
		if names, err := clouds.Names(); err == nil && len(names) == 1 {
			cloud.name = names[0]
		}
	}
	cloud.cachedIn = describeCache(a.text("cache"), a.text("cache-dir"))
	return cloud, nil
}

// parse reads the cloud of a name, or without one what the environment describes.
func (a *app) parse(name string, opts ...clouds.ParseOption) (*cloud, error) {
	parsed := &cloud{app: a, name: name}
	opts = append(opts, clouds.WithTLSFiles(func(cacert, cert, key string) {
		parsed.cacert, parsed.cert, parsed.key = absolute(cacert), absolute(cert), absolute(key)
	}))
	var err error
	parsed.opts, parsed.endpoint, parsed.tls, err = clouds.Parse(opts...)
	if err != nil {
		return nil, unusable{parsed.rename(explainParse(name, err))}
	}
	parsed.opts.Output = a.screen
	parsed.opts.OpenURL = parsed.open
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
	return c.scoped(nil)
}

// scoped returns the same cloud with another scope.
func (c *cloud) scoped(scope *gophercloud.AuthScope) *cloud {
	other := *c
	other.opts.Scope = scope
	return &other
}

// client returns a client that is not signed in. Its endpoint is left to Authenticate,
// which normalizes it.
func (c *cloud) client() *gophercloud.ProviderClient {
	client := &gophercloud.ProviderClient{}
	client.UseTokenLock()
	client.UserAgent.Prepend("websso/" + readBuild("").Version)
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
	err = confirm(ctx, client)
	if !errors.Is(err, websso.ErrLoginRequired) || c.opts.NonInteractive {
		return client, err
	}
	// The cached sign-in was dead and has been dropped. A new one needs no check.
	c.app.debug("Keystone has ended the cached sign-in")
	return c.authenticate(ctx)
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

// noteNoProject tells those who have chosen no project that most services need one.
func (c *cloud) noteNoProject() {
	if c.opts.Scope == nil {
		c.app.screen.Say("no project is chosen, so this sign-in is for Keystone only; choose one with --project-id (websso projects lists yours), or with project_name and project_domain_name in clouds.yaml")
	}
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

func (c *cloud) isInsecure() bool { return c.tls != nil && c.tls.InsecureSkipVerify }

// open shows the address of a sign-in to the user. If it can't, it says how the user's
// sign-in, or their browser, gets here.
func (c *cloud) open(url string) error {
	here := browser.Here()
	if !c.app.bool("no-browser") {
		err := here.Open(url)
		if err != nil {
			c.offerTravel(here)
		}
		return err
	}
	c.offerTravel(here)
	if hint := here.Bring(c.redirect()); hint != "" {
		c.app.screen.Say("%s", hint)
	}
	return nil
}

// redirect returns the host and port that the browser comes back to.
func (c *cloud) redirect() (host string, port int) {
	host, err := loopback.Host(c.opts.RedirectHost)
	if err != nil {
		host = "localhost" // the library has refused it
	}
	return host, cmp.Or(c.opts.RedirectPort, websso.DefaultRedirectPort)
}
