package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/urfave/cli/v3"
)

func (a *app) exec() *cli.Command {
	one := 1
	return &cli.Command{
		Name:      "exec",
		Usage:     "run a command that is signed in",
		ArgsUsage: "[--] COMMAND [ARGUMENT...]",
		Description: `Runs COMMAND in an environment where it finds the token and the cloud, as env
sets them, and ends with its status. Where nobody is signed in, your browser
opens first. The token is in no argument list.

Examples:
   websso exec --cloud mycloud -- openstack server list
   websso exec --cloud mycloud -- terraform apply`,
		Flags: []cli.Flag{
			unscopedFlag("hand over the unscoped token, for a cloud where no other can be exchanged"),
			checkFlag("ask Keystone first: a token that was revoked is replaced"),
		},
		StopOnNthArg: &one, // what follows is the command's
		ArgValidator: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return fmt.Errorf("there is no command to run; see %s --help", c.FullName())
			}
			return nil
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			args := c.Args().Slice()
			// Before a browser opens for a command that is not there.
			path, err := exec.LookPath(args[0])
			if err != nil {
				return &commandError{args[0], err}
			}
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			settings, err := cloud.handover(ctx, c.Bool("unscoped"), c.Bool("check"))
			if err != nil {
				return err
			}
			// The last moment at which Ctrl-C is ours.
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return become(path, args, apply(os.Environ(), settings))
		},
	}
}

// commandError is a command that can't be run.
type commandError struct {
	name string
	err  error
}

func (e *commandError) Error() string {
	err := e.err
	var lookup *exec.Error
	if errors.As(err, &lookup) {
		err = lookup.Err
	}
	return fmt.Sprintf("%s: %v", e.name, err)
}

func (e *commandError) Unwrap() error { return e.err }
