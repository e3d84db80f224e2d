//go:build !unix

package command

import (
	"context"
	"os"
)

// execRenewing runs a command with a Keystone that this process serves, and exits with its
// status.
func (c *cloud) execRenewing(ctx context.Context, path string, args []string) error {
	server, err := c.startKeystone(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	c.noteNoProject()
	return become(path, args, apply(os.Environ(), c.renewing(server)))
}

// detach is for systems on which another process serves.
func detach() (status int, ok bool) { return 0, false }
