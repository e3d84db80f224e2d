package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestPython signs in through openstackclient and the plugin in python/, on a terminal.
func TestPython(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	const servers = "openstack server list --no-name-lookup -f value -c Name"
	const dwhos = "server of dwho in demo"

	t.Run("one sign-in for all", func(t *testing.T) {
		p := newPython(t, c)
		first, second := p.start(t, servers), p.start(t, servers)
		tab := open(t, engines[0].browser(t, browsers.Options{}), p.opened(t))
		tab.logIn("dwho")
		tab.outcome(true)
		for _, program := range []*program{first, second} {
			if text := program.end(t, 0); !strings.Contains(text, dwhos) {
				t.Errorf("got\n%s\nwant %q in it", text, dwhos)
			}
		}
		p.openedNothing(t)
		if got := p.asked(t, c); !slices.Equal(got, oneSignIn) {
			t.Errorf("got requests %q of websso, want %q", got, oneSignIn)
		}

		// Warm, in Python and in Go.
		token := strings.TrimSpace(p.run(t, 0, "websso token"))
		for _, script := range []string{servers, "openstack federation project list -f value -c Name", "openstack token issue -f value -c id"} {
			p.run(t, 0, script)
		}
		if got := p.run(t, 0, "openstack token issue -f value -c id"); !strings.Contains(got, token) {
			t.Error("got another token from openstackclient than from websso, want the same")
		}
		if got := p.asked(t, c); len(got) > 0 {
			t.Errorf("got requests %q of websso with a cached token, want none", got)
		}

		// The service refuses the revoked token, and the plugin heals that.
		c.revoke(t, token)
		if got := p.run(t, 0, servers); !strings.Contains(got, dwhos) {
			t.Errorf("got\n%s\nwant %q in it after the token was revoked", got, dwhos)
		}
		p.openedNothing(t)

		p.run(t, 0, "websso logout")
		if got := p.run(t, 1, servers+" </dev/null 2>&1 | cat; exit 1"); !strings.Contains(got, "websso login --auth-url ") {
			t.Errorf("got\n%s\nwant a line to sign in with after the sign-out", got)
		}
		p.openedNothing(t)
	})

	t.Run("Ctrl-C", func(t *testing.T) {
		p := newPython(t, c)
		client := p.start(t, "exec "+servers)
		p.opened(t)
		_, err := io.WriteString(client.keyboard, "\x03")
		must(t, err)
		client.end(t, 130)
		otherProgram(t, http.NotFoundHandler())() // the port is free
	})

	t.Run("attacked", func(t *testing.T) {
		p := newPython(t, c)
		mallory := c.tokenOf(t, "msmith")
		serveAttack(t, mallory)
		p.asked(t, c)
		client := p.start(t, servers)
		b := engines[0].browser(t, browsers.Options{})
		url := p.opened(t)
		hostile := attack(t, b, env(t, "EVIL_SITE"), url, mallory)
		// It would keep the browser too busy to go on without a code.
		hostile.do("closing it", hostile.tab.Close)
		tab := open(t, b, url)
		tab.logIn("dwho")
		tab.outcome(true)
		if text := client.end(t, 0); !strings.Contains(text, dwhos) {
			t.Errorf("got\n%s\nwant %q in it", text, dwhos)
		}
		if got := p.asked(t, c); !slices.Equal(got, oneSignIn) {
			t.Errorf("got requests %q, want %q: Keystone was asked about another user's token", got, oneSignIn)
		}
	})
}

// python is a user with openstackclient, the plugin, and a browser that only notes what it
// is told to open.
type python struct {
	noted
	dir, agent string
	before     int // requests to Keystone
}

func newPython(t *testing.T, c *cloud) *python {
	t.Helper()
	p := &python{dir: tempDir(t, "python")}
	command(t, "cp", buildCommand(t), filepath.Join(p.dir, "websso"))
	command(t, "/usr/bin/python3", "../python/backend.py", filepath.Join(p.dir, "plugin"))
	must(t, os.WriteFile(filepath.Join(p.dir, "clouds.yaml"), []byte(c.cloudsYAML(env(t, "CA"), "image_endpoint_override: "+imageURL)), 0o600))
	p.noted = newNoted(t, filepath.Join(p.dir, "browse"))
	var build struct{ Version string }
	must(t, json.Unmarshal([]byte(p.run(t, 0, "websso version -o json")), &build))
	p.agent = "websso/" + build.Version
	p.asked(t, c)
	return p
}

// asked returns the requests of websso to Keystone since the last call.
func (p *python) asked(t *testing.T, c *cloud) []string {
	t.Helper()
	all := c.asked(t, p.agent)
	since := all[p.before:]
	p.before = len(all)
	return since
}

// program is a shell with a terminal of its own.
type program struct {
	cmd      *exec.Cmd
	keyboard io.Writer
	output   *webssotest.Terminal
}

// start starts a script on a terminal.
func (p *python) start(t *testing.T, script string) *program {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "script", "--quiet", "--return", "--flush", "--command", script, "/dev/null")
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "HOME="+p.dir, "XDG_CACHE_HOME="+p.dir, "PATH="+p.dir+":"+os.Getenv("PATH"), "OS_CLOUD=websso",
		"PYTHONPATH="+filepath.Join(p.dir, "plugin"), "BROWSER="+filepath.Join(p.dir, "browse"), "COLUMNS=200", "SSH_CONNECTION=", "SSH_TTY=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output := &webssotest.Terminal{}
	cmd.Stdout, cmd.Stderr = output, output
	keyboard, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	return &program{cmd, keyboard, output}
}

// end waits until the program has ended with a status, and returns what it printed.
func (p *program) end(t *testing.T, want int) string {
	t.Helper()
	if got := exitStatus(p.cmd.Wait()); got != want {
		t.Fatalf("%s: got status %d, want %d\n%s", p.cmd.Args[5], got, want, p.output)
	}
	return p.output.String()
}

func (p *python) run(t *testing.T, want int, script string) string {
	t.Helper()
	return p.start(t, script).end(t, want)
}

// noted is the file into which a browser writes what it is told to open, and nothing else
// happens.
type noted string

// newNoted writes such a browser.
func newNoted(t *testing.T, program string) noted {
	t.Helper()
	path := noted(program + "-opened")
	// The file appears at once with all that is in it.
	must(t, os.WriteFile(program, fmt.Appendf(nil, "#!/bin/sh\nprintf %%s \"$1\" >%[1]q.new\nmv %[1]q.new %[1]q\n", string(path)), 0o700))
	return path
}

// opened waits until an address is opened, and returns it.
func (n noted) opened(t *testing.T) (url string) {
	t.Helper()
	eventually(t, "a browser opens", func() bool {
		text, err := os.ReadFile(string(n))
		url = string(text)
		return err == nil
	})
	must(t, os.Remove(string(n)))
	return url
}

func (n noted) openedNothing(t *testing.T) {
	t.Helper()
	if text, err := os.ReadFile(string(n)); err == nil {
		t.Errorf("opened %s, want nothing", text)
	}
}
