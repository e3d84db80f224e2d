package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
)

func (a *app) logout() *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "end the sign-in, at Keystone too",
		Description: `Revokes at Keystone every token that is kept for the cloud, and forgets them.
Where Keystone can't be reached they are forgotten all the same.

Your session at the identity provider is the browser's, and goes on there.

Example:
   websso logout --cloud mycloud`,
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			return cloud.logout(ctx)
		},
	}
}

func (c *cloud) logout(ctx context.Context) error {
	who, err := websso.Status(c.opts)
	if err != nil && !errors.Is(err, websso.ErrLoginRequired) {
		return unusable{err}
	}
	// What is no sign-in any more may still have to be cleared away.
	if err := websso.Logout(ctx, c.client(), c.opts); err != nil {
		return err
	}
	if who == nil {
		c.screen.say("nobody was signed in to %s", c.host())
		return nil
	}
	c.screen.say("%s is signed out of %s", who.UserName, c.host())
	return nil
}
