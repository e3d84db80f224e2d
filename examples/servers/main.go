// Command servers signs in to the cloud that the OS_* variables describe and lists the
// servers of the project that they name. It needs only package websso.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
)

func main() {
	ctx := context.Background()
	opts, err := websso.AuthOptionsFromEnv()
	if err == nil {
		err = list(ctx, opts, os.Stdout)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func list(ctx context.Context, opts websso.AuthOptions, out io.Writer) error {
	client, err := websso.AuthenticatedClient(ctx, opts)
	if err != nil {
		return err
	}
	who, err := websso.Status(opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s (%s), until %s\n", who.UserName, who.UserDomain, who.ExpiresAt.Local().Format("15:04"))

	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{})
	if err != nil {
		return err
	}
	page, err := servers.List(compute, nil).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := servers.ExtractServers(page)
	for _, server := range all {
		fmt.Fprintf(out, "%s  %s\n", server.ID, server.Name)
	}
	return err
}
