package command

import (
	"context"

	"github.com/gophercloud-websso/websso/loopbackkeystone"
)

// startKeystone signs in and starts a Keystone for a command. Until then ctx ends it,
// afterwards Close alone: Ctrl-C belongs to the command, which may have to tidy up.
func (c *cloud) startKeystone(ctx context.Context) (*loopbackkeystone.Server, error) {
	serving, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	unlink := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	server, err := loopbackkeystone.Start(serving, c.client(), c.opts)
	if unlink() && err == nil {
		return server, nil
	}
	if err == nil {
		server.Close()
		err = context.Cause(ctx)
	}
	cancel(nil)
	return nil, c.classify(err)
}
