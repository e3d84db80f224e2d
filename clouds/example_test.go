package clouds_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

func ExampleNewProviderClient() {
	client, endpoint, err := clouds.NewProviderClient(context.Background(),
		clouds.WithCloudName("mycloud"),
		clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.AllowReauth = true }),
		clouds.WithClient(func(c *gophercloud.ProviderClient) { c.UserAgent.Prepend("tool/1.0") }))
	if err != nil {
		log.Fatal(err)
	}
	compute, err := openstack.NewComputeV2(client, endpoint)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(compute.Endpoint)
}

// An unscoped client can list the user's projects, and a client for each of them needs
// no further sign-in. Pass empty EndpointOpts to NewIdentityV3: it then uses the auth_url
// and not the catalog, which only a scoped token has.
func ExampleNewProviderClient_projects() {
	ctx := context.Background()
	client, _, err := clouds.NewProviderClient(ctx, clouds.WithScope(&gophercloud.AuthScope{}))
	if err != nil {
		log.Fatal(err)
	}
	all, err := projectsOf(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	for _, project := range all {
		client, endpoint, err := clouds.NewProviderClient(ctx, clouds.WithScope(&gophercloud.AuthScope{ProjectID: project.ID}))
		if err != nil {
			log.Fatal(err)
		}
		compute, err := openstack.NewComputeV2(client, endpoint)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(project.Name, compute.Endpoint)
	}
}

// projectsOf lists the projects of the user that client is signed in as.
func projectsOf(ctx context.Context, client *gophercloud.ProviderClient) ([]projects.Project, error) {
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	if err != nil {
		return nil, err
	}
	page, err := projects.ListAvailable(identity).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	return projects.ExtractProjects(page)
}

func ExampleParse() {
	const file = `
clouds:
  mycloud:
    auth_type: v3websso
    auth_url: https://identity.example.com
    identity_provider: acme
    protocol: openid
    auth:
      project_name: demo
      project_domain_name: Default
`
	opts, endpoint, tlsConfig, err := clouds.Parse(
		clouds.WithCloudsYAML(strings.NewReader(file)),
		clouds.WithCloudName("mycloud"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(opts.IdentityEndpoint, opts.IdentityProvider, opts.Protocol, opts.Scope.ProjectName, endpoint.Availability)

	// Parse does not sign in. For that, create a client and call Authenticate.
	_ = func(ctx context.Context) error {
		client, err := openstack.NewClient(opts.IdentityEndpoint)
		if err != nil {
			return err
		}
		client.HTTPClient.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: tlsConfig}
		return websso.Authenticate(ctx, client, opts)
	}
	// Output: https://identity.example.com acme openid demo public
}
