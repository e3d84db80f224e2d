package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/browser"
)

// maxTraveler is the largest exported sign-in that is read.
const maxTraveler = 64 << 10

func (p *program) importCommand() *cobra.Command {
	return p.command("import", "take over a sign-in from another computer",
		`Reads from a pipe what websso export wrote on another computer, asks Keystone
whose sign-in it is, and uses it here for this cloud. A websso login that waits
for a browser here goes on with it. Both computers must name the cloud by the
same address.

Examples:
  websso export --cloud mycloud | ssh host websso import --cloud mycloud`,
		nil,
		func(ctx context.Context, a *app, _ []string) error {
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			if a.text("cache") == cacheMemory {
				return unusable(errors.New("import with --cache memory would be forgotten at once: use another cache"))
			}
			if !isPipe(os.Stdin) {
				way, ok := browser.Here().Way()
				if !ok {
					way = browser.Way{Command: "ssh HOST", Shell: true}
				}
				return unusable(errors.New("this reads the sign-in of another computer from a pipe; run on that one\n  " + c.travelLine(way, remoteSelf())))
			}
			text, err := readInput(ctx, func() (string, error) {
				text, err := io.ReadAll(io.LimitReader(os.Stdin, maxTraveler))
				return string(text), err
			})
			if err != nil {
				return fmt.Errorf("reading the sign-in: %w", err)
			}
			return c.classify(websso.Import(ctx, c.client(), c.opts, text))
		})
}

// readInput returns what read returns, unless ctx ends first.
func readInput(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
