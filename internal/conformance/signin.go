package conformance

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
)

// newAgent returns a user agent that no other client has in Keystone's log.
func newAgent() string { return "conformance-" + rand.Text() }

// newClient returns a client with nobody signed in. Its user agent begins with agent.
func (c *Cloud) newClient(t *testing.T, agent string) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(c.Options.IdentityEndpoint)
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: c.TLS.Clone(), DisableKeepAlives: true}
	if agent != "" {
		client.UserAgent.Prepend(agent)
	}
	return client
}

func (c *Cloud) authenticate(t *testing.T, opts websso.AuthOptions, agent string) *gophercloud.ProviderClient {
	t.Helper()
	client := c.newClient(t, agent)
	must(t, websso.Authenticate(t.Context(), client, opts))
	return client
}

// opens checks how often the browser was opened.
func (c *Cloud) opens(t *testing.T, times int) {
	t.Helper()
	if n := c.Browser.Opened(); n != times {
		t.Errorf("got %d opened browsers, want %d", n, times)
	}
}

// asked checks which requests a client made to Keystone.
func (c *Cloud) asked(t *testing.T, agent string, want ...string) {
	t.Helper()
	// The look asks for the address of the sign-in as well, at the same time.
	got := slices.DeleteFunc(c.Requests(t, agent), func(r string) bool { return strings.Contains(r, "/OS-FEDERATION/") })
	if !slices.Equal(got, want) {
		t.Errorf("got requests %q, want %q", got, want)
	}
}

// listServers asks a service, which accepts only valid tokens.
func listServers(t *testing.T, client *gophercloud.ProviderClient) error {
	t.Helper()
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{})
	if err != nil {
		return err
	}
	page, err := servers.ListSimple(compute, nil).AllPages(t.Context())
	if err != nil {
		return err
	}
	list, err := servers.ExtractServers(page)
	if err == nil && len(list) == 0 {
		return errors.New("got no servers, want at least one")
	}
	return err
}

const (
	looked   = "POST /v3/auth/tokens" // with nothing that shows who asks, after a redirect
	askedWho = "GET /v3/auth/tokens"
	ended    = "DELETE /v3/auth/tokens" // the token of the tab's first trip
	rescoped = "POST /v3/auth/tokens"
)

func signIn(t *testing.T, c *Cloud) {
	opts, agent := c.options(c.Mine, &websso.MemoryCache{}), newAgent()
	client := c.authenticate(t, opts, agent)
	c.asked(t, agent, looked, askedWho, ended, rescoped)
	page, err := c.Browser.Result()
	must(t, err)
	if !page.OK || !strings.Contains(page.Text, c.Browser.User) {
		t.Errorf("got last page %+v, want success for %s", page, c.Browser.User)
	}
	must(t, listServers(t, client))
	c.opens(t, 1)

	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		t.Fatalf("got auth result of type %T, want tokens.CreateResult", client.GetAuthResult())
	}
	user, err := result.ExtractUser()
	must(t, err)
	roles, err := result.ExtractRoles()
	must(t, err)
	project, err := result.ExtractProject()
	must(t, err)
	token, err := result.ExtractTokenID()
	must(t, err)
	if user.Name != c.Browser.User || len(roles) == 0 || project == nil || project.Name != c.Mine || token != client.Token() {
		t.Errorf("got user %+v, roles %+v, project %+v; want %s with roles on %s and the client's token", user, roles, project, c.Browser.User, c.Mine)
	}
	who, err := websso.Status(opts)
	must(t, err)
	if who.UserName != user.Name || who.UserID != user.ID || who.IdentityProvider != c.Options.IdentityProvider ||
		who.Protocol != c.Options.Protocol || len(who.Scopes) != 1 || who.Scopes[0] != *opts.Scope {
		t.Errorf("got status %+v, want %s with the scope %+v", who, user.Name, *opts.Scope)
	}
}

func signInByProtocol(t *testing.T, c *Cloud) {
	opts := c.options(c.Mine, &websso.MemoryCache{})
	opts.IdentityProvider = ""
	must(t, listServers(t, c.authenticate(t, opts, "")))
	who, err := websso.Status(opts)
	must(t, err)
	if who.IdentityProvider != c.Options.IdentityProvider {
		t.Errorf("got status %+v, want identity provider %s", who, c.Options.IdentityProvider)
	}
}

