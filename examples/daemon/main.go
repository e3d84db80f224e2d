// Command daemon counts the servers of a project at regular intervals. When the sign-in
// expires, it opens the browser once and exits if nobody signs in.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

func main() {
	every := flag.Duration("every", time.Minute, "time between two looks")
	flag.Parse()
	ctx := context.Background()
	reauth := clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.AllowReauth = true })
	log.Fatal(watch(ctx, os.Stdout, time.Tick(*every), reauth))
}

func watch(ctx context.Context, out io.Writer, tick <-chan time.Time, opts ...clouds.ParseOption) error {
	client, endpoint, err := clouds.NewProviderClient(ctx, opts...)
	if err != nil {
		return err
	}
	compute, err := openstack.NewComputeV2(client, endpoint)
	for err == nil {
		page, failed := servers.List(compute, nil).AllPages(ctx)
		// gophercloud's error has no Unwrap method; its cause is in ErrReauth.
		var over *gophercloud.ErrUnableToReauthenticate
		if errors.As(failed, &over) && errors.Is(over.ErrReauth, websso.ErrLoginRequired) {
			return fmt.Errorf("the sign-in has expired, so start this program again: %w", over.ErrReauth)
		} else if failed != nil {
			fmt.Fprintln(out, "trying again later:", failed)
		} else if all, err := servers.ExtractServers(page); err == nil {
			fmt.Fprintln(out, len(all), "servers")
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-tick:
		}
	}
	return err
}
