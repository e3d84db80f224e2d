// Package conformance is a test suite that package webssotest's Keystone and a real
// one must both pass. It checks the answers that the sign-in relies on, and the
// sign-in itself. Because both pass it, a test against webssotest says something
// about real clouds.
//
// The suite uses only HTTP and the exported names of websso and gophercloud.
package conformance

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"strconv"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// Cloud describes the Keystone that the suite tests.
type Cloud struct {
	// Options hold the identity endpoint (with /v3), the identity provider, the
	// protocol, and a port that Keystone trusts. The suite sets all other fields.
	Options websso.AuthOptions

	TLS *tls.Config

	// Browser belongs to a user who can sign in and has not done so yet.
	Browser *webssotest.Browser

	// The user has a role on the projects Mine and Other, but not on NotMine. All
	// three are in the domain Default.
	Mine, Other, NotMine string

	// Revoke revokes a token as an administrator does.
	Revoke func(t *testing.T, token string)

	// Requests returns the requests to Keystone's API from the client with the given
	// user agent, in the form "GET /v3/auth/tokens".
	Requests func(t *testing.T, userAgent string) []string
}

// options returns options for the given project, the suite's browser and the given
// cache. With an empty project they have no scope.
func (c *Cloud) options(project string, cache websso.Cache) websso.AuthOptions {
	opts := c.Options
	opts.Scope = nil
	if project != "" {
		opts.Scope = &gophercloud.AuthScope{ProjectName: project, DomainName: "Default"}
	}
	opts.Cache = cache
	opts.OpenURL = c.Browser.Open
	opts.Output = new(webssotest.Terminal)
	return opts
}

// NewClient returns a client with nobody signed in. Its user agent begins with agent.
func (c *Cloud) NewClient(t *testing.T, agent string) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(c.Options.IdentityEndpoint)
	must(t, err)
	client.HTTPClient.Transport = c.transport()
	client.UserAgent.Prepend(agent)
	return client
}

func (c *Cloud) transport() *http.Transport {
	return &http.Transport{TLSClientConfig: c.TLS.Clone(), DisableKeepAlives: true}
}

func (c *Cloud) authenticate(t *testing.T, opts websso.AuthOptions) *gophercloud.ProviderClient {
	t.Helper()
	client := c.NewClient(t, "conformance")
	must(t, websso.Authenticate(t.Context(), client, opts))
	return client
}

// origin returns the callback URL on the given host, as Keystone sees it.
func (c *Cloud) origin(host string) string {
	port := cmp.Or(c.Options.RedirectPort, websso.DefaultRedirectPort)
	return "http://" + host + ":" + strconv.Itoa(port) + "/auth/websso/"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
