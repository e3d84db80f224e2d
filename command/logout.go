package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
)

func (p *program) logout() *cobra.Command {
	return p.command("logout", "sign out, and revoke the tokens",
		func(f *pflag.FlagSet) {
			f.Bool("all", false, "end every cached sign-in, whatever cloud and account it is for")
			f.Var(new(optional), "browser", "also open the page that signs the browser out; --browser=COMMAND chooses the browser")
			f.Lookup("browser").NoOptDefVal = "true"
		},
		func(ctx context.Context, a *app, _ []string) error {
			if a.bool("all") {
				return a.logoutAll(ctx)
			}
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			user, err := c.logout(ctx)
			if err == nil && user == "" {
				a.screen.Say("nobody was signed in to %s", c.host())
			}
			return err
		})
}

// logoutAll signs out of every cloud. If one fails, it goes on with the others.
func (a *app) logoutAll(ctx context.Context) error {
	all, err := a.allClouds()
	if err != nil {
		return err
	}
	var failed []error
	signedOut := 0
	for _, c := range all {
		user, err := c.logout(ctx)
		failed = append(failed, err)
		if user != "" {
			signedOut++
		}
	}
	err = errors.Join(failed...)
	if err == nil && signedOut == 0 {
		a.screen.Say("nobody was signed in to any cloud")
	}
	return err
}

// logout signs out and returns the name of the user, or "" if nobody was signed in.
func (c *cloud) logout(ctx context.Context) (user string, err error) {
	c.opts.SwitchUser = c.app.isSet("browser") && c.app.text("browser") != "false"
	signIn, unread := websso.Status(c.opts)
	if errors.Is(unread, websso.ErrLoginRequired) {
		unread = nil
	}
	// Even if nobody is signed in, there may be dead tokens to remove, and tokens that
	// can't be read.
	switch err := websso.Logout(ctx, c.client(), c.opts); {
	case err != nil && unread != nil:
		return "", unusable(c.rename(unread))
	case err != nil:
		return "", c.rename(err)
	case unread != nil:
		return "", fmt.Errorf("removed the cached tokens of %s, but could not revoke what could not be read; it stays valid until it expires", c.host())
	}
	if signIn == nil {
		return "", nil
	}
	c.app.screen.Say("signed out of %s (was %s)", c.host(), signIn.UserName)
	return signIn.UserName, nil
}

// optional is the value of an option that need not have one. Without, it is "true".
type optional string

func (o *optional) String() string        { return string(*o) }
func (o *optional) Set(text string) error { *o = optional(text); return nil }
func (o *optional) Type() string          { return "bool" }
