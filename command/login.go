package command

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (p *program) login() *cobra.Command {
	return p.command("login", "open the browser and sign in",
		func(f *pflag.FlagSet) {
			f.BoolP("force", "f", false, "sign in again, even if you are signed in")
			f.Bool("switch", false, "sign in as another user: the page lets you sign out first")
			minValidity.addTo(f)
		},
		func(ctx context.Context, a *app, _ []string) error {
			if a.cacheKind() == cacheMemory {
				return unusable(errors.New("with --cache memory a sign-in ends with the command; leave login out, or use --cache file"))
			}
			if err := a.askForCloud(ctx); err != nil {
				return err
			}
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			if err := a.checkSpelling(); err != nil {
				return err
			}
			c.opts.ForceLogin, c.opts.SwitchUser = a.bool("force"), a.bool("switch")
			before, _ := websso.Status(c.opts)
			if _, err := c.signIn(ctx, false); err != nil {
				return err
			}
			if !c.isKept() { // the library has said why
				a.screen.Say("the sign-in could not be cached, so no other command can use it")
				return nil
			}
			// The library has announced a new sign-in itself.
			if now, err := websso.Status(c.opts); err == nil && before != nil && now.ExpiresAt.Equal(before.ExpiresAt) {
				a.screen.Say("already signed in to %s as %s until %s; use --force to sign in again",
					c.host(), now.UserName, terminal.Clock(now.ExpiresAt))
			}
			c.noteNext()
			return nil
		})
}

// noteNext says what the sign-in is for, and what to do with it.
func (c *cloud) noteNext() {
	if exec := c.app.again("exec"); c.opts.Scope != nil && exec != "" {
		c.app.screen.Say("this is %s, %s. Try:\n  %s -- openstack server list", cmp.Or(c.name, c.host()), keystone.DescribeScope(*c.opts.Scope), exec)
	}
	c.noteNoProject()
}

// askForCloud asks which of several clouds is meant if none is named, on a terminal.
func (a *app) askForCloud(ctx context.Context) error {
	stdin, ok := a.cmd.InOrStdin().(*os.File)
	if a.get("OS_CLOUD") != "" || a.describesCloud() || !ok || !screen.IsTerminal(stdin) || !a.screen.IsTerminal() {
		return nil
	}
	names, err := clouds.Names(a.sources()...)
	if err != nil || len(names) < 2 {
		return nil //nolint:nilerr // reading the cloud says it
	}
	a.screen.Say("which cloud? %s", strings.Join(names, ", "))
	line, err := readInput(ctx, func() ([]byte, error) {
		lines := bufio.NewScanner(stdin)
		lines.Scan() // no line is as if none were named
		return lines.Bytes(), lines.Err()
	})
	a.defaultCloud, a.asked = strings.TrimSpace(string(line)), true
	return err
}

// isKept reports whether other commands find the sign-in in the cache. A keyring's Cache
// says itself what it could not keep, and a program's own is its own affair.
func (c *cloud) isKept() bool {
	opts := c.opts
	if opts.Cache != c.app.cache || c.app.cacheKind() == cacheKeyring {
		return true
	}
	opts.Cache, _ = c.app.newCache()
	_, err := websso.Status(opts)
	return err == nil
}
