package command

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gophercloud-websso/websso/internal/browser"
)

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
	if c.name == "" {
		export = append(export, described...)
		imports = append(imports, described...)
	} else {
		named := []string{"--cloud", c.name}
		if c.app.isSet("username") {
			named = append(named, "--username", c.opts.Username)
		}
		export = append(export, named...)
		if c.app.foundByDirectory() {
			// The command there starts in another directory, without these variables.
			imports = append(imports, described...)
		} else {
			imports = append(imports, named...)
		}
	}
	if where := c.app.text("cache"); where != cacheFile {
		imports = append(imports, "--cache", where)
	}
	if dir, err := cacheDir(c.app.text("cache-dir")); err == nil && dir != "" {
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
		{"--cacert", c.opts.TLSFiles.CACert},
		{"--cert", c.opts.TLSFiles.Cert},
		{"--key", c.opts.TLSFiles.Key},
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
func (a *app) foundByDirectory() bool {
	if a.get("OS_CLIENT_CONFIG_FILE") != "" {
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
