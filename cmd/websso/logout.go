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
		Usage: "end the sign-in, at Keystone too",
		Description: `Revokes at Keystone every token that is kept for the cloud, and forgets them.
Where Keystone can't be reached they are forgotten all the same.

Your session at the identity provider is the browser's, and goes on there.

Examples:
   websso logout --cloud mycloud
   websso logout --all`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "every cloud of clouds.yaml with auth_type v3websso", HideDefault: true, Local: true},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Bool("all") {
				return a.logoutAll(ctx, c)
			}
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			who, err := cloud.logout(ctx)
			if err == nil && who == "" {
				a.screen.say("nobody was signed in to %s", cloud.host())
			}
			return err
		},
	}
}

// logoutAll goes on where one cloud fails: the others are to be over all the same.
func (a *app) logoutAll(ctx context.Context, c *cli.Command) error {
	if c.IsSet("cloud") {
		return unusable{errors.New("--all is about every cloud, and --cloud about one: give one of them")}
	}
	forgetClouds()
	names, err := clouds.Names()
	if err != nil {
		return unusable{err}
	}
	opts, err := parseOptions(c)
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
		who := ""
		if err == nil {
			who, err = cloud.logout(ctx)
		}
		failed = append(failed, err)
		if who != "" {
			signedOut++
		}
	}
	err = errors.Join(failed...)
	if err == nil && signedOut == 0 {
		a.screen.say("nobody was signed in to any of them")
	}
	return err
}

// logout returns whom it signed out; "" where nobody was signed in.
func (c *cloud) logout(ctx context.Context) (user string, err error) {
	who, err := websso.Status(c.opts)
	if err != nil && !errors.Is(err, websso.ErrLoginRequired) {
		return "", unusable{err}
	}
	// What is no sign-in any more may still have to be cleared away.
	if err := websso.Logout(ctx, c.client(), c.opts); err != nil {
		return "", err
	}
	if who == nil {
		return "", nil
	}
	c.screen.say("%s is signed out of %s", who.UserName, c.host())
	return who.UserName, nil
}
