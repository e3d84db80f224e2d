package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"
)

func (a *app) exec() *cli.Command {
	one := 1
	return &cli.Command{
		Name:      "exec",
		Usage:     "run a command with the sign-in",
		ArgsUsage: "[--] COMMAND [ARGUMENT...]",
		Description: `Runs COMMAND with the token and the cloud in its environment, as env sets them,
and exits with its status. If you are not signed in, your browser opens first.
The token appears in no argument list.

--renew is for commands that run for longer than a token lives. Instead of a
token, COMMAND then gets an application credential, which works on this computer
and for as long as COMMAND runs. Whenever COMMAND signs in with it, it gets a
valid token; if your sign-in has ended, your browser opens again.

Examples:
   websso exec --cloud mycloud -- openstack server list
   websso exec --cloud mycloud --renew -- terraform apply`,
		Flags: []cli.Flag{
			unscopedFlag(handOverUnscoped),
			checkFlag(replaceRevoked),
			minValidityFlag(),
			&cli.BoolFlag{Name: "renew", Usage: "renew the token for as long as COMMAND runs", HideDefault: true, Local: true},
		},
		StopOnNthArg: &one, // the rest belongs to COMMAND
		ArgValidator: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return fmt.Errorf("no command to run; see %s --help", c.FullName())
			}
			return nil
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			args := c.Args().Slice()
			// Look first: no browser opens for a command that does not exist.
			path, err := exec.LookPath(args[0])
			if err != nil {
				return &commandError{args[0], err}
			}
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			if c.Bool("renew") {
				if c.Bool("unscoped") {
					return unusable{errors.New("use either --renew or --unscoped")}
				}
				return cloud.execRenewing(ctx, path, args)
			}
			settings, err := cloud.handover(ctx, c.Bool("unscoped"), c.Bool("check"))
			if err != nil {
				return err
			}
			if !c.Bool("unscoped") {
				cloud.noteNoProject()
			}
			if cloud.isInsecure() && isOpenStackClient(args[0]) {
				a.screen.say("openstack may ignore OS_INSECURE (before openstacksdk 4.20 it does); if it refuses the certificate, add --insecure to its own options too")
			}
			// From here on Ctrl-C belongs to COMMAND.
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return become(path, args, apply(os.Environ(), settings))
		},
	}
}

func isOpenStackClient(command string) bool {
	name := strings.ToLower(filepath.Base(command))
	return strings.TrimSuffix(name, filepath.Ext(name)) == "openstack"
}
