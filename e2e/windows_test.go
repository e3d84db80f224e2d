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
		login := w.command(t, "login", "--force")
		must(t, login.Start())
		p := open(t, engines[0].browser(t, browsers.Options{}), w.opened(t))
		p.logIn("dwho")
		p.outcome(true)
		login.ends(t, 0, " as dwho,")
	})
	t.Run("signed in", func(t *testing.T) {
		w.command(t, "status").ends(t, 0, "dwho")
		w.openedNothing(t)
	})
	t.Run("exec", func(t *testing.T) {
		w.command(t, "exec", "--", w.tidy).ends(t, 7, "")
	})
	t.Run("env in a batch file", func(t *testing.T) {
		batch := "@for /f \"delims=\" %%i in ('websso env --shell cmd') do @%%i\r\n@echo type=%OS_AUTH_TYPE% cloud=%OS_CLOUD% token=%OS_TOKEN:~0,2%\r\n"
		must(t, os.WriteFile(filepath.Join(w.dir, "env.bat"), []byte(batch), 0o600))
		w.shell(t, os.Getenv("WEBSSO_E2E_WINE"), "cmd", "/c", "env.bat").ends(t, 0, "type=v3token cloud= token=gA")
	})
	t.Run("Ctrl-C in exec", func(t *testing.T) {
		// script gives it a terminal, which wine makes a console of, and starts it with a
		// shell. That must not be there any more when Ctrl-C comes.
		exec := w.shell(t, "script", "--quiet", "--return", "--flush", "--command",
			fmt.Sprintf("exec %s %s exec -- %s wait", os.Getenv("WEBSSO_E2E_WINE"), w.program, w.tidy), "/dev/null")
		keyboard, err := exec.StdinPipe()
		must(t, err)
		must(t, exec.Start())
		eventually(t, "the command starts", func() bool { return strings.Contains(exec.printed(), "started") })
		_, err = io.WriteString(keyboard, "\x03")
		must(t, err)
		exec.ends(t, 7, "tidied up") // the command's own status
	})
	for _, stranger := range strangers {
		t.Run("a stranger on "+stranger.network+" "+stranger.addr, func(t *testing.T) {
			listener, err := new(net.ListenConfig).Listen(t.Context(), stranger.network, stranger.addr)
			must(t, err)
			defer listener.Close()
			w.command(t, "login", "--force").ends(t, 7, "port 9990 on "+stranger.named)
			w.openedNothing(t)
		})
	}
}

// windows is a Windows with the command, and with a browser that only notes what it is
// told to open.
type windows struct {
	noted
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
	must(t, os.WriteFile(filepath.Join(w.dir, "clouds.yaml"), []byte(c.cloudsYAML(`Z:`+strings.ReplaceAll(env(t, "CA"), "/", `\`))), 0o600))
	// What Windows opens goes from wine to the desktop's program for it.
	w.noted = newNoted(t, filepath.Join(w.dir, "xdg-open"))
	return w
}

func (w *windows) command(t *testing.T, args ...string) *printing {
	t.Helper()
	return w.shell(t, os.Getenv("WEBSSO_E2E_WINE"), append([]string{w.program}, args...)...)
}

// shell is a program of this system's in the environment that the command has.
func (w *windows) shell(t *testing.T, name string, args ...string) *printing {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "PATH="+w.dir+":"+os.Getenv("PATH"), "OS_CLOUD=websso")
	file, err := os.CreateTemp(w.dir, "output-")
	must(t, err)
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p := &printing{cmd, file}
	t.Cleanup(func() {
		t.Log(p.printed())
		file.Close()
	})
	return p
}

// printing is a program that prints to a file, because wine leaves programs of its own
// behind, and reading a pipe would end with the last of them.
type printing struct {
	*exec.Cmd
	file *os.File
}

func (p *printing) printed() string {
	text, _ := os.ReadFile(p.file.Name())
	return string(text)
}

// ends waits for the end, after it has started the program if need be.
func (p *printing) ends(t *testing.T, status int, says string) {
	t.Helper()
	if p.Process == nil {
		must(t, p.Start())
	}
	if got := exitStatus(p.Wait()); got != status || !strings.Contains(p.printed(), says) {
		t.Errorf("got status %d, want %d and %q", got, status, says)
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
