package command

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso/command/internal/screen"
)

// app is one run of a command.
type app struct {
	*program
	values

	cmd    *cobra.Command
	stdout io.Writer
	screen *screen.Screen

	requests atomic.Int32 // to Keystone, while debugging

	atExit func(status int) // if not nil, called last
}

func (p *program) newApp(c *cobra.Command) (*app, error) {
	a := &app{program: p, cmd: c, stdout: c.OutOrStdout(), screen: newScreen(c)}
	var err error
	a.values, err = readValues(c.Flags())
	return a, err
}

func newScreen(c *cobra.Command) *screen.Screen {
	return screen.New(c.ErrOrStderr(), c.Root().Name())
}

// print writes a result.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// path is how the user calls a command that stands beside this one.
func (a *app) path(name string) string {
	if a.cmd.HasParent() {
		return a.cmd.Parent().CommandPath() + " " + name
	}
	return a.cmd.CommandPath() + " " + name
}

// fail tells an error to the user, unless another root command than ours does. It
// returns what the command returns.
func (a *app) fail(err error) error {
	if err == nil {
		return nil
	}
	_, said := err.(alreadySaid) //nolint:errorlint // as it comes from the command
	if !said && a.cmd.Root() == a.root {
		a.screen.Fail(err)
	}
	// Otherwise it is for the root to print.
	if said || a.screen.Heard(err) {
		a.cmd.SilenceErrors = true
	}
	return failed{err}
}
