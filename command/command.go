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
	"cmp"
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/clouds"
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

	// CloudsYAML is a clouds.yaml to use. If it is nil, the user's is searched for.
	CloudsYAML []byte

	// Cloud is the cloud to use if neither an option nor a variable names or describes
	// another one.
	Cloud string

	// Options returns further options for reading the cloud, such as clouds.WithRegion. It
	// is called for each reading, maybe at the same time. The commands make clients of their
	// own, so clouds.WithClient has no effect.
	Options func() []clouds.ParseOption

	// Browser is what opens an address, in the form of $BROWSER, unless --browser or
	// WEBSSO_BROWSER says something else. If empty, it is the user's browser.
	Browser string

	// OmitFlags are long names of options that the commands leave to the program. If the
	// program has a persistent flag of that name, they use its value.
	OmitFlags []string
}

// program is what the commands of one New share.
type program struct {
	config  Config
	root    *cobra.Command
	options []option
	shared  *pflag.FlagSet // the same, as flags

	// How commands tell their errors that tell them in a way of their own: true if nothing
	// more is to be said.
	tell map[*cobra.Command]func(*app, error) bool
}

// New returns the command with all its subcommands. It can be executed, added to another
// command, or taken apart: each of its Commands works below any other command. Commands
// from different calls of New share nothing.
func New(config Config) *cobra.Command {
	info, _ := debug.ReadBuildInfo()
	build := describeBuild(config.Version, info)
	p := &program{config: config, shared: newFlagSet(), tell: make(map[*cobra.Command]func(*app, error) bool)}
	p.options = p.allOptions()
	for _, o := range p.options {
		if !slices.Contains(config.OmitFlags, o.name) {
			o.addTo(p.shared)
		}
	}
	root := p.command(cmp.Or(config.Name, "websso")+" COMMAND", "sign in to OpenStack in your browser, for every tool", nil, nil)
	p.root = root
	root.Long = helpText("about.txt")
	root.Args = unknownCommand
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.Version = build.Version
	root.SetVersionTemplate("{{.Root.Name}} " + build.String() + "\n")
	root.PersistentFlags().AddFlagSet(p.shared)
	root.AddCommand(
		p.login(), p.logout(), p.status(), p.projects(), p.doctor(),
		p.token(), p.env(), p.exec(), p.kubeCredential(), p.credential(),
		p.export(), p.importCommand(),
		p.completion(), p.versionCommand(build),
	)
	root.AddCommand(p.topics()...)
	root.SetHelpCommand(p.helpCommand())
	for _, c := range append(root.Commands(), root) {
		check := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return p.fail(newApp(p, c), unusable(err))
			}
			return nil
		}
		p.completeOptions(c)
	}
	return root
}

// command returns a command with its own options, which flags defines, and the shared
// ones.
func (p *program) command(use, short string, flags func(*pflag.FlagSet), run func(context.Context, *app, []string) error) *cobra.Command {
	if !strings.Contains(use, "[OPTION...]") {
		use += " [OPTION...]"
	}
	c := &cobra.Command{
		Use: use, Short: short,
		Args: noArguments, ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage: true, DisableFlagsInUseLine: true,
	}
	c.Long, c.Example, _ = strings.Cut(helpText(c.Name()+".txt"), "\n\nExamples:\n")
	c.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	c.Flags().SortFlags = false
	if flags != nil {
		own := newFlagSet()
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
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return p.fail(newApp(p, c), unusable(usageError(c, err))) })
	c.SetHelpFunc(p.showHelp)
	c.SetUsageFunc(p.showUsage)
	c.RunE = func(c *cobra.Command, args []string) error { return p.run(c, args, run) }
	return c
}

// run runs a command until it is done or a signal stops it.
func (p *program) run(c *cobra.Command, args []string, run func(context.Context, *app, []string) error) error {
	a := newApp(p, c)
	if err := a.readVariables(); err != nil {
		return p.fail(a, unusable(err))
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	stopOnSignal(ctx, cancel)
	err := run(ctx, a, args)
	if stop := (stopped{}); err != nil && !isTold(err) && errors.As(context.Cause(ctx), &stop) {
		err = stop
	}
	return p.fail(a, sayHowToSignIn(a, err))
}

// fail tells an error to the user, unless another root command than ours does, and returns
// what the command returns.
func (p *program) fail(a *app, err error) error {
	if err == nil {
		return nil
	}
	said := isTold(err)
	if tell := p.tell[a.cmd]; tell != nil {
		said = tell(a, err)
	}
	said = said || a.screen.Heard(err)
	if !said && a.cmd.Root() == p.root {
		a.screen.Fail(err)
		said = true
	}
	a.cmd.SilenceErrors = said
	return failed{err}
}

// stopOnSignal cancels ctx on the first signal that asks the program to stop. The second one
// kills it, whatever it is doing. A signal that the parent process set to be ignored,
// as nohup does, stays ignored, also for the command that exec runs.
func stopOnSignal(ctx context.Context, cancel context.CancelCauseFunc) {
	ch := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(ch, s)
		}
	}
	go func() {
		var s os.Signal
		select {
		case s = <-ch:
		case <-ctx.Done():
		}
		signal.Stop(ch)
		cancel(stopped{s}) // of no effect if ctx is done
	}()
}
