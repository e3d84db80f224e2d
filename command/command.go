// Package command is the command websso for other programs: it signs users in to
// OpenStack through their browser and hands the sign-in to tools that don't speak WebSSO.
// A company's own tool can have it under its own name, as a group of commands:
//
//	root.AddCommand(command.New(command.Config{Name: "cloud"})) // acme cloud login
//
// or as commands of its own:
//
//	for _, c := range command.New(command.Config{Name: "acme"}).Commands() {
//		root.AddCommand(c) // acme login
//	}
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Config says how a program has the command. Its zero value is the command websso.
type Config struct {
	// Name is the name of the command that New returns, "websso" if empty. Messages and
	// examples call the program by the name of its root command, wherever that is.
	// With a name the options have no one-letter forms, which the program may use itself.
	Name string

	// Version is what --version and the version command print. If empty, it is the
	// version of the running program's main module.
	Version string

	// OmitFlags are long names of options that the commands leave to the program. If the
	// program has a persistent flag of that name, they use its value.
	OmitFlags []string
}

// New returns the command with all its subcommands. It can be executed, added to another
// command, or taken apart: each of its Commands works below any other command. Commands
// from different calls of New share nothing.
func New(config Config) *cobra.Command {
	p := &program{config: config}
	p.shared, p.groups = sharedFlags(config.OmitFlags)
	name := config.Name
	if name == "" {
		name = "websso"
	}
	p.root = p.command(name+" COMMAND", "sign in to OpenStack in your browser, for every tool", about, nil, nil)
	p.root.Args = unknownCommand
	p.root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	p.root.SilenceErrors = true
	p.root.Version = readBuild(config.Version).Version
	p.root.SetVersionTemplate("{{.Root.Name}} " + readBuild(config.Version).String() + "\n")
	p.root.SetHelpCommand(p.help())
	p.root.PersistentFlags().AddFlagSet(p.shared)
	p.root.AddCommand(
		p.login(), p.logout(), p.status(), p.projects(), p.doctor(),
		p.token(), p.env(), p.exec(), p.kubeCredential(),
		p.export(), p.importCommand(),
		p.completion(), p.versionCommand(),
	)
	p.root.AddCommand(p.topics()...)
	for _, c := range append(p.root.Commands(), p.root) {
		check := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return p.fail(c, err)
			}
			return nil
		}
	}
	p.completeFlags()
	return p.root
}

const about = `websso login opens your browser on the cloud's own sign-in page, with whatever
second factor it asks for. Then every command works without a browser until the
sign-in expires. The cloud is one in your clouds.yaml with auth_type v3websso.`

// program is what the commands of one New share.
type program struct {
	config Config
	root   *cobra.Command
	shared *pflag.FlagSet // the options of all commands
	groups []flagGroup    // the same, for the help
}

// command returns a command with its own options, which flags defines, and the shared
// ones.
func (p *program) command(use, short, long string, flags func(*pflag.FlagSet), run func(context.Context, *app, []string) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short,
		Args: noArguments, ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage: true, DisableFlagsInUseLine: true,
	}
	c.Long, c.Example, _ = strings.Cut(long, "\n\nExamples:\n")
	c.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	c.Flags().SortFlags = false
	if flags != nil {
		own := pflag.NewFlagSet(use, pflag.ContinueOnError)
		own.SortFlags = false
		flags(own)
		own.VisitAll(func(f *pflag.Flag) {
			if p.config.Name != "" {
				f.Shorthand = ""
			}
			if !slices.Contains(p.config.OmitFlags, f.Name) {
				c.Flags().AddFlag(f)
			}
		})
	}
	// Not as persistent flags of the root alone: the command may move to another.
	c.Flags().AddFlagSet(p.shared)
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return p.fail(c, usageError(c, err)) })
	c.SetHelpFunc(p.showHelp)
	c.SetUsageFunc(p.showUsage)
	c.RunE = func(c *cobra.Command, args []string) error { return p.run(c, args, run) }
	return c
}

// run runs a command until it is done or a signal stops it.
func (p *program) run(c *cobra.Command, args []string, run func(context.Context, *app, []string) error) error {
	a, err := p.newApp(c)
	if err != nil {
		return p.fail(c, err)
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	defer onSignal(func(s os.Signal) { cancel(stopped{s}) })()
	err = run(ctx, a, args)
	if stop := (stopped{}); err != nil && errors.As(context.Cause(ctx), &stop) {
		err = stop
	}
	err = a.fail(sayHowToSignIn(a, err))
	if a.atExit != nil {
		a.atExit(ExitStatus(err))
	}
	return err
}

// fail tells an error of the command line to the user.
func (p *program) fail(c *cobra.Command, err error) error {
	return (&app{program: p, cmd: c, screen: newScreen(c)}).fail(unusable{err})
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
	done := make(chan struct{})
	go func() {
		select {
		case s := <-ch:
			signal.Stop(ch)
			f(s)
		case <-done:
		}
	}()
	return func() {
		signal.Stop(ch)
		close(done)
	}
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q; see %[1]s --help", c.CommandPath(), args[0])
	}
	return nil
}
