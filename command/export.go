package command

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/browser"
)

func (p *program) export() *cobra.Command {
	return p.command("export", "pass your sign-in to another computer",
		`Writes your sign-in for websso import on another computer, such as one without
a browser. If you are not signed in, your browser opens first.

Whoever reads it can act as you until the sign-in expires. So it is written to
a pipe only, never to a terminal or a file. Both computers then share one
sign-in: websso logout on either of them ends it for both, but tokens that the
other one already has for a project stay valid until they expire.

Examples:
  websso export --cloud mycloud | ssh host websso import --cloud mycloud`,
		nil,
		func(ctx context.Context, a *app, _ []string) error {
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			if f, ok := a.stdout.(*os.File); ok && !isPipe(f) {
				return unusable(errors.New("a sign-in must not be shown or stored; pass it on, as in\n  " + c.travelLine(browser.Way{Command: "ssh HOST", Shell: true}, a.cmd.Root().Name())))
			}
			text, err := websso.Export(ctx, c.client(), c.opts)
			if err != nil {
				return c.classify(err)
			}
			return a.print(text + "\n")
		})
}

// isPipe reports whether what goes through f is neither shown nor stored.
func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}
