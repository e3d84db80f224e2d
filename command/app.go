package command

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/handover"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// app is one run of a command, with all that it is told: its options, and the variables
// behind them. Those are read once, and nothing is written back to the environment.
type app struct {
	program *program
	cmd     *cobra.Command
	beside  map[string]string // how the user calls the commands beside this one, by name
	stdout  io.Writer
	screen  *screen.Screen

	user         *handover.Environment
	env          map[string]string // as the user has set it
	defaultCloud string            // to use if nothing names or describes another
	asked        bool              // the user was asked for the cloud
	cloudsYAML   []byte            // in place of files, if not nil
	cache        websso.Cache
	requests     atomic.Int32 // to Keystone, while debugging
}

func newApp(p *program, c *cobra.Command) *app {
	a := &app{
		program: p, cmd: c, beside: make(map[string]string), stdout: c.OutOrStdout(), screen: screen.New(c.ErrOrStderr(), c.Root().Name()),
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

// readVariables gives the options that are not on the command line the values of their
// variables. An error says which variables have values that their options can't have.
func (a *app) readVariables() error {
	var invalid []error
	a.cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names := f.Annotations[variableOf]
		if len(names) == 0 || f.Changed { // the option itself wins
			return
		}
		text := a.env[names[0]]
		if err := f.Value.Set(cmp.Or(text, f.DefValue)); err != nil {
			invalid = append(invalid, fmt.Errorf("invalid %s %q: %s", names[0], text, should(f, err)))
		}
	})
	a.cache = a.newCache()
	return errors.Join(invalid...)
}

// isSet reports whether an option is on the command line.
func (a *app) isSet(name string) bool { return a.cmd.Flags().Changed(name) }

func (a *app) text(name string) string {
	f := a.cmd.Flags().Lookup(name)
	if f == nil {
		return ""
	}
	return f.Value.String()
}

func (a *app) bool(name string) bool {
	on, _ := strconv.ParseBool(a.text(name)) // checked, or another program's flag
	return on
}

func (a *app) duration(name string) time.Duration {
	d, _ := time.ParseDuration(a.text(name)) // checked, or another program's flag
	return d
}

// lookup is os.LookupEnv with options in place of the variables that they stand for.
func (a *app) lookup(variable string) (string, bool) {
	if name := a.option(variable); name != "" {
		return a.text(name), true
	}
	if variable == "OS_CLOUD" && a.env[variable] == "" && !a.describesCloud() {
		return a.defaultCloud, a.defaultCloud != ""
	}
	value, ok := a.env[variable]
	return value, ok
}

// option returns the option on the command line that takes the place of a variable, or "".
// Those for a scope replace the cloud's together. Read one by one they would be mixed with it.
func (a *app) option(variable string) string {
	for _, o := range a.program.options {
		if o.variable == variable && o.group != groupScope && a.isSet(o.name) {
			return o.name
		}
	}
	return ""
}

// called returns what messages call a variable: its option, or what it was before env or
// exec have replaced it, which unsetting it does not change.
func (a *app) called(variable string) string {
	switch name := a.option(variable); {
	case name != "":
		return "--" + name
	case a.user.IsKept(variable):
		return variable + " of before env"
	}
	return variable
}

func (a *app) get(variable string) string {
	value, _ := a.lookup(variable)
	return value
}

// describesCloud reports whether options or variables describe a cloud, if none is named.
func (a *app) describesCloud() bool {
	return a.isSet("auth-url") || a.env["OS_AUTH_URL"] != "" || a.env["OS_AUTH_TYPE"] != ""
}

// forgetClouds forgets what overrides each cloud of a clouds.yaml. OS_USERNAME stays: it is
// for the sign-ins of all clouds.
func (a *app) forgetClouds() {
	delete(a.env, "OS_CLOUD")
	for _, key := range cloudconf.All {
		switch key.Name {
		case "username", "cacert", "cert", "key", "redirect_host", "redirect_port", "login_timeout":
			continue
		}
		for _, name := range key.Variables {
			delete(a.env, name)
		}
	}
}

// anyScope reports whether the scope comes from the command line.
func (a *app) anyScope() bool {
	return slices.ContainsFunc(a.program.options, func(o option) bool { return o.group == groupScope && a.isSet(o.name) })
}

// sources returns the options for package clouds that say where to read.
func (a *app) sources() []clouds.ParseOption {
	if path := a.get("OS_CLIENT_CONFIG_FILE"); a.cloudsYAML == nil && isNamedPipe(path) {
		a.cloudsYAML, _ = os.ReadFile(path) // it can be read only once, and the files are read several times
	}
	opts := []clouds.ParseOption{clouds.WithEnv(a.lookup), clouds.WithNames(a.called)}
	if a.cloudsYAML != nil {
		opts = append(opts, clouds.WithCloudsYAML(bytes.NewReader(a.cloudsYAML)))
	}
	if more := a.program.config.Options; more != nil {
		opts = append(opts, more()...)
	}
	return opts
}

// isNamedPipe reports whether a path is a pipe, as of <(…) in a shell.
func isNamedPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
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

// prefixed returns text behind a prefix, or "" if there is no text.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
