package main

import (
	"context"
	"errors"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

func (a *app) logout() *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "sign out, and revoke the tokens",
		Description: `Revokes every cached token of the cloud at Keystone and removes it from the
cache. If Keystone can't be reached, they are removed all the same.

Your browser stays signed in at the identity provider; sign out there as well if
you want to sign in as somebody else.

Examples:
   websso logout --cloud mycloud
   websso logout --all`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "sign out of every v3websso cloud in clouds.yaml", HideDefault: true, Local: true},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Bool("all") {
				return a.logoutAll(ctx, c)
			}
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			user, err := cloud.logout(ctx)
			if err == nil && user == "" {
				a.screen.say("nobody was signed in to %s", cloud.host())
			}
			return err
		},
	}
}

// logoutAll signs out of every cloud. If one fails, it goes on with the others.
func (a *app) logoutAll(ctx context.Context, c *cli.Command) error {
	if c.IsSet("cloud") {
		return unusable{errors.New("use either --all or --cloud")}
	}
	forgetClouds()
	names, err := clouds.Names()
	if err != nil {
		return unusable{err}
	}
	opts, err := a.parseOptions(c)
	if err != nil {
		return unusable{err}
	}
	var failed []error
	signedOut := 0
	for _, name := range names {
		cloud, err := a.parse(slices.Concat(opts, []clouds.ParseOption{clouds.WithCloudName(name)})...)
		if errors.Is(err, clouds.ErrAuthType) {
			continue
		}
		user := ""
		if err == nil {
			user, err = cloud.logout(ctx)
		}
		failed = append(failed, err)
		if user != "" {
			signedOut++
		}
	}
	err = errors.Join(failed...)
	if err == nil && signedOut == 0 {
		a.screen.say("nobody was signed in to any cloud")
	}
	return err
}

// logout signs out and returns the name of the user, or "" if nobody was signed in.
func (c *cloud) logout(ctx context.Context) (user string, err error) {
	signIn, err := websso.Status(c.opts)
	if err != nil && !errors.Is(err, websso.ErrLoginRequired) {
		return "", unusable{err}
	}
	// Even if nobody is signed in, there may be dead tokens to remove.
	if err := websso.Logout(ctx, c.client(), c.opts); err != nil {
		return "", err
	}
	if signIn == nil {
		return "", nil
	}
	c.screen.say("signed out of %s (was %s)", c.host(), signIn.UserName)
	return signIn.UserName, nil
}