func secondRun(t *testing.T, c *Cloud) {
	opts := c.options(c.Mine, &websso.MemoryCache{})
	first := c.authenticate(t, opts, "")
	agent := newAgent()
	second := c.authenticate(t, opts, agent)
	c.asked(t, agent)
	c.opens(t, 1)
	must(t, listServers(t, second))
	if first.Token() != second.Token() {
		t.Error("got another token in the second run, want the cached one")
	}
}

func otherProject(t *testing.T, c *Cloud) {
	cache := &websso.MemoryCache{}
	first := c.authenticate(t, c.options(c.Mine, cache), "")
	agent := newAgent()
	second := c.authenticate(t, c.options(c.Other, cache), agent)
	c.asked(t, agent, rescoped)
	c.opens(t, 1)
	must(t, listServers(t, first))
	must(t, listServers(t, second))
}

func scopeRefused(t *testing.T, c *Cloud) {
	cache := &websso.MemoryCache{}
	err := websso.Authenticate(t.Context(), c.newClient(t, ""), c.options(c.NotMine, cache))
	if !errors.Is(err, websso.ErrScope) {
		t.Fatalf("got %v, want ErrScope", err)
	}
	for _, name := range []string{c.NotMine, c.Mine, c.Other} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("got %q, want it to name %s", err, name)
		}
	}
	// The refused scope leaves the sign-in valid.
	c.authenticate(t, c.options(c.Mine, cache), "")
	c.opens(t, 1)
}

func unscopedClient(t *testing.T, c *Cloud) {
	client := c.authenticate(t, c.options("", &websso.MemoryCache{}), "")
	if err := listServers(t, client); err == nil || !strings.Contains(err.Error(), "Scope") {
		t.Errorf("got %v from an unscoped client, want an error about Scope", err)
	}
	if _, ok := client.GetAuthResult().(tokens.CreateResult); !ok {
		t.Errorf("got auth result of type %T, want tokens.CreateResult", client.GetAuthResult())
	}
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	if err != nil {
		// Without a catalog gophercloud can't find Keystone; the client knows where it is.
		identity = &gophercloud.ServiceClient{ProviderClient: client, Endpoint: c.Options.IdentityEndpoint + "/"}
	}
	page, err := projects.ListAvailable(identity).AllPages(t.Context())
	must(t, err)
	list, err := projects.ExtractProjects(page)
	must(t, err)
	if len(list) < 2 {
		t.Errorf("got projects %+v, want at least two", list)
	}
}

func revokedSignIn(t *testing.T, c *Cloud) {
	cache := &websso.MemoryCache{}
	parent := c.authenticate(t, c.options("", cache), "")
	opts := c.options(c.Mine, cache)
	opts.AllowReauth = true
	client := c.authenticate(t, opts, "")
	c.opens(t, 1)
	c.Revoke(t, client.Token())
	c.Revoke(t, parent.Token())
	must(t, listServers(t, client))
	c.opens(t, 2)
	must(t, listServers(t, client))
	must(t, listServers(t, c.authenticate(t, opts, "")))
	c.opens(t, 2)
}

func nonInteractive(t *testing.T, c *Cloud) {
	opts, agent := c.options(c.Mine, &websso.MemoryCache{}), newAgent()
	opts.NonInteractive = true
	if err := websso.Authenticate(t.Context(), c.newClient(t, agent), opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got %v, want ErrLoginRequired", err)
	}
	c.opens(t, 0)
	c.asked(t, agent)
}

func forceLogin(t *testing.T, c *Cloud) {
	opts := c.options(c.Mine, &websso.MemoryCache{})
	first := c.authenticate(t, opts, "")
	opts.ForceLogin = true
	second := c.authenticate(t, opts, "")
	c.opens(t, 2)
	if first.Token() == second.Token() {
		t.Error("got the same token, want a new one")
	}
	must(t, listServers(t, second))
}

func logout(t *testing.T, c *Cloud) {
	cache := &websso.MemoryCache{}
	unscoped := c.authenticate(t, c.options("", cache), "").Token()
	opts := c.options(c.Mine, cache)
	client := c.authenticate(t, opts, "")
	scoped := client.Token()
	other := c.authenticate(t, c.options(c.Other, cache), "").Token()
	must(t, websso.Logout(t.Context(), client, opts))
	for _, token := range []string{unscoped, scoped, other} {
		c.show(t, token, token).isDead(t)
	}
	if client.Token() != "" {
		t.Error("got a token on the client after Logout, want none")
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got %v, want ErrLoginRequired", err)
	}
	opts.NonInteractive = true
	if err := websso.Authenticate(t.Context(), c.newClient(t, ""), opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got %v, want ErrLoginRequired", err)
	}
}
