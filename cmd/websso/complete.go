package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso/clouds"
)

// complete knows the names of clouds, which go after --cloud. The rest is the library's.
func complete(ctx context.Context, c *cli.Command) {
	// The last argument is the one that asks for this.
	if n := len(os.Args); n < 2 || os.Args[n-2] != "--cloud" {
		cli.DefaultCompleteWithFlags(ctx, c)
		return
	}
	// A shell that completes has no place for an error.
	names, _ := clouds.Names()
	for _, name := range names {
		fmt.Fprintln(c.Root().Writer, name)
	}
}
