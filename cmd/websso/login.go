package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (a *app) login() *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "open the browser and sign in",
		Description: `Opens your browser on the cloud's sign-in page and waits until you have signed
in. If you are signed in already, it says so and opens nothing.

If this computer has no browser, the message tells you how to open the address
elsewhere. --no-browser opens none in any case.

Example:
   websso login --cloud mycloud

with this in a clouds.yaml in the current directory or ~/.config/openstack:
` + indented(exampleCloud, "   ") + `
Ask the cloud's operator for these values.`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "sign in again, even if you are signed in", HideDefault: true, Local: true},
			minValidityFlag(),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.String("cache") == cacheMemory {
				return unusable{errors.New("with --cache memory a sign-in ends with the command; leave login out, or use --cache file")}
			}
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			if err := checkSpelling(givenFlags(c)); err != nil {
				return err
			}
			a.checkCache(cloud.opts.Cache)
			cloud.opts.ForceLogin = c.Bool("force")
			before, _ := websso.Status(cloud.opts)
			if cloud.opts.ForceLogin {
				cloud.minValidity = 0 // a new sign-in is all there can be
			}
			if _, err := cloud.signIn(ctx, false); err != nil {
				return err
			}
			cloud.noteNoProject()
			if !cloud.isKept() {
				a.screen.say("the sign-in could not be cached, so no other command can use it; to see why, run: websso doctor")
			}
			// The library has announced a new sign-in itself.
			if now, err := websso.Status(cloud.opts); err == nil && before != nil && now.ExpiresAt.Equal(before.ExpiresAt) {
				a.screen.say("already signed in to %s as %s until %s; use --force to sign in again",
					cloud.host(), now.UserName, terminal.Clock(now.ExpiresAt))
			}
			return nil
		},
	}
}

// isKept reports whether other commands find the sign-in in the cache. A keyring's Cache
// says itself what it could not keep.
func (c *cloud) isKept() bool {
	dir, err := cacheDir(c.cacheDir)
	if err != nil || c.cache == cacheKeyring {
		return true
	}
	opts := c.opts
	opts.Cache = websso.NewFileCache(dir)
	_, err = websso.Status(opts)
	return err == nil
}
