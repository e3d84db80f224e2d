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

// newAgent is a name that no other client has in Keystone's log.
func newAgent() string { return "conformance-" + rand.Text() }

// newClient is one with nobody signed in. Its user agent begins with agent.
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

// opens checks how often the person saw the browser.
func (c *Cloud) opens(t *testing.T, times int) {
	t.Helper()
	if n := c.Browser.Opened(); n != times {
		t.Errorf("the browser was opened %d times, want %d", n, times)
	}
}

// asked checks what a client asked Keystone.
func (c *Cloud) asked(t *testing.T, agent string, want ...string) {
	t.Helper()
	if got := c.Requests(t, agent); !slices.Equal(got, want) {
		t.Errorf("Keystone was asked %q, want %q", got, want)
	}
}

// listServers is a service call, for which the token must be good.
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
		return errors.New("there are no servers")
	}
	return err
}

const (
	askedWho = "GET /v3/auth/tokens"
	rescoped = "POST /v3/auth/tokens"
)

func signIn(t *testing.T, c *Cloud) {
	opts, agent := c.options(c.Mine, &websso.MemoryCache{}), newAgent()
	client := c.authenticate(t, opts, agent)
	c.asked(t, agent, askedWho, rescoped)
	page, err := c.Browser.Result()
	must(t, err)
	if !page.OK || !strings.Contains(page.Text, c.Browser.User) {
		t.Errorf("the last page is %+v", page)
	}
	must(t, listServers(t, client))
	c.opens(t, 1)

	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		t.Fatalf("the auth result is a %T", client.GetAuthResult())
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
		t.Errorf("user %+v, roles %+v, project %+v", user, roles, project)
	}
	who, err := websso.Status(opts)
	must(t, err)
	if who.UserName != user.Name || who.UserID != user.ID || who.IdentityProvider != c.Options.IdentityProvider ||
		who.Protocol != c.Options.Protocol || len(who.Scopes) != 1 || who.Scopes[0] != *opts.Scope {
		t.Errorf("status %+v", who)
	}
}

func signInByProtocol(t *testing.T, c *Cloud) {
	opts := c.options(c.Mine, &websso.MemoryCache{})
	opts.IdentityProvider = ""
	must(t, listServers(t, c.authenticate(t, opts, "")))
	who, err := websso.Status(opts)
	must(t, err)
	if who.IdentityProvider != c.Options.IdentityProvider {
		t.Errorf("status %+v", who)
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
		t.Error("the second run has another token")
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
		t.Fatalf("not ErrScope: %v", err)
	}
	for _, name := range []string{c.NotMine, c.Mine, c.Other} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not name %s", err, name)
		}
	}
	// The sign-in itself is good.
	c.authenticate(t, c.options(c.Mine, cache), "")
	c.opens(t, 1)
}

func unscopedClient(t *testing.T, c *Cloud) {
	client := c.authenticate(t, c.options("", &websso.MemoryCache{}), "")
	if err := listServers(t, client); err == nil || !strings.Contains(err.Error(), "Scope") {
		t.Errorf("an unscoped client fails with %v", err)
	}
	if _, ok := client.GetAuthResult().(tokens.CreateResult); !ok {
		t.Errorf("the auth result is a %T", client.GetAuthResult())
	}
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	if err != nil {
		// Without a catalog gophercloud can't tell where Keystone is; the client can.
		identity = &gophercloud.ServiceClient{ProviderClient: client, Endpoint: c.Options.IdentityEndpoint + "/"}
	}
	page, err := projects.ListAvailable(identity).AllPages(t.Context())
	must(t, err)
	list, err := projects.ExtractProjects(page)
	must(t, err)
	if len(list) < 2 {
		t.Errorf("projects %+v", list)
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
		t.Errorf("not ErrLoginRequired: %v", err)
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
		t.Error("the token is the same")
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
		c.show(t, token, token).says(t, http.StatusUnauthorized, unauthorized)
	}
	if client.Token() != "" {
		t.Error("the client still has a token")
	}
	if _, err := websso.Status(opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("not ErrLoginRequired: %v", err)
	}
	opts.NonInteractive = true
	if err := websso.Authenticate(t.Context(), c.newClient(t, ""), opts); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("not ErrLoginRequired: %v", err)
	}
}
