package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/browser"
)

func (p *program) export() *cobra.Command {
	return p.command("export", "pass your sign-in to another computer", nil, forCloud(func(ctx context.Context, a *app, c *cloud) error {
		if f, ok := a.stdout.(*os.File); ok && !isPipe(f) {
			return unusable(errors.New("a sign-in must not be shown or stored; pass it on, as in\n  " + c.travelLine(browser.Remote{Command: "ssh HOST", Shell: true}, a.cmd.Root().Name())))
		}
		text, err := websso.Export(ctx, c.client(), c.opts)
		if err != nil {
			return c.rename(err)
		}
		return a.print(text + "\n")
	}))
}

// isPipe reports whether what goes through f is neither shown nor stored.
func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

func (p *program) importCommand() *cobra.Command {
	return p.command("import", "take over a sign-in from another computer", nil, forCloud(func(ctx context.Context, a *app, c *cloud) error {
		if a.cacheKind() == cacheMemory {
			return unusable(errors.New("import with --cache memory would be forgotten at once: use another cache"))
		}
		stdin := a.cmd.InOrStdin()
		if f, ok := stdin.(*os.File); ok && !isPipe(f) {
			remote, ok := browser.Here().Remote()
			if !ok {
				remote = browser.Remote{Command: "ssh HOST", Shell: true}
			}
			return unusable(errors.New("this reads the sign-in of another computer from a pipe; run on that one\n  " + c.travelLine(remote, remoteSelf())))
		}
		// No exported sign-in is larger.
		text, err := readInput(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(stdin, 64<<10)) })
		if err != nil {
			return fmt.Errorf("reading the sign-in: %w", err)
		}
		return c.rename(websso.Import(ctx, c.client(), c.opts, string(text)))
	}))
}

// readInput returns what read returns, unless ctx ends first.
func readInput(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	var text []byte
	var err error
	done := make(chan struct{})
	go func() {
		text, err = read()
		close(done)
	}()
	select {
	case <-done:
		return text, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
