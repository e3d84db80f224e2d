package e2e_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/applicationcredentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/e2e/browsers"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestOpenstacksdk checks that this machine's openstacksdk still reads the files and
// variables of package clouds' tests as recorded.
func TestOpenstacksdk(t *testing.T) {
	realCloud(t)
	t.Parallel()
	script, err := filepath.Abs("../clouds/testdata/openstacksdk.py")
	must(t, err)
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", script, "--check").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestClouds signs in to three kinds of cloud with one clouds.yaml.
func TestClouds(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	admin := c.admin(t)
	me, err := admin.GetAuthResult().(tokens.CreateResult).ExtractUser()
	must(t, err)
	credential, err := applicationcredentials.Create(t.Context(), admin, me.ID, applicationcredentials.CreateOpts{Name: newAgent()}).Extract()
	must(t, err)
	defer func() { applicationcredentials.Delete(t.Context(), admin, me.ID, credential.ID) }()

	file := c.cloudsYAML(env(t, "CA")) + fmt.Sprintf(`
  password:
    cacert: %[2]s
    region_name: RegionOne
    auth:
      auth_url: %[1]s
      username: %[3]s
      password: %[4]s
      user_domain_name: Default
      project_name: %[5]s
      project_domain_name: Default
  credential:
    auth_type: v3applicationcredential
    cacert: %[2]s
    auth:
      auth_url: %[1]s
      application_credential_id: %[6]s
      application_credential_secret: %[7]s
`, strings.TrimSuffix(c.endpoint, "/v3"), env(t, "CA"), env(t, "ADMIN_USER"), env(t, "ADMIN_PASSWORD"), env(t, "ADMIN_PROJECT"), credential.ID, credential.Secret)
	read := func(cloud string) []clouds.ParseOption {
		return []clouds.ParseOption{clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName(cloud)}
	}

	for _, cloud := range []string{"password", "credential"} {
		t.Run(cloud, func(t *testing.T) {
			client, _, err := clouds.NewProviderClient(t.Context(), read(cloud)...)
			must(t, err)
			if got := projectOf(t, client); got != env(t, "ADMIN_PROJECT") {
				t.Errorf("got a token for project %q, want %q", got, env(t, "ADMIN_PROJECT"))
			}
		})
	}
	t.Run("websso", func(t *testing.T) {
		b := engines[0].browser(t, browsers.Options{})
		opened, done, shown := make(chan string, 1), make(chan error, 1), new(webssotest.Terminal)
		var client *gophercloud.ProviderClient
		go func() {
			var err error
			client, _, err = clouds.NewProviderClient(t.Context(), append(read("websso"), clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
				ao.Cache, ao.Output = new(websso.MemoryCache), shown
				ao.OpenURL = func(url string) error { opened <- url; return nil }
			}))...)
			done <- err
		}()
		p := open(t, b, opens(t, opened, done, shown))
		p.logIn("dwho")
		p.outcome(true)
		must(t, <-done)
		if got := projectOf(t, client); got != "demo" {
			t.Errorf("got a token for project %q, want demo", got)
		}
		checkServer(t, client, "dwho")
	})
}

func projectOf(t *testing.T, client *gophercloud.ProviderClient) string {
	t.Helper()
	project, err := client.GetAuthResult().(tokens.CreateResult).ExtractProject()
	must(t, err)
	return project.Name
}
