package websso_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// browserVariable holds the file in which a browser that a test names in $BROWSER records
// its arguments.
const browserVariable = "WEBSSO_TEST_BROWSER"

// playBrowser is that browser. Without a file it fails.
func playBrowser(file string) {
	fmt.Println("chatter on standard output")
	fmt.Fprintln(os.Stderr, "chatter")
	err := os.WriteFile(file+".new", []byte(strings.Join(os.Args[1:], "\n")+"\n"), 0o600)
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		os.Exit(1)
	}
}

// TestBrowserVariable sets $BROWSER to a program that records its arguments.
func TestBrowserVariable(t *testing.T) {
	dir := t.TempDir()
	program := os.Args[0]
	must(t, os.Mkdir(filepath.Join(dir, "My Browsers"), 0o700))
	spaced := filepath.Join(dir, "My Browsers", "the browser.exe")
	content, err := os.ReadFile(program)
	must(t, err)
	must(t, os.WriteFile(spaced, content, 0o700))
	or := string(os.PathListSeparator)

	for name, test := range map[string]struct {
		browser string
		want    []string // URL stands for the address
	}{
		"alone":                 {program, []string{"URL"}},
		"arguments":             {program + " --new-window -P default", []string{"--new-window", "-P", "default", "URL"}},
		"%s":                    {program + " --url=%s --done", []string{"--url=URL", "--done"}},
		"%s twice":              {program + " %s %s", []string{"URL", "URL"}},
		"spaces in the path":    {spaced, []string{"URL"}},
		"spaces and arguments":  {spaced + " --app %s", []string{"--app", "URL"}},
		"quoted":                {`"` + spaced + `" 'an argument' %s`, []string{"an argument", "URL"}},
		"a shell's characters":  {program + " $(id) && | `id` %PATH% ^", []string{"$(id)", "&&", "|", "`id`", "%PATH%", "^", "URL"}},
		"a list, the first":     {program + " 1" + or + program + " 2", []string{"1", "URL"}},
		"a list, first missing": {filepath.Join(dir, "none") + or + program + " 2", []string{"2", "URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			args := filepath.Join(t.TempDir(), "args")
			t.Setenv(browserVariable, args)
			t.Setenv("BROWSER", test.browser)
			ks := webssotest.NewKeystone(t)
			stdout := captureStdout(t)
			a := begin(t, ks, systemBrowser)
			var got []byte
			poll(t, func() (read bool) { // on Windows not before the one who renamed it has closed it
				got, err = os.ReadFile(args)
				return err == nil
			})
			want := strings.ReplaceAll(strings.Join(test.want, "\n")+"\n", "URL", a.start)
			if string(got) != want {
				t.Errorf("got arguments\n%swant\n%s", got, want)
			}
			a.finish(tokenOfOtherPort(t, ks))
			if s := stdout(); s != "" {
				t.Errorf("got %q on standard output, want nothing", s)
			}
			if strings.Contains(a.output.String(), "chatter") {
				t.Errorf("got the browser's output, want none of it:\n%s", a.output)
			}
		})
	}
}

// TestBrowserFails shows that a browser that is missing, fails or blocks does not fail the
// sign-in.
func TestBrowserFails(t *testing.T) {
	const noDisplay = "there is no display here"
	blocked := make(chan struct{})
	defer close(blocked)
	for name, test := range map[string]struct {
		browser string
		open    func(string) error
		says    string
	}{
		"no program":      {browser: filepath.Join("nonexistent", "browser"), says: "could not open a browser"},
		"fails":           {browser: os.Args[0], says: "could not open a browser.*exit status 1"},
		"no display":      {browser: "", says: noDisplay},
		"OpenURL fails":   {open: func(string) error { return errors.New("out of \x1b[31mwindows") }, says: `could not open a browser: out of \\x1b\[31mwindows`},
		"OpenURL advises": {open: func(string) error { return errors.New("no\nRun:\n  a\x1b") }, says: `could not open a browser: no\nwebsso: Run:\nwebsso:   a\\x1b`},
		"OpenURL blocks":  {open: func(string) error { <-blocked; return nil }, says: "to sign in to"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.says == noDisplay && (runtime.GOOS == "windows" || runtime.GOOS == "darwin") {
				t.Skip("there is always a display")
			}
			t.Setenv("BROWSER", test.browser)
			t.Setenv(browserVariable, filepath.Join(t.TempDir(), "missing", "args"))
			ks := webssotest.NewKeystone(t)
			a := begin(t, ks, func(o *websso.AuthOptions) { o.OpenURL = test.open })
			await(t, a.output, test.says)
			a.finish(tokenOfOtherPort(t, ks))
		})
	}
}

// TestOverSSH wants the command that forwards the port from the user's computer.
func TestOverSSH(t *testing.T) {
	t.Setenv("SSH_CONNECTION", "192.0.2.7 51234 192.0.2.1 22")
	t.Setenv("USER", "alice")
	ks := webssotest.NewKeystone(t)
	a := begin(t, ks, systemBrowser)
	p := port(a.origin)
	want := "\nwebsso:   ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:" + p + ":localhost:" + p + " -L \"[::1]:" + p + ":localhost:" + p + "\" alice@192.0.2.1\n"
	await(t, a.output, "no display|connected by SSH")
	if await(t, a.output, "ssh -N[^\n]*\n"); !strings.Contains(a.output.String(), want) {
		t.Errorf("got\n%swant it to contain %q", a.output, want)
	}
	a.finish(tokenOfOtherPort(t, ks))
}

// systemBrowser leaves the choice of a browser to the library.
func systemBrowser(o *websso.AuthOptions) { o.OpenURL = nil }

// tokenOfOtherPort signs alice in on another port, while a sign-in waits on the usual one.
func tokenOfOtherPort(t *testing.T, ks *webssotest.Keystone) string {
	t.Helper()
	other := webssotest.NewKeystone(t).AuthOptions().RedirectPort // is free
	trust(ks, other)
	return tokenOf(t, ks, "alice", func(o *websso.AuthOptions) { o.RedirectPort = other })
}

// captureStdout redirects standard output until the returned function is called, which
// returns what was written.
func captureStdout(t *testing.T) func() string {
	t.Helper()
	r, w, err := os.Pipe()
	must(t, err)
	old := os.Stdout
	os.Stdout = w
	return func() string {
		os.Stdout = old
		w.Close()
		content, err := io.ReadAll(r)
		must(t, err)
		return string(content)
	}
}
