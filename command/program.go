package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// program is what the commands of one New share.
type program struct {
	config Config
	root   *cobra.Command
	help   help

	// How commands tell their errors that tell them in a way of their own: true if nothing
	// more is to be said.
	tell map[*cobra.Command]func(*app, error) bool
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
	a.config = p.config
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

// app is one run of a command.
type app struct {
	values

	cmd    *cobra.Command
	stdout io.Writer
	screen *screen.Screen

	config   Config
	cache    websso.Cache
	requests atomic.Int32 // to Keystone, while debugging
}

func newApp(c *cobra.Command) *app {
	return &app{cmd: c, stdout: c.OutOrStdout(), screen: screen.New(c.ErrOrStderr(), c.Root().Name())}
}

// print writes a result.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// printJSON writes a result as JSON, on one line unless it is indented.
func (a *app) printJSON(value any, indent string) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// printAs prints a value as JSON, or its text, as --output says.
func (a *app) printAs(value any, text func() string) error {
	if a.text("output") == "json" {
		return a.printJSON(value, "  ")
	}
	return a.print(text())
}

// columns returns a table, with control characters of the cells escaped.
func columns(rows ...[]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = terminal.Escape(cell)
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	return b.String()
}

// debug tells the user of --debug what is decided and done. No argument may be a token.
func (a *app) debug(format string, args ...any) {
	if a.bool("debug") {
		a.screen.Say("debug: %s", fmt.Sprintf(format, args...))
	}
}

// path is how the user calls a command that stands beside this one, or "" if the program
// does not have it.
func (a *app) path(name string) string {
	if c := sibling(a.cmd, name); c != nil {
		return c.CommandPath()
	}
	return ""
}

// sibling returns the command of a name that stands beside another, or nil.
func sibling(c *cobra.Command, name string) *cobra.Command {
	if c.HasParent() {
		for _, other := range c.Parent().Commands() {
			if other.Name() == name {
				return other
			}
		}
	}
	return nil
}

// prefixed returns text behind a prefix, or "" if there is no text.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// fromPipe returns what the pipe at a path holds, as of <(…) in a shell, or nil if there is
// none. It can be read only once, and the files are read several times.
func fromPipe(path string) []byte {
	if info, err := os.Stat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return text
}

// sources returns the options for package clouds that say where to read.
func (a *app) sources() []clouds.ParseOption {
	opts := []clouds.ParseOption{clouds.WithEnv(a.lookup), clouds.WithNames(a.called)}
	if a.config.CloudsYAML == nil {
		a.config.CloudsYAML = fromPipe(a.get("OS_CLIENT_CONFIG_FILE"))
	}
	if a.config.CloudsYAML != nil {
		opts = append(opts, clouds.WithCloudsYAML(bytes.NewReader(a.config.CloudsYAML)))
	}
	if a.config.Options != nil {
		opts = append(opts, a.config.Options()...)
	}
	return opts
}
