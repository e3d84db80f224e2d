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
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// maxTraveler is the largest exported sign-in that is read.
const maxTraveler = 64 << 10

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
			cloud, err := a.cloud()
			if err != nil {
				return err
			}
			if f, ok := a.stdout.(*os.File); ok && !isPipe(f) {
				return unusable{errors.New("a sign-in must not be shown or stored; pass it on, as in\n  " + cloud.travelLine(browser.Way{Command: "ssh HOST", Shell: true}, "websso"))}
			}
			stop := a.screen.During("the sign-in to " + cloud.host())
			text, err := websso.Export(ctx, cloud.client(), cloud.opts)
			stop()
			if err != nil {
				return cloud.classify(err)
			}
			return a.print(text + "\n")
		})
}

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
			cloud, err := a.cloud()
			if err != nil {
				return err
			}
			if a.text("cache") == cacheMemory {
				return unusable{errors.New("import with --cache memory would be forgotten at once: use another cache")}
			}
			if !isPipe(os.Stdin) {
				way, ok := browser.Here().Way()
				if !ok {
					way = browser.Way{Command: "ssh HOST", Shell: true}
				}
				return unusable{errors.New("this reads the sign-in of another computer; run on that one\n  " + cloud.travelLine(way, remoteSelf()))}
			}
			text, err := readAll(ctx, os.Stdin)
			if err != nil {
				return err
			}
			return cloud.classify(websso.Import(ctx, cloud.client(), cloud.opts, text))
		})
}

// isPipe reports whether what goes through f is neither shown nor stored.
func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

// readAll reads f, which ends when the other computer has nothing more to send.
func readAll(ctx context.Context, f *os.File) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(f, maxTraveler))
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return "", fmt.Errorf("reading the sign-in: %w", r.err)
		}
		return string(r.text), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// classify gives an error of the library its exit status, and calls settings by the name
// under which the user has set them.
func (c *cloud) classify(err error) error {
	if err == nil {
		return nil
	}
	var mistake *cloudconf.SettingError
	if errors.As(err, &mistake) && mistake.Err == nil {
		return unusable{c.rename(err)}
	}
	return c.rename(err)
}

// offerTravel says how a sign-in gets here from a computer with a browser.
func (c *cloud) offerTravel(here browser.Computer) {
	if way, ok := here.Way(); ok && c.cache != cacheMemory {
		c.app.screen.Say("no browser opens here. On a computer that has one, and websso, run this line; it signs you in there, and then this program goes on by itself:\n  %s",
			c.travelLine(way, remoteSelf()))
	}
}

// travelLine is the line that signs in on the computer where it is run, and passes that on
// by way to the one where program is websso.
func (c *cloud) travelLine(way browser.Way, program string) string {
	export := []string{"websso", "export"}
	imports := []string{program, "import"}
	described := c.description()
	if c.name == "" {
		export = append(export, described...)
		imports = append(imports, described...)
	} else {
		named := []string{"--cloud", c.name}
		if c.app.isSet("username") {
			named = append(named, "--username", c.opts.Username)
		}
		export = append(export, named...)
		if foundByDirectory() {
			// The command there starts in another directory, without these variables.
			imports = append(imports, described...)
		} else {
			imports = append(imports, named...)
		}
	}
	if c.cache != "" && c.cache != cacheFile {
		imports = append(imports, "--cache", c.cache)
	}
	if dir, err := cacheDir(c.cacheDir); err == nil && dir != "" {
		imports = append(imports, "--cache-dir", dir)
	}
	there := words(imports)
	if way.Shell && there != strings.Join(imports, " ") {
		there = word(there)
	}
	return words(export) + " | " + way.Command + " " + there
}

// description returns the options that describe the cloud by themselves.
func (c *cloud) description() []string {
	var options []string
	for _, o := range []struct{ name, value string }{
		{"--auth-url", c.opts.IdentityEndpoint},
		{"--identity-provider", c.opts.IdentityProvider},
		{"--protocol", c.opts.Protocol},
		{"--username", c.opts.Username},
		{"--cacert", c.cacert},
	} {
		if o.value != "" {
			options = append(options, o.name, o.value)
		}
	}
	if c.opts.RedirectPort != 0 {
		options = append(options, "--redirect-port", strconv.Itoa(c.opts.RedirectPort))
	}
	if c.isInsecure() {
		options = append(options, "--insecure")
	}
	return options
}

// foundByDirectory reports whether this directory or a variable decides which clouds.yaml
// is read.
func foundByDirectory() bool {
	if os.Getenv("OS_CLIENT_CONFIG_FILE") != "" {
		return true
	}
	for _, name := range []string{"clouds.yaml", "clouds.yml"} {
		if _, err := os.Stat(name); err == nil {
			return true
		}
	}
	return false
}

// remoteSelf returns how a command that comes from another computer calls this program:
// its shell reads no profile, which may have added to PATH.
func remoteSelf() string {
	path, err := os.Executable()
	if err != nil {
		return "websso"
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
