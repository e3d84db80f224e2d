package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// app is one run of a command.
type app struct {
	values

	cmd    *cobra.Command
	beside map[string]string // how the user calls the commands beside this one, by name
	stdout io.Writer
	screen *screen.Screen

	asked      bool   // the user was asked for the cloud
	browser    string // in place of $BROWSER, if not empty
	version    string
	cloudsYAML []byte
	options    func() []clouds.ParseOption
	cache      websso.Cache
	requests   atomic.Int32 // to Keystone, while debugging
}

func newApp(c *cobra.Command) *app {
	a := &app{cmd: c, beside: make(map[string]string), stdout: c.OutOrStdout(), screen: screen.New(c.ErrOrStderr(), c.Root().Name())}
	if c.HasParent() {
		for _, other := range c.Parent().Commands() { // which sorts them, so a goroutine can't ask later
			a.beside[other.Name()] = other.CommandPath()
		}
	}
	return a
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
	if a.cloudsYAML == nil {
		a.cloudsYAML = fromPipe(a.get("OS_CLIENT_CONFIG_FILE"))
	}
	if a.cloudsYAML != nil {
		opts = append(opts, clouds.WithCloudsYAML(bytes.NewReader(a.cloudsYAML)))
	}
	if a.options != nil {
		opts = append(opts, a.options()...)
	}
	return opts
}
