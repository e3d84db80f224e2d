package command

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gophercloud-websso/websso/internal/browser"
)

// open shows the address of a sign-in to the user. Its error says how the user's sign-in gets
// here; it is left to the library to tell that, or not if it is too late.
func (c *cloud) open(url string) error {
	here := c.app.computer()
	if !c.app.bool("no-browser") {
		err := here.Open(url)
		if offer := c.travelOffer(here, "no browser opens here. Run"); err != nil && offer != "" {
			err = fmt.Errorf("%w\n%s", err, offer)
		}
		return err
	}
	run := "run"
	if hint := here.ForwardHint(c.redirect()); hint != "" && c.app.cmd.Name() != "logout" {
		c.app.screen.Say("%s", hint)
		run = "or run"
	}
	if offer := c.travelOffer(here, run); offer != "" {
		c.app.screen.Say("%s", offer)
	}
	return nil
}

// computer is where this runs, with the browser that the user or the program has set. No
// clouds.yaml sets one: a file that somebody else wrote must not run a command.
func (a *app) computer() browser.Computer {
	here := browser.Here()
	f, option, variable := a.cmd.Flags().Lookup("browser"), a.text("browser"), a.env[browserVariable]
	switch _, notBool := strconv.ParseBool(option); {
	case a.isSet("browser") && option != "" && (notBool != nil || f.NoOptDefVal == ""):
		here.Browser, here.Setting = option, "--browser"
	case f != nil && variable != "":
		here.Browser, here.Setting = variable, browserVariable
	default:
		here.Browser, here.Setting = a.config.Browser, a.cmd.Root().Name()+"'s own browser"
	}
	return here
}

// browserVariable stands for --browser, also beside logout's, which need not have a value.
const browserVariable = "WEBSSO_BROWSER"

// travelOffer says how a sign-in gets here from a computer with a browser, or is "", as for the
// page that signs the browser out.
func (c *cloud) travelOffer(here browser.Computer, run string) string {
	remote, ok := here.Remote()
	line := c.travelLine(remote, remoteSelf())
	if !ok || line == "" || c.app.cacheKind() == cacheMemory || c.app.cmd.Name() == "logout" {
		return ""
	}
	return run + " this line on a computer that has a browser and " + c.app.cmd.Root().Name() +
		"; it signs you in there, and then this program goes on by itself:\n  " + line
}

// travelLine is the line that signs in on the computer where it is run, and passes that on
// with remote to the one where this program is called self. It is empty if the program has no
// commands for that.
func (c *cloud) travelLine(remote browser.Remote, self string) string {
	export, imports := strings.Fields(c.app.beside["export"]), strings.Fields(c.app.beside["import"])
	if len(export) == 0 || len(imports) == 0 {
		return ""
	}
	imports = append([]string{self}, imports[len(strings.Fields(c.app.cmd.Root().CommandPath())):]...)
	described := c.description()
	named := described
	if c.name != "" {
		named = []string{"--cloud", c.name}
		if c.app.isSet("username") {
			named = append(named, "--username", c.opts.Username)
		}
	}
	export = append(export, named...)
	if here, _ := filepath.Glob("clouds.*"); len(here) > 0 || c.app.get("OS_CLIENT_CONFIG_FILE") != "" {
		named = described // the command there starts in another directory, without these variables
	}
	imports = append(imports, named...)
	if where := c.app.cacheKind(); where != cacheFile {
		imports = append(imports, "--cache", where)
	}
	if dir := c.app.cacheDir(); dir != "" {
		imports = append(imports, "--cache-dir", dir)
	}
	there := words(imports)
	if remote.Shell && there != strings.Join(imports, " ") {
		there = word(there)
	}
	return words(export) + " | " + remote.Command + " " + there
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
		{"--redirect-host", c.opts.RedirectHost},
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

// remoteSelf returns how a command that comes from another computer calls this program:
// its shell reads no profile, which may have added to PATH.
func remoteSelf() string {
	path, err := os.Executable()
	if err != nil || slices.Contains([]string{"/usr/bin", "/bin", "/usr/local/bin"}, filepath.Dir(path)) {
		return filepath.Base(cmp.Or(path, os.Args[0]))
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
