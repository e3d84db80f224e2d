package command

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/command/internal/handover"
	"github.com/gophercloud-websso/websso/command/internal/screen"
)

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
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return p.fail(p.newApp(c), unusable(usageError(c, err))) })
	c.SetHelpFunc(p.showHelp)
	c.SetUsageFunc(p.showUsage)
	c.RunE = func(c *cobra.Command, args []string) error { return p.run(c, args, run) }
	return c
}

// read returns a run of a command, with its options and variables read.
func (p *program) read(c *cobra.Command) (*app, error) {
	a := p.newApp(c)
	err := a.readVariables()
	a.cache, a.cachedIn = a.newCache()
	return a, err
}

func (p *program) newApp(c *cobra.Command) *app {
	a := &app{
		config: p.config, options: p.options, version: p.root.Version, cmd: c, beside: make(map[string]string), stdout: c.OutOrStdout(), screen: screen.New(c.ErrOrStderr(), c.Root().Name()),
		user: handover.Read(os.Environ(), c.Flags().Changed("cloud")), defaultCloud: p.config.Cloud, cloudsYAML: p.config.CloudsYAML,
	}
	a.env = a.user.Variables()
	if c.HasParent() {
		for _, other := range c.Parent().Commands() { // which sorts them, so a goroutine can't ask later
			a.beside[other.Name()] = other.CommandPath()
		}
	}
	return a
}

// run runs a command until it is done or a signal stops it.
func (p *program) run(c *cobra.Command, args []string, run func(context.Context, *app, []string) error) error {
	a, err := p.read(c)
	if err != nil {
		return p.fail(a, unusable(err))
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	defer cancel(nil)
	stopOnSignal(ctx, cancel)
	err = run(ctx, a, args)
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
