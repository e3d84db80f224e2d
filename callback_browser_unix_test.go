//go:build unix

package websso_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestBrowserVariable has $BROWSER name a program that keeps what it was called with.
func TestBrowserVariable(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "browser")
	script := "#!/bin/sh\necho chatter on standard output\necho chatter >&2\nprintf '%s\\n' \"$@\" >\"$WEBSSO_TEST_ARGS.new\"\nmv \"$WEBSSO_TEST_ARGS.new\" \"$WEBSSO_TEST_ARGS\"\n"
	must(t, os.WriteFile(program, []byte(script), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, "My Browsers"), 0o700))
	spaced := filepath.Join(dir, "My Browsers", "the browser")
	must(t, os.WriteFile(spaced, []byte(script), 0o700))

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
		"a shell's characters":  {program + " $(id) ; && | `id`", []string{"$(id)", ";", "&&", "|", "`id`", "URL"}},
		"a list, the first":     {program + " 1:" + program + " 2", []string{"1", "URL"}},
		"a list, first missing": {filepath.Join(dir, "none") + ":" + program + " 2", []string{"2", "URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			args := filepath.Join(t.TempDir(), "args")
			t.Setenv("WEBSSO_TEST_ARGS", args)
			t.Setenv("BROWSER", test.browser)
			ks := webssotest.NewKeystone(t)
			stdout := captureStdout(t)
			a := beginWithSystemBrowser(t, ks)
			poll(t, func() bool { _, err := os.Stat(args); return err == nil })
			got, err := os.ReadFile(args)
			must(t, err)
			want := strings.ReplaceAll(strings.Join(test.want, "\n")+"\n", "URL", a.start)
			if string(got) != want {
				t.Errorf("called with\n%swant\n%s", got, want)
			}
			a.finish(tokenOfOtherPort(t, ks))
			if s := stdout(); s != "" {
				t.Errorf("on standard output: %q", s)
			}
			if strings.Contains(a.output.String(), "chatter") {
				t.Errorf("on Output:\n%s", a.output)
			}
		})
	}
}

// TestSystemBrowser has what pkg/browser would start print, which goes to standard output
// unless it is kept from that.
func TestSystemBrowser(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("xdg-open is for Linux")
	}
	dir := t.TempDir()
	args := filepath.Join(dir, "args")
	must(t, os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho chatter\necho chatter >&2\necho \"$1\" >"+args+".new\nmv "+args+".new "+args+"\n"), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("BROWSER", "")
	t.Setenv("DISPLAY", ":99")
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	p := start(t, ks, "", func(o *websso.AuthOptions) { o.OpenURL = nil })
	poll(t, func() bool { _, err := os.Stat(args); return err == nil })
	if got, _ := os.ReadFile(args); !strings.HasPrefix(string(got), "http://localhost:") {
		t.Errorf("opened %q", got)
	}
	p.Process.Kill()
	if out, _ := p.end(); out != "" {
		t.Errorf("on standard output: %q", out)
	}
}

// TestBrowserFails shows an opener that fails, blocks or isn't there to fail nothing.
func TestBrowserFails(t *testing.T) {
	blocked := make(chan struct{})
	defer close(blocked)
	for name, test := range map[string]struct {
		browser string
		open    func(string) error
		says    string
	}{
		"no program":     {browser: "/nonexistent/browser", says: "no browser could be opened"},
		"fails":          {browser: "false", says: "no browser could be opened.*exit status 1"},
		"no display":     {browser: "", says: "there is no display here"},
		"OpenURL fails":  {open: func(string) error { return errors.New("out of \x1b[31mwindows") }, says: `no browser could be opened: out of \\x1b\[31mwindows`},
		"OpenURL blocks": {open: func(string) error { <-blocked; return nil }, says: "to sign in to"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("BROWSER", test.browser)
			t.Setenv("DISPLAY", "")
			t.Setenv("WAYLAND_DISPLAY", "")
			ks := webssotest.NewKeystone(t)
			a := beginWithSystemBrowser(t, ks, func(o *websso.AuthOptions) { o.OpenURL = test.open })
			a.output.await(t, test.says)
			a.finish(tokenOfOtherPort(t, ks))
		})
	}
}

// TestOverSSH shows the command that a person on another computer needs.
func TestOverSSH(t *testing.T) {
	t.Setenv("SSH_CONNECTION", "192.0.2.7 51234 192.0.2.1 22")
	t.Setenv("USER", "alice")
	t.Setenv("BROWSER", "")
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	ks := webssotest.NewKeystone(t)
	a := beginWithSystemBrowser(t, ks)
	p := port(a.origin)
	want := "\nwebsso:   ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:" + p + ":localhost:" + p + " -L '[::1]:" + p + ":localhost:" + p + "' alice@192.0.2.1\n"
	a.output.await(t, "no display")
	if a.output.await(t, "ssh -N[^\n]*\n"); !strings.Contains(a.output.String(), want) {
		t.Errorf("want %q in\n%s", want, a.output)
	}
	a.finish(tokenOfOtherPort(t, ks))
}

// beginWithSystemBrowser begins a sign-in whose OpenURL is nil, unless changed, and reads the
// address from what the person is told, which is there before anything opens.
func beginWithSystemBrowser(t *testing.T, ks *webssotest.Keystone, changes ...func(*websso.AuthOptions)) *attempt {
	t.Helper()
	a := &attempt{t: t, opts: ks.AuthOptions(), output: &transcript{}, ended: make(chan struct{})}
	a.opts.Cache, a.opts.Output, a.opts.OpenURL = &websso.MemoryCache{}, a.output, nil
	for _, change := range changes {
		change(&a.opts)
	}
	a.client = newClient(t, ks)
	go func() {
		defer close(a.ended)
		a.err = websso.Authenticate(t.Context(), a.client, a.opts)
	}()
	a.start = a.output.await(t, `to sign in to [^\n]*\n[^\n]*(http://\S+)`)[1]
	a.origin = a.start[:strings.Index(a.start, "/auth/")]
	return a
}

// tokenOfOtherPort gets alice a token while a sign-in waits on the Keystone's own port.
func tokenOfOtherPort(t *testing.T, ks *webssotest.Keystone) string {
	t.Helper()
	other := webssotest.NewKeystone(t).AuthOptions().RedirectPort // free, too
	trust(ks, other)
	return tokenOf(t, ks, "alice", func(o *websso.AuthOptions) { o.RedirectPort = other })
}

// captureStdout keeps what goes to standard output until the returned function is called.
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
