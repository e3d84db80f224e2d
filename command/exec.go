package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

func (p *program) exec() *cobra.Command {
	c := p.command("exec [OPTION...] [--] COMMAND [ARGUMENT...]", "run a command with the sign-in",
		func(f *pflag.FlagSet) {
			handOverFlags(f)
			f.Bool("renew", false, "renew the token for as long as COMMAND runs")
		},
		func(ctx context.Context, a *app, args []string) error {
			if len(args) == 0 {
				return unusable(fmt.Errorf("no command to run; see %s --help", a.cmd.CommandPath()))
			}
			// Look first: no browser opens for a command that does not exist.
			path, err := exec.LookPath(args[0])
			if err != nil {
				return cannotRun(args[0], err)
			}
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			handover.RemoveAbandoned(ctx)
			var handed handover.Cloud
			var more []handover.Change
			if a.bool("renew") {
				if a.bool("unscoped") {
					return unusable(errors.New("use either --renew or --unscoped"))
				}
				server, err := c.startKeystone(ctx)
				if err != nil {
					return err
				}
				defer server.Close()
				handed, more = c.connection(), notThroughProxy()
				handed.Renewing = handover.Renewing{URL: server.URL, ID: server.ID, Secret: server.Secret}
			} else if handed, err = c.handedOver(ctx); err != nil {
				return err
			} else {
				c.noteEnd("--renew or ")
				if c.isInsecure() && strings.TrimSuffix(filepath.Base(path), ".exe") == "openstack" {
					a.screen.Say("openstack may ignore OS_INSECURE (before openstacksdk 4.20 it does); if it refuses the certificate, add --insecure to its own options too")
				}
			}
			dir, remove := c.writeFiles(ctx, handed)
			env := handover.Apply(os.Environ(), append(a.user.HandOver(handed, dir), more...))
			switch status, err := handover.Run(ctx, path, args, env, remove); {
			case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
				return err
			case err != nil:
				return cannotRun(args[0], err)
			case status != 0:
				return exit{status: status}
			}
			return nil
		})
	c.Flags().SetInterspersed(false) // the rest belongs to COMMAND
	c.ValidArgsFunction = offerPrograms
	c.Args = cobra.ArbitraryArgs
	return c
}

// cannotRun is the error of a command that can't be run.
func cannotRun(name string, err error) error {
	if lookup := (*exec.Error)(nil); errors.As(err, &lookup) {
		err = lookup.Err
	}
	status := 126
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		status = 127
	}
	return exit{status, fmt.Errorf("%s: %w", name, err)}
}
