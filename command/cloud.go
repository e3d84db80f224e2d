package command

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// cloud is a cloud that the options, the variables and the files describe.
type cloud struct {
	app      *app
	name     string // in clouds.yaml, or ""
	opts     websso.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
}

// forCloud runs a command for the one cloud that the user means.
func forCloud(run func(context.Context, *app, *cloud) error) func(context.Context, *app, []string) error {
	return func(ctx context.Context, a *app, _ []string) error {
		c, err := a.chosenCloud()
		if err != nil {
			return err
		}
		return run(ctx, a, c)
	}
}

// clouds returns the cloud that the user means or, with --all, every one.
func (a *app) clouds() ([]*cloud, error) {
	if a.bool("all") {
		return a.allClouds()
	}
	c, err := a.chosenCloud()
	return []*cloud{c}, err
}

// host is a short name for the cloud: Keystone's host.
func (c *cloud) host() string { return hostOf(c.opts.IdentityEndpoint) }

func hostOf(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return endpoint
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

func (c *cloud) isInsecure() bool { return c.tls != nil && c.tls.InsecureSkipVerify }

// noteEnd tells, on a terminal, of a token that a tool may outlive.
func (c *cloud) noteEnd(more string) {
	if now, err := websso.Status(c.opts); err == nil && c.app.screen.IsTerminal() && time.Until(now.ExpiresAt) < soon {
		c.app.screen.Say("this token ends at %s: use %s--min-validity", terminal.Clock(now.ExpiresAt), more)
	}
}

// soon is how little is left of a token that is told of.
const soon = 15 * time.Minute

// noteNoProject tells those who have chosen no project that most services need one.
func (c *cloud) noteNoProject() {
	if c.opts.Scope == nil {
		c.app.screen.Say("no project is chosen, so this sign-in is for Keystone only; choose one with --project-id, or with project_name and project_domain_name in clouds.yaml%s", prefixed(". To list yours: ", c.app.beside["projects"]))
	}
}

// redirect returns the host and port that the browser comes back to.
func (c *cloud) redirect() (host string, port int) {
	host, err := loopback.Host(c.opts.RedirectHost)
	if err != nil {
		host = "localhost" // the library has refused it
	}
	return host, cmp.Or(c.opts.RedirectPort, websso.DefaultRedirectPort)
}

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
	client.UserAgent.Prepend("websso/" + c.app.program.root.Version)
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
