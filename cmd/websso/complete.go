package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso/clouds"
)

// complete adds the names of clouds, for --cloud, to urfave/cli's own completion.
func complete(ctx context.Context, c *cli.Command) {
	// The last argument is the one that asks for completion.
	if n := len(os.Args); n < 2 || os.Args[n-2] != "--cloud" {
		cli.DefaultCompleteWithFlags(ctx, c)
		return
	}
	// A shell that completes a line can't show an error.
	names, _ := clouds.Names()
	for _, name := range names {
		fmt.Fprintln(c.Root().Writer, name)
	}
}
