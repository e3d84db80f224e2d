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
			f.VarPF(new(optional), "browser", "", "also open the page that signs the browser out; --browser=COMMAND chooses the browser").NoOptDefVal = "true"
		},
		func(ctx context.Context, a *app, _ []string) error {
			all, err := a.clouds()
			if err != nil {
				return err
			}
			failed, signedOut := []error(nil), false
			for _, c := range all {
				was, err := c.logout(ctx)
				failed = append(failed, err)
				signedOut = signedOut || was
			}
			if err = errors.Join(failed...); err == nil && a.bool("all") {
				_, err = websso.SignIns(a.cacheOf(all)) // what is left, as shown
			}
			switch {
			case err != nil || signedOut:
			case a.bool("all"):
				a.screen.Say("nobody was signed in to any cloud")
			default:
				a.screen.Say("nobody was signed in to %s", all[0].host())
			}
			return err
		})
}

// logout signs out and reports whether somebody was signed in.
func (c *cloud) logout(ctx context.Context) (was bool, err error) {
	c.opts.SwitchUser = c.app.isSet("browser") && c.app.text("browser") != "false"
	signIn, unread := websso.Status(c.opts)
	unreadable := unread != nil && !errors.Is(unread, websso.ErrLoginRequired)
	// Even if nobody is signed in, there may be dead tokens to remove, and tokens that
	// can't be read.
	err = websso.Logout(ctx, c.client(), c.opts)
	switch {
	case err != nil && unreadable:
		return false, unusable(c.rename(unread))
	case err != nil:
		return false, c.rename(err)
	case unreadable:
		return false, fmt.Errorf("removed the cached tokens of %s, but could not revoke what could not be read; it stays valid until it expires", c.host())
	case signIn == nil:
		return false, nil
	}
	c.app.screen.Say("signed out of %s (was %s)", c.host(), signIn.UserName)
	return true, nil
}

// optional is the value of an option that need not have one. Without, it is "true".
type optional string

func (o *optional) String() string        { return string(*o) }
func (o *optional) Set(text string) error { *o = optional(text); return nil }
func (o *optional) Type() string          { return "bool" }
