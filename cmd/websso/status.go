package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (a *app) status() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "show who is signed in, and until when",
		Description: `Shows the cached sign-in without asking Keystone; --check asks Keystone whether
it is still valid. Exits with status 3 if you are not signed in. It never opens
a browser.

Example:
   websso status --cloud mycloud`,
		Flags: []cli.Flag{checkFlag("check the sign-in with Keystone")},
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			cloud.opts.NonInteractive = true
			cloud = cloud.unscoped()
			if c.Bool("check") {
				if _, err := cloud.signIn(ctx, true); err != nil {
					return err
				}
			}
			signIn, err := websso.Status(cloud.opts)
			if err != nil {
				return err
			}
			return a.print(cloud.table(signIn, c.Bool("check")))
		},
	}
}

func (c *cloud) table(signIn *websso.SignIn, checked bool) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(w, "%s\t%s\n", name, terminal.Escape(value)) }
	if name := os.Getenv("OS_CLOUD"); name != "" {
		row("cloud", name)
	}
	row("keystone", c.opts.IdentityEndpoint)
	row("user", fmt.Sprintf("%s (domain %s, ID %s)", signIn.UserName, signIn.UserDomain, signIn.UserID))
	row("identity provider", signIn.IdentityProvider+", protocol "+signIn.Protocol)
	row("expires", fmt.Sprintf("%s (in %s)", terminal.Clock(signIn.ExpiresAt), timeLeft(signIn.ExpiresAt)))
	if checked {
		row("token", "valid (checked with Keystone)")
	}
	row("cached tokens", "unscoped")
	for _, scope := range signIn.Scopes {
		row("", keystone.DescribeScope(scope))
	}
	w.Flush()
	return b.String()
}

// timeLeft is the time until t, to the minute.
func timeLeft(t time.Time) string {
	left := time.Until(t).Round(time.Minute)
	if left < time.Minute {
		return "less than a minute"
	}
	return terminal.Duration(left)
}
