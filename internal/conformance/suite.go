package conformance

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	tokensv3 "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
)

// Run runs the suite. Each check gets its own Cloud, whose catalog must lead to a
// compute service that answers.
func Run(t *testing.T, newCloud func(*testing.T) *Cloud) {
	for name, check := range map[string]func(*testing.T, *Cloud){
		"answers":                          answers,
		"what an answer about a token has": tokens,
		"the browser's errors":             refusals,

		"sign-in, second run, other project, no scope, refused scope, new sign-in, sign-out": signIns,
		"sign-in by protocol alone":           signInByProtocol,
		"after a revocation, one new sign-in": revokedSignIn,
	} {
		t.Run(name, func(t *testing.T) { check(t, newCloud(t)) })
	}
}

// The requests of a client, beside those for the address where a sign-in begins.
const (
	looked   = "POST /v3/auth/tokens" // with nothing that shows who asks, after a redirect
	askedWho = "GET /v3/auth/tokens"
	ended    = "DELETE /v3/auth/tokens" // the token of the tab's first trip
	rescoped = "POST /v3/auth/tokens"
)

// signIns signs in to one project after the other, with one cache.
func signIns(t *testing.T, c *Cloud) {
	cache := &websso.MemoryCache{}
	mine, other, notMine := c.options(c.Mine, cache), c.options(c.Other, cache), c.options(c.NotMine, cache)
	never, again := mine, mine
	never.NonInteractive, again.ForceLogin = true, true

	// signIn returns a client, and checks which requests it made and how often a browser
	// has been opened until now.
	signIn := func(opts websso.AuthOptions, want error, opened int, requests ...string) *gophercloud.ProviderClient {
		t.Helper()
		agent := "conformance-" + rand.Text() // no other client has it in Keystone's log
		client := c.NewClient(t, agent)
		if err := websso.Authenticate(t.Context(), client, opts); !errors.Is(err, want) {
			t.Fatalf("got error %v, want %v", err, want)
		}
		made := slices.DeleteFunc(c.Requests(t, agent), func(r string) bool { return strings.Contains(r, "/OS-FEDERATION/") })
		if !slices.Equal(made, requests) {
			t.Errorf("got requests %q, want %q", made, requests)
		}
		c.opens(t, opened)
		return client
	}
	signIn(never, websso.ErrLoginRequired, 0)
	first := signIn(mine, nil, 1, looked, askedWho, ended, rescoped)
	must(t, listServers(t, first))
	c.signedIn(t, first, mine)
	second := signIn(mine, nil, 1)
	must(t, listServers(t, second))
	if first.Token() != second.Token() {
		t.Error("got another token in the second run, want the cached one")
	}
	elsewhere := signIn(other, nil, 1, rescoped)
	must(t, listServers(t, first))
	must(t, listServers(t, elsewhere))

	// A client without a scope is for Keystone only.
	unscoped := signIn(c.options("", cache), nil, 1)
	if err := listServers(t, unscoped); err == nil || !strings.Contains(err.Error(), "Scope") {
		t.Errorf("got %v from an unscoped client, want an error about Scope", err)
	}

	// A refused scope leaves the sign-in valid.
	err := websso.Authenticate(t.Context(), c.NewClient(t, "conformance"), notMine)
	if !errors.Is(err, websso.ErrScope) {
		t.Fatalf("got %v, want ErrScope", err)
	}
	for _, name := range []string{c.NotMine, c.Mine, c.Other} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("got %q, want it to name %s", err, name)
		}
	}
	signIn(mine, nil, 1)

	forced := c.authenticate(t, again)
	c.opens(t, 2)
	if first.Token() == forced.Token() {
		t.Error("got the same token, want a new one")
	}
	must(t, listServers(t, forced))

	all := []string{c.authenticate(t, c.options("", cache)).Token(), forced.Token(), c.authenticate(t, other).Token()}
	must(t, websso.Logout(t.Context(), forced, mine))
	for _, token := range all {
		c.Ask(t, "GET /v3/auth/tokens", token, token, "").isDead(t)
	}
	if forced.Token() != "" {
		t.Error("got a token on the client after Logout, want none")
	}
	if _, err := websso.Status(mine); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got %v, want ErrLoginRequired", err)
	}
	signIn(never, websso.ErrLoginRequired, 2)
}

// opens checks how often the browser was opened.
func (c *Cloud) opens(t *testing.T, times int) {
	t.Helper()
	if n := c.Browser.Opened(); n != times {
		t.Errorf("got %d opened browsers, want %d", n, times)
	}
}

// signedIn checks what the user's page, the client and the cache say of a sign-in.
func (c *Cloud) signedIn(t *testing.T, client *gophercloud.ProviderClient, opts websso.AuthOptions) {
	t.Helper()
	page, err := c.Browser.Result()
	must(t, err)
	if !page.OK || !strings.Contains(page.Text, c.Browser.User) {
		t.Errorf("got last page %+v, want success for %s", page, c.Browser.User)
	}
	result, ok := client.GetAuthResult().(tokensv3.CreateResult)
	if !ok {
		t.Fatalf("got auth result of type %T, want tokens.CreateResult", client.GetAuthResult())
	}
	user, userErr := result.ExtractUser()
	roles, rolesErr := result.ExtractRoles()
	project, projectErr := result.ExtractProject()
	token, tokenErr := result.ExtractTokenID()
	must(t, errors.Join(userErr, rolesErr, projectErr, tokenErr))
	if user.Name != c.Browser.User || len(roles) == 0 || project == nil || project.Name != opts.Scope.ProjectName || token != client.Token() {
		t.Errorf("got user %+v, roles %+v, project %+v; want %s with roles on %s and the client's token", user, roles, project, c.Browser.User, opts.Scope.ProjectName)
	}
	who, err := websso.Status(opts)
	must(t, err)
	if who.UserName != user.Name || who.UserID != user.ID || who.IdentityProvider != c.Options.IdentityProvider ||
		who.Protocol != c.Options.Protocol || len(who.Scopes) != 1 || who.Scopes[0] != *opts.Scope {
		t.Errorf("got status %+v, want %s with the scope %+v", who, user.Name, *opts.Scope)
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
	must(t, err)
	list, err := servers.ExtractServers(page)
	must(t, err)
	if len(list) == 0 {
		t.Error("got no servers, want at least one")
	}
	return nil
}

func signInByProtocol(t *testing.T, c *Cloud) {
	opts := c.options(c.Mine, &websso.MemoryCache{})
	opts.IdentityProvider = ""
	client := c.authenticate(t, opts)
	must(t, listServers(t, client))
	c.signedIn(t, client, opts)
}

func revokedSignIn(t *testing.T, c *Cloud) {
	cache := &websso.MemoryCache{}
	parent := c.authenticate(t, c.options("", cache))
	opts := c.options(c.Mine, cache)
	opts.AllowReauth = true
	client := c.authenticate(t, opts)
	c.opens(t, 1)
	c.Revoke(t, client.Token())
	c.Revoke(t, parent.Token())
	must(t, listServers(t, client))
	c.opens(t, 2)
	must(t, listServers(t, client))
	must(t, listServers(t, c.authenticate(t, opts)))
	c.opens(t, 2)
}
