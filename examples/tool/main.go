// Command tool lists the servers of any cloud in the user's clouds.yaml, whatever its
// auth_type, or of the cloud that the OS_* variables describe. One call replaces
// gophercloud's clouds.Parse and config.NewProviderClient.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

func main() {
	cloud := flag.String("cloud", os.Getenv("OS_CLOUD"), "the `name` of a cloud in clouds.yaml")
	batch := flag.Bool("batch", false, "never open a browser")
	flag.Parse()
	ctx := context.Background()
	err := list(ctx, os.Stdout,
		clouds.WithCloudName(*cloud),
		clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.AllowReauth, o.NonInteractive = true, *batch }),
		clouds.WithClient(func(c *gophercloud.ProviderClient) { c.UserAgent.Prepend("tool/1.0") }))
	if err != nil {
		log.Fatal(err)
	}
}

func list(ctx context.Context, out io.Writer, opts ...clouds.ParseOption) error {
	client, endpoint, err := clouds.NewProviderClient(ctx, opts...)
	if err != nil {
		return err
	}
	compute, err := openstack.NewComputeV2(client, endpoint)
	if err != nil {
		return err
	}
	page, err := servers.List(compute, nil).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := servers.ExtractServers(page)
	for _, server := range all {
		fmt.Fprintln(out, server.Name)
	}
	return err
}
