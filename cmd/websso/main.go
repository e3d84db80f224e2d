// Command websso signs you in to OpenStack through your browser and hands the sign-in
// to tools that don't speak WebSSO: openstackclient, Terraform, Packer, kubectl, shell
// scripts.
//
//	websso login --cloud mycloud
//	websso exec --cloud mycloud -- openstack server list
//
// Messages go to standard error. Standard output carries the result and nothing else.
// See websso --help, and docs/command.md for a tour.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"
)

func main() {
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// run runs the command line and returns the exit status.
func run(args []string, stdout io.Writer, stderr *os.File) int {
	if len(args) > 1 && args[1] == completeVerb {
		a := &app{stdout: stdout, screen: newScreen(stderr)}
		a.answer(a.command(), args[2:])
		return exitOK
	}
	if status, ok := detach(); ok {
		return status
	}
	a := &app{stdout: stdout, screen: newScreen(stderr)}
	status := a.run(args)
	if a.atExit != nil {
		a.atExit(status)
	}
	return status
}

func (a *app) run(args []string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer onSignal(func(s os.Signal) { cancel(stopped{s}) })()
	err := a.command().Run(ctx, args)
	if err == nil {
		return exitOK
	}
	if said := (alreadySaid{}); errors.As(err, &said) {
		return said.status
	}
	if cause := context.Cause(ctx); cause != nil {
		err = failed{cause}
	}
	a.screen.fail(variableError(err))
	return exitCode(err)
}

// onSignal calls f on the first signal that asks the program to stop. The second one
// kills it, whatever it is doing. A signal that the parent process set to be ignored,
// as nohup does, stays ignored, also for the command that exec runs.
func onSignal(f func(os.Signal)) (stop func()) {
	ch := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(ch, s)
		}
	}
	go func() {
		if s, ok := <-ch; ok {
			signal.Stop(ch)
			f(s)
		}
	}()
	return func() { signal.Stop(ch) }
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
