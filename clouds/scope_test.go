package clouds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestScopes signs in with each kind of scope, from a file and from the environment.
func TestScopes(t *testing.T) {
	k := webssotest.NewKeystone(t)
	demo := k.Project("demo")
	var trust string
	k.Configure(func(c *webssotest.Config) { trust = c.Quirks.AddTrust("dora", "demo") })
	k.SetUser(webssotest.User{Name: "dora", Password: "explorer", Projects: []webssotest.Project{demo}, Domains: []string{"Default"}, System: true})
	k.Browser().User, k.Browser().Password = "dora", "explorer"

	type keys map[string]string
	for name, test := range map[string]struct {
		keys keys
		want string
	}{
		"none":                     {keys{}, ""},
		"project by id":            {keys{"project_id": demo.ID}, "project demo"},
		"project, domain's name":   {keys{"project_name": "demo", "project_domain_name": "Default"}, "project demo"},
		"project, domain's id":     {keys{"project_name": "demo", "project_domain_id": "default"}, "project demo"},
		"project, domain":          {keys{"project_name": "demo", "domain_name": "Default"}, "project demo"},
		"tenant":                   {keys{"tenant_name": "demo", "project_domain_name": "Default"}, "project demo"},
		"domain by name":           {keys{"domain_name": "Default"}, "domain Default"},
		"domain by id":             {keys{"domain_id": "default"}, "domain Default"},
		"trust":                    {keys{"trust_id": trust}, "project demo"},
		"system":                   {keys{"system_scope": "all"}, "system"},
		"system, and a project":    {keys{"system_scope": "all", "project_id": demo.ID}, "project demo"},
		"the domain of no project": {keys{"project_domain_name": "Default"}, ""},
	} {
		for _, env := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, environment %t", name, env), func(t *testing.T) {
				opts := []clouds.ParseOption{signInAt(k)}
				base := keys{
					"auth_type": "v3websso", "auth_url": k.URL(), "identity_provider": webssotest.IdentityProvider,
					"protocol": webssotest.Protocol, "redirect_port": fmt.Sprint(k.AuthOptions().RedirectPort),
				}
				vars, file := map[string]string{}, "clouds:\n  acme:\n"
				for key, value := range base {
					vars["OS_"+strings.ToUpper(key)] = value
					file += fmt.Sprintf("    %s: %s\n", key, value)
				}
				file += "    auth:\n"
				for key, value := range test.keys {
					vars["OS_"+strings.ToUpper(key)] = value
					file += fmt.Sprintf("      %s: %s\n", key, value)
				}
				if !env {
					vars = nil
					opts = append(opts, clouds.WithCloudName("acme"), clouds.WithCloudsYAML(strings.NewReader(file)))
				}
				cleanEnv(t, vars)
				client, eo, err := clouds.NewProviderClient(t.Context(), opts...)
				must(t, err)
				if got := scopeOf(t, client); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				if test.want == "" {
					// The endpoint locator has to say what to do.
					if _, err := openstack.NewComputeV2(client, eo); err == nil || !strings.Contains(err.Error(), "scope") && !strings.Contains(err.Error(), "Scope") {
						t.Errorf("got %v, want an error about the scope", err)
					}
				}
			})
		}
	}
}

func scopeOf(t *testing.T, client *gophercloud.ProviderClient) string {
	t.Helper()
	var said struct {
		Project *struct{ Name string }
		Domain  *struct{ Name string }
		System  map[string]bool
	}
	must(t, client.GetAuthResult().(tokens.CreateResult).ExtractInto(&said))
	switch {
	case said.Project != nil:
		return "project " + said.Project.Name
	case said.Domain != nil:
		return "domain " + said.Domain.Name
	case said.System["all"]:
		return "system"
	}
	return ""
}
