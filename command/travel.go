package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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
				return c.rename(err)
			}
			return a.print(text + "\n")
		})
}

// isPipe reports whether what goes through f is neither shown nor stored.
func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

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
			return c.rename(websso.Import(ctx, c.client(), c.opts, text))
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

// offerTravel says how a sign-in gets here from a computer with a browser.
func (c *cloud) offerTravel(here browser.Computer, run string) {
	way, ok := here.Way()
	if line := c.travelLine(way, remoteSelf()); ok && line != "" && c.app.text("cache") != cacheMemory {
		c.app.screen.Say("%s this line on a computer that has a browser and %s; it signs you in there, and then this program goes on by itself:\n  %s",
			run, c.app.cmd.Root().Name(), line)
	}
}

// travelLine is the line that signs in on the computer where it is run, and passes that on
// by way to the one where this program is called self. It is empty if the program has no
// commands for that.
func (c *cloud) travelLine(way browser.Way, self string) string {
	export, imports := strings.Fields(c.app.path("export")), strings.Fields(c.app.path("import"))
	if len(export) == 0 || len(imports) == 0 {
		return ""
	}
	imports[0] = self
	described := c.description()
	named := described
	if c.name != "" {
		named = []string{"--cloud", c.name}
		if c.app.isSet("username") {
			named = append(named, "--username", c.opts.Username)
		}
	}
	export = append(export, named...)
	if c.app.foundByDirectory() {
		named = described // the command there starts in another directory, without these variables
	}
	imports = append(imports, named...)
	if where := c.app.text("cache"); where != cacheFile {
		imports = append(imports, "--cache", where)
	}
	if dir := c.app.cacheDir(); dir != "" {
		imports = append(imports, "--cache-dir", dir)
	}
	there := words(imports)
	if way.Shell && there != strings.Join(imports, " ") {
		there = word(there)
	}
	return words(export) + " | " + way.Command + " " + there
}

// description returns the options that describe the cloud by themselves.
func (c *cloud) description() (options []string) {
	for _, o := range [][]string{
		{"--auth-url", c.opts.IdentityEndpoint},
		{"--identity-provider", c.opts.IdentityProvider},
		{"--protocol", c.opts.Protocol},
		{"--username", c.opts.Username},
		{"--cacert", c.opts.TLSFiles.CACert},
		{"--cert", c.opts.TLSFiles.Cert},
		{"--key", c.opts.TLSFiles.Key},
		{"--redirect-port", strings.TrimPrefix(strconv.Itoa(c.opts.RedirectPort), "0")},
	} {
		if o[1] != "" {
			options = append(options, o...)
		}
	}
	if c.isInsecure() {
		options = append(options, "--insecure")
	}
	return options
}

// foundByDirectory reports whether this directory or a variable decides which clouds.yaml
// is read.
func (a *app) foundByDirectory() bool {
	_, noYAML := os.Stat("clouds.yaml")
	_, noYML := os.Stat("clouds.yml")
	return a.get("OS_CLIENT_CONFIG_FILE") != "" || noYAML == nil || noYML == nil
}

// remoteSelf returns how a command that comes from another computer calls this program:
// its shell reads no profile, which may have added to PATH.
func remoteSelf() string {
	path, err := os.Executable()
	if err != nil {
		return filepath.Base(os.Args[0])
	}
	switch filepath.Dir(path) {
	case "/usr/bin", "/bin", "/usr/local/bin":
		return filepath.Base(path)
	}
	return path
}

// words writes a command line for a POSIX shell.
func words(all []string) string {
	quoted := make([]string, len(all))
	for i, w := range all {
		quoted[i] = word(w)
	}
	return strings.Join(quoted, " ")
}

// word writes a word so that a POSIX shell takes it as it is.
func word(w string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,="
	if w != "" && strings.Trim(w, plain) == "" {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
