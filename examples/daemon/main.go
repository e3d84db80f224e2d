// Command daemon counts the servers of a project again and again. When the sign-in ends
// it asks for another one in the browser, once, and ends where nobody comes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

func main() {
	every := flag.Duration("every", time.Minute, "how often to look")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	reauth := clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.AllowReauth = true })
	if err := watch(ctx, os.Stdout, time.Tick(*every), reauth); ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "daemon:", err)
		os.Exit(1)
	}
}

func watch(ctx context.Context, out io.Writer, tick <-chan time.Time, opts ...clouds.ParseOption) error {
	client, endpoint, err := clouds.NewProviderClient(ctx, opts...)
	if err != nil {
		return err
	}
	for {
		n, err := count(ctx, client, endpoint)
		// gophercloud's error does not unwrap: the reason is in its ErrReauth.
		var over *gophercloud.ErrUnableToReauthenticate
		if errors.As(err, &over) && errors.Is(over.ErrReauth, websso.ErrLoginRequired) {
			return fmt.Errorf("start me again to sign in: %w", over.ErrReauth)
		}
		fmt.Fprintln(out, n, "servers", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick:
		}
	}
}

func count(ctx context.Context, client *gophercloud.ProviderClient, endpoint gophercloud.EndpointOpts) (int, error) {
	compute, err := openstack.NewComputeV2(client, endpoint)
	if err != nil {
		return 0, err
	}
	page, err := servers.List(compute, nil).AllPages(ctx)
	if err != nil {
		return 0, err
	}
	all, err := servers.ExtractServers(page)
	return len(all), err
}
