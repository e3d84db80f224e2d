// Command acme-cloud is a tool as a company could give it to its staff. It has its own
// names and its own list of clouds, one of them the default, and needs no
// configuration.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gophercloud-websso/websso"
)

var sites = map[string]websso.AuthOptions{
	"paris": {IdentityEndpoint: "https://identity.paris.acme.example", IdentityProvider: "acme", Protocol: "openid"},
	"oslo":  {IdentityEndpoint: "https://identity.oslo.acme.example", IdentityProvider: "acme", Protocol: "openid"},
}

func main() {
	site := flag.String("site", "paris", "the `name` of a site")
	flag.Parse()
	if err := teams(context.Background(), *site, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// teams lists the user's projects, which Acme calls teams.
func teams(ctx context.Context, site string, out io.Writer) error {
	opts, ok := sites[site]
	if !ok {
		return fmt.Errorf("unknown site %q: choose one of %q", site, slices.Sorted(maps.Keys(sites)))
	}
	client, err := websso.AuthenticatedClient(ctx, opts)
	if err != nil {
		return err
	}
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	if err != nil {
		return err
	}
	page, err := projects.ListAvailable(identity).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := projects.ExtractProjects(page)
	for _, project := range all {
		fmt.Fprintln(out, "team", project.Name)
	}
	return err
}
