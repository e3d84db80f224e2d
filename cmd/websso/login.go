package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
)

func (a *app) login() *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "open the browser and sign in",
		Description: `Opens your browser at the cloud's sign-in, and waits until you are through.
Where you are signed in already, it says so and opens nothing.

Without a browser on this computer, do what the message says to bring the
address that it prints to one. --no-browser opens none in any case.

Example:
   websso login --cloud mycloud

where a clouds.yaml, in this folder or in ~/.config/openstack, has
   clouds:
     mycloud:
       auth_type: v3websso
       identity_provider: acme
       protocol: openid
       auth:
         auth_url: https://identity.example.com/v3
         project_name: demo
         project_domain_name: Default
Your cloud's operator knows what to put there.`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "sign in anew: as somebody else, or for a full day again", HideDefault: true, Local: true},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			cloud.opts.ForceLogin = c.Bool("force")
			before, _ := websso.Status(cloud.opts)
			if _, err := cloud.signIn(ctx, false); err != nil {
				return err
			}
			// A new sign-in has been told by the library.
			if now, err := websso.Status(cloud.opts); err == nil && before != nil && now.ExpiresAt.Equal(before.ExpiresAt) {
				a.screen.say("you are signed in to %s as %s already, until %s; --force signs in anew",
					cloud.host(), now.UserName, now.ExpiresAt.Local().Format("15:04"))
			}
			return nil
		},
	}
}
