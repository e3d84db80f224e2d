package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/urfave/cli/v3"
)

// app is what all commands share.
type app struct {
	stdout io.Writer
	screen *screen

	noBrowser bool // the user opens the address
	debugging bool
	requests  atomic.Int32 // to Keystone, while debugging

	atExit func(status int) // if not nil, called last
}

const about = `websso login opens your browser on the cloud's own sign-in page, with whatever
second factor it asks for. After that, every command here works without a
browser until the sign-in expires, and passes it on to other tools:

   websso login --cloud mycloud
   websso exec --cloud mycloud -- openstack server list
   eval "$(websso env --cloud mycloud)"; terraform plan

The cloud is one in your clouds.yaml with auth_type v3websso, or comes from the
OS_* variables and the options below. An option wins over its variable.

`

// command builds the command line.
func (a *app) command() *cli.Command {
	root := &cli.Command{
		Name:        "websso",
		Usage:       "sign in to OpenStack in your browser, for every tool",
		Description: about + exitHelp,
		Version:     version(),
		Flags:       cloudFlags(),
		Writer:      a.stdout,
		ErrWriter:   a.screen,
		// run prints the error.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Action: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return cli.ShowRootCommandHelp(c)
			}
			return unknownCommand(c, c.Args().First())
		},
		Commands: []*cli.Command{
			a.login(), a.logout(), a.status(), a.projects(), a.doctor(),
			a.token(), a.env(), a.exec(), a.kubeCredential(),
			a.export(), a.importCommand(),
			a.completion(), a.versionCommand(), a.help(),
		},
	}
	cli.VersionPrinter = printVersion
	cli.HelpPrinter = a.printHelp
	root.OnUsageError = usageError
	for _, c := range root.Commands {
		c.HideHelpCommand = true
		c.OnUsageError = usageError
		if c.ArgValidator == nil {
			c.ArgValidator = noArguments
		}
		action := c.Action
		c.Action = func(ctx context.Context, c *cli.Command) error {
			a.debugging = c.Bool("debug")
			if err := action(ctx, c); err != nil {
				return failed{sayHowToSignIn(c, err)}
			}
			return nil
		}
	}
	return root
}

// print writes a result.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
