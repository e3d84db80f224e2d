package command

import (
	"context"
	"errors"
	"os"
	"os/signal"
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
	version string
	root    *cobra.Command
	help    help

	// How commands tell their errors that tell them in a way of their own: true if nothing
	// more is to be said.
	tell map[*cobra.Command]func(*app, error) bool
}

// command returns a command with its own options, which flags defines, and the shared
// ones.
func (p *program) command(use, short string, flags func(*pflag.FlagSet), run func(context.Context, *app, []string) error) *cobra.Command {
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
		if p.config.Name != "" {
			own.VisitAll(func(f *pflag.Flag) { f.Shorthand = "" })
		}
		c.Flags().AddFlagSet(without(own, p.config.OmitFlags))
	}
	// Not as persistent flags of the root alone: the command may move to another.
	c.Flags().AddFlagSet(p.help.shared)
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return p.fail(newApp(c), unusable(usageError(c, err))) })
	c.SetHelpFunc(p.help.show)
	c.SetUsageFunc(p.help.usage)
	c.RunE = func(c *cobra.Command, args []string) error { return p.run(c, args, run) }
	return c
}

// run runs a command until it is done or a signal stops it.
func (p *program) run(c *cobra.Command, args []string, run func(context.Context, *app, []string) error) error {
	a, err := p.read(c)
	if err != nil {
		return p.fail(a, unusable(err))
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	defer onSignal(func(s os.Signal) { cancel(stopped{s}) })()
	err = run(ctx, a, args)
	if stop := (stopped{}); err != nil && !isTold(err) && errors.As(context.Cause(ctx), &stop) {
		err = stop
	}
	return p.fail(a, sayHowToSignIn(a, err))
}

// read returns a run of a command, with its options and variables read.
func (p *program) read(c *cobra.Command) (*app, error) {
	a := newApp(c)
	a.browser, a.version, a.cloudsYAML, a.options = p.config.Browser, p.version, p.config.CloudsYAML, p.config.Options
	var err error
	a.values, err = readValues(c.Flags(), p.config.Cloud)
	a.cache = a.newCache()
	return a, err
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
