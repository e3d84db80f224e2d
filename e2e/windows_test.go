package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// TestWindows runs the command that is built for Windows, in wine: its system opens the
// browser, its console sends Ctrl-C.
func TestWindows(t *testing.T) {
	c := realCloud(t)
	if os.Getenv("WEBSSO_E2E_WINE") == "" {
		t.Skip("runs with e2e/run --wine only")
	}
	w := newWindows(t, c)

	t.Run("sign-in", func(t *testing.T) {
		out := w.output(t)
		login := w.command(t, out, "login", "--force")
		must(t, login.Start())
		ended := make(chan error, 1)
		go func() { ended <- login.Wait() }()
		p := open(t, engines[0].browser(t, browsers.Options{}), w.opened(t, ended, out))
		p.logIn("dwho")
		p.outcome(true)
		if err := <-ended; err != nil || !strings.Contains(out.String(), " as dwho,") {
			t.Fatalf("got %v, want a sign-in as dwho\n%s", err, out)
		}
	})
	t.Run("signed in", func(t *testing.T) {
		out := w.output(t)
		if err := w.command(t, out, "status").Run(); err != nil || !strings.Contains(out.String(), "dwho") {
			t.Errorf("got %v, want the sign-in of dwho\n%s", err, out)
		}
		w.openedNothing(t)
	})
	t.Run("exec", func(t *testing.T) {
		out := w.output(t)
		err := w.command(t, out, "exec", "--", w.tidy).Run()
		if status := exitStatus(err); status != 7 {
			t.Errorf("got status %d (%v), want the command's, which is 7\n%s", status, err, out)
		}
	})
	t.Run("env in a batch file", func(t *testing.T) {
		batch := "@for /f \"delims=\" %%i in ('websso env --shell cmd') do @%%i\r\n@echo type=%OS_AUTH_TYPE% cloud=%OS_CLOUD% token=%OS_TOKEN:~0,2%\r\n"
		must(t, os.WriteFile(filepath.Join(w.dir, "env.bat"), []byte(batch), 0o600))
		out := w.output(t)
		err := w.shell(t, out, os.Getenv("WEBSSO_E2E_WINE"), "cmd", "/c", "env.bat").Run()
		if err != nil || !strings.Contains(out.String(), "type=v3token cloud= token=gA") {
			t.Errorf("got %v, want a token in the variables, and no cloud\n%s", err, out)
		}
	})
	t.Run("Ctrl-C in exec", func(t *testing.T) {
		out := w.output(t)
		// script gives it a terminal, which wine makes a console of, and starts it with a
		// shell. That must not be there any more when Ctrl-C comes.
		exec := w.shell(t, out, "script", "--quiet", "--return", "--flush", "--command",
			fmt.Sprintf("exec %s %s exec -- %s wait", os.Getenv("WEBSSO_E2E_WINE"), w.program, w.tidy), "/dev/null")
		keyboard, err := exec.StdinPipe()
		must(t, err)
		must(t, exec.Start())
		eventually(t, "the command starts", func() bool { return strings.Contains(out.String(), "started") })
		_, err = io.WriteString(keyboard, "\x03")
		must(t, err)
		err = exec.Wait()
		if status := exitStatus(err); status != 7 || !strings.Contains(out.String(), "tidied up") {
			t.Errorf("got status %d (%v), want the command's after it has tidied up, which is 7\n%s", status, err, out)
		}
	})
	for _, stranger := range strangers {
		t.Run("a stranger on "+stranger.network+" "+stranger.addr, func(t *testing.T) {
			listener, err := new(net.ListenConfig).Listen(t.Context(), stranger.network, stranger.addr)
			must(t, err)
			defer listener.Close()
			out := w.output(t)
			err = w.command(t, out, "login", "--force").Run()
			if status := exitStatus(err); status != 7 || !strings.Contains(out.String(), "port 9990 on "+stranger.named) {
				t.Errorf("got status %d (%v), want 7 and the port on %s\n%s", status, err, stranger.named, out)
			}
			w.openedNothing(t)
		})
	}
}

// windows is a Windows with the command, and with a browser that only notes what it is
// told to open.
type windows struct {
	dir, program, tidy string
}

func newWindows(t *testing.T, c *cloud) *windows {
	t.Helper()
	w := &windows{dir: t.TempDir()}
	w.program, w.tidy = filepath.Join(w.dir, "websso.exe"), filepath.Join(w.dir, "tidy.exe")
	for program, source := range map[string]string{w.program: "../cmd/websso", w.tidy: "testdata/tidy"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
		build.Dir = source
		build.Env = append(os.Environ(), "GOOS=windows")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	must(t, os.WriteFile(filepath.Join(w.dir, "clouds.yaml"), fmt.Appendf(nil, `
clouds:
  websso:
    auth_type: v3websso
    identity_provider: lemon
    protocol: openid
    cacert: 'Z:%s'
    auth:
      auth_url: %s
      project_name: demo
      project_domain_name: Default
`, strings.ReplaceAll(env(t, "CA"), "/", `\`), c.endpoint), 0o600))
	// What Windows opens goes from wine to the desktop's program for it.
	opener := "#!/bin/sh\nprintf %s \"$1\" >\"$WEBSSO_E2E_OPENED.new\"\nmv \"$WEBSSO_E2E_OPENED.new\" \"$WEBSSO_E2E_OPENED\"\n"
	must(t, os.WriteFile(filepath.Join(w.dir, "xdg-open"), []byte(opener), 0o700))
	return w
}

func (w *windows) command(t *testing.T, out output, args ...string) *exec.Cmd {
	t.Helper()
	return w.shell(t, out, os.Getenv("WEBSSO_E2E_WINE"), append([]string{w.program}, args...)...)
}

// shell is a program of this system's in the environment that the command has.
func (w *windows) shell(t *testing.T, out output, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "PATH="+w.dir+":"+os.Getenv("PATH"), "OS_CLOUD=websso", "WEBSSO_E2E_OPENED="+w.noted())
	cmd.Stdout, cmd.Stderr = out.File, out.File
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// output is a file, because wine leaves programs of its own behind, and reading a pipe
// would end with the last of them.
type output struct{ *os.File }

func (w *windows) output(t *testing.T) output {
	t.Helper()
	file, err := os.CreateTemp(w.dir, "output-")
	must(t, err)
	t.Cleanup(func() { file.Close() })
	return output{file}
}

func (o output) String() string {
	text, err := os.ReadFile(o.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (w *windows) noted() string { return filepath.Join(w.dir, "opened") }

// opened waits until the command opens an address, and returns it.
func (w *windows) opened(t *testing.T, ended <-chan error, out output) (url string) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			t.Fatalf("the command ended: %v\n%s", err, out)
		case <-ticker.C:
		}
		if text, err := os.ReadFile(w.noted()); err == nil {
			must(t, os.Remove(w.noted()))
			return string(text)
		}
	}
}

func (w *windows) openedNothing(t *testing.T) {
	t.Helper()
	if text, err := os.ReadFile(w.noted()); err == nil {
		t.Errorf("opened %s, want nothing", text)
	}
}

// exitStatus is the status that a program ended with, or -1.
func exitStatus(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// strangers are the ways in which another program can hold the port, each with the
// address that an error has to name.
var strangers = []struct{ network, addr, named string }{
	{"tcp4", "127.0.0.1:9990", "127.0.0.1"},
	{"tcp6", "[::1]:9990", "::1"},
	{"tcp4", "0.0.0.0:9990", "127.0.0.1"},
	{"tcp6", "[::]:9990", "::1"},
	{"tcp", "[::]:9990", "127.0.0.1"}, // both families
}
