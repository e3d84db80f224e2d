package e2e_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/applicationcredentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	identityroles "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestApplicationCredentials shows what a user who signs in through the browser needs to
// create an application credential, and that it then works without a browser.
func TestApplicationCredentials(t *testing.T) {
	c := realCloud(t)
	t.Run("roles by the sign-in's groups alone", func(t *testing.T) {
		client, user := c.signIn(t, "lemon", "dwho", project("demo"))
		_, err := createCredential(t, client, user.ID)
		if !gophercloud.ResponseCodeIs(err, http.StatusBadRequest) || !strings.Contains(err.Error(), "role assignment") {
			t.Errorf("got %v, want 400 about a role assignment", err)
		}
	})
	t.Run("authorization_ttl", func(t *testing.T) {
		client, user := c.signIn(t, "citrus", "dwho", project("demo"))
		c.checkCredential(t, client, user)
	})
	t.Run("a mapping with projects", func(t *testing.T) {
		c.mapToProject(t, "people-mapped", "shared")
		opts := c.options()
		opts.Protocol, opts.Scope = "mapped", &gophercloud.AuthScope{ProjectName: "shared", DomainName: "lemon"}
		client, user := c.signInWith(t, opts, "dwho")
		c.checkCredential(t, client, user)
	})
	t.Run("a role of the user's own", func(t *testing.T) {
		_, user := c.signIn(t, "lemon", "msmith", nil)
		c.grant(t, user.ID, "p1")
		client, user := c.signIn(t, "lemon", "msmith", project("p1"))
		c.checkCredential(t, client, user)
	})
}

// signIn signs a user in without a browser.
func (c *cloud) signIn(t *testing.T, provider, name string, scope *gophercloud.AuthScope) (*gophercloud.ProviderClient, *tokens.User) {
	t.Helper()
	opts := c.options()
	opts.IdentityProvider, opts.Scope = provider, scope
	return c.signInWith(t, opts, name)
}

func (c *cloud) signInWith(t *testing.T, opts websso.AuthOptions, name string) (*gophercloud.ProviderClient, *tokens.User) {
	t.Helper()
	opts.Output = new(webssotest.Terminal)
	opts.OpenURL = (&webssotest.Browser{User: name, Password: name, TLS: c.tls}).Open
	client := c.client(t, newAgent())
	must(t, websso.Authenticate(t.Context(), client, opts))
	user, err := client.GetAuthResult().(tokens.CreateResult).ExtractUser()
	must(t, err)
	return client, user
}

// grant gives a user the role member on a project, until the test ends.
func (c *cloud) grant(t *testing.T, userID, projectName string) {
	t.Helper()
	admin := c.admin(t)
	page, err := projects.List(admin, projects.ListOpts{Name: projectName, DomainID: "default"}).AllPages(t.Context())
	must(t, err)
	found, err := projects.ExtractProjects(page)
	must(t, err)
	page, err = identityroles.List(admin, identityroles.ListOpts{Name: "member"}).AllPages(t.Context())
	must(t, err)
	member, err := identityroles.ExtractRoles(page)
	must(t, err)
	if len(found) != 1 || len(member) != 1 {
		t.Fatalf("got projects %+v and roles %+v, want one of each", found, member)
	}
	must(t, identityroles.Assign(t.Context(), admin, member[0].ID, identityroles.AssignOpts{UserID: userID, ProjectID: found[0].ID}).ExtractErr())
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context()) // t.Cleanup runs after it has ended
		must(t, identityroles.Unassign(ctx, admin, member[0].ID, identityroles.UnassignOpts{UserID: userID, ProjectID: found[0].ID}).ExtractErr())
	})
}

// mapToProject has a mapping of lemon's give users the role member on a project of that
// domain, which Keystone makes, until the test ends.
func (c *cloud) mapToProject(t *testing.T, mapping, projectName string) {
	t.Helper()
	admin := c.admin(t)
	url := admin.ServiceURL("OS-FEDERATION", "mappings", mapping)
	type rules struct {
		Mapping struct {
			Rules []any `json:"rules"`
		} `json:"mapping"`
	}
	var before, during rules
	_, err := admin.Get(t.Context(), url, &before, nil)
	must(t, err)
	during.Mapping.Rules = []any{map[string]any{
		"local": []any{
			map[string]any{"user": map[string]any{"name": "{0}-mapped"}},
			map[string]any{"projects": []any{
				map[string]any{"name": projectName, "roles": []any{map[string]any{"name": "member"}}},
			}},
		},
		"remote": []any{map[string]any{"type": "HTTP_OIDC_SUB"}},
	}}
	ctx := context.WithoutCancel(t.Context()) // t.Cleanup runs after it has ended
	t.Cleanup(func() {
		_, err := admin.Patch(ctx, url, before, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		must(t, err)
		page, err := projects.List(admin, projects.ListOpts{Name: projectName}).AllPages(ctx)
		must(t, err)
		made, err := projects.ExtractProjects(page)
		must(t, err)
		for _, p := range made {
			must(t, projects.Delete(ctx, admin, p.ID).ExtractErr())
		}
	})
	_, err = admin.Patch(t.Context(), url, during, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	must(t, err)
}

func createCredential(t *testing.T, client *gophercloud.ProviderClient, userID string) (*applicationcredentials.ApplicationCredential, error) {
	t.Helper()
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	must(t, err)
	return applicationcredentials.Create(t.Context(), identity, userID, applicationcredentials.CreateOpts{Name: newAgent()}).Extract()
}

// checkCredential creates an application credential, signs in with it and deletes it.
func (c *cloud) checkCredential(t *testing.T, client *gophercloud.ProviderClient, user *tokens.User) {
	t.Helper()
	credential, err := createCredential(t, client, user.ID)
	must(t, err)
	with := c.client(t, newAgent())
	must(t, openstack.Authenticate(t.Context(), with, gophercloud.AuthOptions{
		IdentityEndpoint:            c.endpoint,
		ApplicationCredentialID:     credential.ID,
		ApplicationCredentialSecret: credential.Secret,
	}))
	if got := who(t, with); got != user.Name {
		t.Errorf("got a token of %s, want one of %s", got, user.Name)
	}
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	must(t, err)
	must(t, applicationcredentials.Delete(t.Context(), identity, user.ID, credential.ID).ExtractErr())
}
