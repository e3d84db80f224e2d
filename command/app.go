package command

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
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
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// app is one run of a command, with all that it is told: its options, and the variables
// behind them. Those are read once, and nothing is written back to the environment.
type app struct {
	config  Config
	options []option // that all commands have
	version string
	cmd     *cobra.Command
	beside  map[string]string // how the user calls the commands beside this one, by name
	stdout  io.Writer
	screen  *screen.Screen

	user         *handover.Environment
	env          map[string]string // as the user has set it
	defaultCloud string            // to use if nothing names or describes another
	onlyOptions  bool              // variables describe no cloud
	asked        bool              // the user was asked for the cloud
	cache        websso.Cache
	cachedIn     string
	requests     atomic.Int32 // to Keystone, while debugging

	cloudsYAML, secureYAML []byte // in place of files, if not nil
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
	return errors.Join(invalid...)
}

// isSet reports whether an option is on the command line.
func (a *app) isSet(name string) bool { return a.cmd.Flags().Changed(name) }

func (a *app) text(name string) string {
	if f := a.cmd.Flags().Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
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
	value, ok := a.env[variable]
	switch name := a.option(variable); {
	case name != "":
		return a.text(name), true
	case variable == "OS_CLOUD" && value == "" && !a.describesCloud():
		return a.defaultCloud, a.defaultCloud != ""
	}
	return value, ok
}

// option returns the option on the command line that takes the place of a variable, or "".
// Those for a scope replace the cloud's together. Read one by one they would be mixed with it.
func (a *app) option(variable string) string {
	for _, o := range a.options {
		if o.variable == variable && o.group != groupScope && (a.onlyOptions || a.isSet(o.name)) {
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

// forget forgets all OS_ variables but those to keep.
func (a *app) forget(keep ...string) {
	maps.DeleteFunc(a.env, func(name, _ string) bool { return strings.HasPrefix(name, "OS_") && !slices.Contains(keep, name) })
}

// anyScope reports whether the scope comes from the command line.
func (a *app) anyScope() bool {
	return slices.ContainsFunc(a.options, func(o option) bool { return o.group == groupScope && a.isSet(o.name) })
}

// sources returns the options for package clouds that say where to read.
func (a *app) sources() []clouds.ParseOption {
	if a.config.CloudsYAML == nil {
		a.cloudsYAML = a.piped("OS_CLIENT_CONFIG_FILE", a.cloudsYAML, false)
		a.secureYAML = a.piped("OS_CLIENT_SECURE_FILE", a.secureYAML, a.cloudsYAML != nil)
	}
	opts := []clouds.ParseOption{clouds.WithEnv(a.lookup), clouds.WithNames(a.called)}
	if a.cloudsYAML != nil {
		opts = append(opts, clouds.WithCloudsYAML(bytes.NewReader(a.cloudsYAML)))
	}
	if a.secureYAML != nil {
		opts = append(opts, clouds.WithSecureYAML(bytes.NewReader(a.secureYAML)))
	}
	if more := a.config.Options; more != nil {
		opts = append(opts, more()...)
	}
	return opts
}

// piped returns text or, if that is nil, the content of the file that a variable names, if it
// is a pipe, as from <(…) in a shell: files are read several times, which a pipe can't be.
func (a *app) piped(variable string, text []byte, always bool) []byte {
	if info, err := os.Stat(a.get(variable)); text == nil && err == nil && (always || info.Mode()&fs.ModeNamedPipe != 0) {
		text, _ = os.ReadFile(a.get(variable))
	}
	return text
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
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(value); err != nil {
		return err
	}
	return a.print(text.String())
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
