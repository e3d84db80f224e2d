package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v3"
)

// app is what the commands share.
type app struct {
	stdout io.Writer
	screen *screen
}

const about = `websso login opens your browser at the cloud's own sign-in, with whatever
second factor it asks for. From then on every command here works without a
browser, until the sign-in ends at the cloud, and hands it to other tools:

   websso login --cloud mycloud
   websso exec --cloud mycloud -- openstack server list
   eval "$(websso env --cloud mycloud)"; terraform plan

The cloud is one of your clouds.yaml with auth_type v3websso, or what the OS_*
variables and the options below say. An option wins over its variable.

`

// command is the command line: help, completion and the reading of flags are the
// library's.
func (a *app) command() *cli.Command {
	root := &cli.Command{
		Name:                  "websso",
		Usage:                 "sign in to OpenStack in your browser, for every tool",
		Description:           about + exitHelp,
		Version:               version(),
		Flags:                 cloudFlags(),
		EnableShellCompletion: true,
		ConfigureShellCompletionCommand: func(c *cli.Command) {
			c.Hidden = false
			c.Usage = "print what lets bash, zsh, fish or PowerShell complete websso"
		},
		Writer:    a.stdout,
		ErrWriter: a.screen,
		// The error goes to run.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Action: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return cli.ShowRootCommandHelp(c)
			}
			name := c.Args().First()
			return fmt.Errorf("there is no command %q; the one most like it is %s; see websso --help", name, cli.SuggestCommand(c.Commands, name))
		},
		Commands: []*cli.Command{
			a.login(), a.logout(), a.status(), a.projects(),
			a.token(), a.env(), a.exec(), a.kubeCredential(),
			a.versionCommand(),
		},
	}
	cli.VersionPrinter = printVersion
	root.OnUsageError = usageError
	root.ShellComplete = complete
	for _, c := range root.Commands {
		c.CustomHelpTemplate = helpTemplate
		c.HideHelpCommand = true
		c.OnUsageError = usageError
		c.ShellComplete = complete
		if c.ArgValidator == nil {
			c.ArgValidator = noArguments
		}
		work := c.Action
		c.Action = func(ctx context.Context, c *cli.Command) error {
			if err := work(ctx, c); err != nil {
				return failed{err}
			}
			return nil
		}
	}
	return root
}

// helpTemplate is the library's, with a pointer to the global options in the place of
// all of them.
var helpTemplate = strings.Replace(cli.CommandHelpTemplate,
	`GLOBAL OPTIONS:{{template "visiblePersistentFlagTemplate" .}}`,
	`GLOBAL OPTIONS:
   --cloud, --project-name and all the others of websso --help`, 1)

func usageError(_ context.Context, c *cli.Command, err error, _ bool) error {
	return fmt.Errorf("%w; see %s --help", err, c.FullName())
}

func noArguments(_ context.Context, c *cli.Command) error {
	if c.NArg() > 0 {
		return fmt.Errorf("%s takes no argument %q; see %[1]s --help", c.FullName(), c.Args().First())
	}
	return nil
}

// print writes a result.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("the result: %w", err)
	}
	return nil
}
