//go:build unix

package browser_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/browser"
)

func uid() string { return strconv.Itoa(os.Getuid()) }

const interop = "proc/sys/fs/binfmt_misc/WSLInterop"

// foreign is the status of a program that this system can't run, as those of Windows are
// without interop.
const foreign = "foreign"

// program writes a program that records its name and arguments in opened.
func program(t *testing.T, dir, name, status string) {
	t.Helper()
	if status == foreign {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("MZ\x90\x00"), 0o755))
		return
	}
	script := "#!/bin/sh\necho " + name + " \"$@\" >>" + filepath.Join(dir, "opened") + "\nexit " + status + "\n"
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
}

// TestOpenInWSL has a Linux that says it is WSL, and programs with the names of Windows'.
func TestOpenInWSL(t *testing.T) {
	for name, tt := range map[string]struct {
		files, env map[string]string
		programs   map[string]string // names in PATH, and their exit statuses
		want       string            // the program that opens the address last, or the error
	}{
		"wslview":                     {map[string]string{interop: "enabled"}, nil, map[string]string{"wslview": "0", "explorer.exe": "1"}, "wslview"},
		"wslview fails":               {map[string]string{interop: "enabled"}, nil, map[string]string{"wslview": "1", "explorer.exe": "1"}, "explorer.exe"},
		"explorer exits with 1":       {map[string]string{interop: "enabled"}, nil, map[string]string{"explorer.exe": "1"}, "explorer.exe"},
		"explorer exits with 0":       {map[string]string{interop: "enabled"}, nil, map[string]string{"explorer.exe": "0"}, "explorer.exe"},
		"explorer fails":              {map[string]string{interop: "enabled"}, nil, map[string]string{"explorer.exe": "126"}, "error: no browser of Windows"},
		"with systemd":                {map[string]string{interop + "-late": "enabled"}, nil, map[string]string{"explorer.exe": "1"}, "explorer.exe"},
		"by the kernel":               {map[string]string{"proc/sys/kernel/osrelease": "5.15.167.4-Microsoft-standard-WSL2\n"}, nil, map[string]string{"explorer.exe": "1"}, "explorer.exe"},
		"nothing of Windows":          {map[string]string{interop: "enabled"}, nil, nil, "error: no browser of Windows"},
		"interop is off":              {map[string]string{interop: "disabled"}, nil, map[string]string{"explorer.exe": foreign}, "error: no browser of Windows"},
		"interop is off, but WSLg":    {map[string]string{interop: "disabled"}, map[string]string{"DISPLAY": ":0"}, map[string]string{"wslview": foreign, "explorer.exe": foreign, "xdg-open": "0"}, "xdg-open"},
		"nothing, but WSLg":           {map[string]string{interop: "enabled"}, map[string]string{"DISPLAY": ":0"}, map[string]string{"xdg-open": "0"}, "xdg-open"},
		"BROWSER comes first":         {map[string]string{interop: "enabled"}, map[string]string{"BROWSER": "mine"}, map[string]string{"mine": "0", "wslview": "0"}, "mine"},
		"over SSH":                    {map[string]string{interop: "enabled"}, map[string]string{"SSH_CONNECTION": fromLaptop}, map[string]string{"wslview": "0"}, "error: no display"},
		"in a container":              {map[string]string{".dockerenv": "", "proc/sys/kernel/osrelease": "microsoft"}, nil, map[string]string{"wslview": "0"}, "error: no display"},
		"another Linux":               {map[string]string{"proc/sys/kernel/osrelease": "6.1.0-13-amd64"}, nil, map[string]string{"wslview": "0", "explorer.exe": "1"}, "error: no display"},
		"a Linux without binfmt_misc": {nil, nil, map[string]string{"explorer.exe": "1"}, "error: no display"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, status := range tt.programs {
				program(t, dir, name, status)
			}
			t.Setenv("PATH", dir)
			err := computer(t, "linux", tt.files, tt.env).Open("http://localhost:9990/auth/websso/KEY")
			if want, isError := strings.CutPrefix(tt.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want one with %q", err, want)
				}
				return
			}
			content, _ := os.ReadFile(filepath.Join(dir, "opened"))
			lines := strings.Split(strings.TrimSpace(string(content)), "\n")
			if last := lines[len(lines)-1]; err != nil || last != tt.want+" http://localhost:9990/auth/websso/KEY" {
				t.Errorf("got %q and error %v, want %s to open the address", last, err, tt.want)
			}
		})
	}
}

// TestVariable has lists of commands in $BROWSER, as Python's webbrowser reads them.
func TestVariable(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "mine", "0")
	program(t, dir, "other", "0")
	program(t, dir, "fails", "3")
	t.Setenv("PATH", dir)
	const url = "http://localhost:9990/"
	for variable, want := range map[string]string{ // what is run, one after the other, or the error
		"mine":                "mine URL",
		"mine --new %s":       "mine --new URL",
		"mine:other":          "mine URL",
		"fails %s:other":      "fails URL, other URL",
		"missing:other":       "other URL",
		":  ::other:":         "other URL",
		"&:\"\":other":        "other URL",
		"fails &:other":       "fails URL",
		"missing &:other %s&": "other URL&", // not a word of its own
		"fails":               "error: $BROWSER: fails: exit status 3",
		"fails:missing %s &":  `error: $BROWSER: fails: exit status 3; exec: "missing"`,
		":":                   "error: there is no display",
		"":                    "error: there is no display",
	} {
		t.Run(variable, func(t *testing.T) {
			os.Remove(filepath.Join(dir, "opened"))
			err := computer(t, "linux", nil, map[string]string{"BROWSER": variable}).Open(url)
			if want, isError := strings.CutPrefix(want, "error: "); isError {
				if err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("got error %v, want one with %q", err, want)
				}
				return
			}
			if err != nil {
				t.Errorf("got error %v, want none", err)
			}
			opened := func() string {
				content, _ := os.ReadFile(filepath.Join(dir, "opened"))
				return strings.ReplaceAll(strings.Join(strings.Split(strings.TrimSpace(string(content)), "\n"), ", "), url, "URL")
			}
			for end := time.Now().Add(20 * time.Second); opened() == "" && time.Now().Before(end); { // in the background
			}
			if got := opened(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestVariableInBackground has a browser that goes on running.
func TestVariableInBackground(t *testing.T) {
	dir := t.TempDir()
	end := filepath.Join(dir, "end")
	must(t, syscall.Mkfifo(end, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "runs"), []byte("#!/bin/sh\nread line <"+end+"\n"), 0o755))
	opened := make(chan error)
	go func() {
		opened <- computer(t, "linux", nil, map[string]string{"BROWSER": filepath.Join(dir, "runs") + " %s &"}).Open("http://localhost:9990/")
	}()
	select {
	case err := <-opened:
		if err != nil {
			t.Fatalf("got error %v, want none", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("got no return, want the browser to run in the background")
	}
	must(t, os.WriteFile(end, []byte("\n"), 0o600))
}

// TestExplorerOutsideOfPath has a WSL whose PATH is without that of Windows.
func TestExplorerOutsideOfPath(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c := computer(t, "linux", map[string]string{interop: "enabled", "mnt/c/Windows/.keep": ""}, nil)
	program(t, filepath.Join(c.Root, "mnt/c/Windows"), "explorer.exe", "1")
	if err := c.Open("http://localhost:9990/"); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

func TestOpenOverSSH(t *testing.T) {
	for _, system := range []string{"darwin", "windows"} {
		err := computer(t, system, nil, map[string]string{"SSH_CONNECTION": fromLaptop}).Open("http://localhost:9990/")
		if err == nil || !strings.Contains(err.Error(), "by SSH") {
			t.Errorf("%s: got error %v, want one that names SSH", system, err)
		}
	}
}

// TestInTmux has a tmux session that was attached from elsewhere than its windows say.
func TestInTmux(t *testing.T) {
	for name, tt := range map[string]struct {
		session     string // what tmux says
		display     bool
		destination string
	}{
		"attached over SSH, by X11 once":     {"SSH_CONNECTION=" + fromLaptop + "\n-DISPLAY\n", false, "alice@192.0.2.1"},
		"attached over SSH, by Wayland once": {"SSH_CONNECTION=" + fromLaptop + "\n", false, "alice@192.0.2.1"},
		"SSH with X11":                       {"SSH_CONNECTION=" + fromLaptop + "\nDISPLAY=localhost:10.0\n", true, "alice@192.0.2.1"},
		"attached here, by SSH once":         {"-SSH_CONNECTION\nDISPLAY=:0\n", true, ""},
		"it knows nothing":                   {"", true, "alice@198.51.100.1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			script := "#!/bin/sh\n[ \"$1\" = show-environment ] && printf '%s' '" + tt.session + "'\n"
			must(t, os.WriteFile(filepath.Join(dir, "tmux"), []byte(script), 0o755))
			for name, value := range map[string]string{
				"PATH": dir, "TMUX": "/tmp/tmux-0/default,1,0", "USER": "alice",
				"SSH_CONNECTION": "198.51.100.7 1 198.51.100.1 22", "DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0",
			} {
				t.Setenv(name, value)
			}
			c := browser.Here()
			if got := c.HasDisplay(); got != tt.display {
				t.Errorf("got a display %t, want %t", got, tt.display)
			}
			if got := c.SSHDestination(); got != tt.destination {
				t.Errorf("got %q, want %q", got, tt.destination)
			}
		})
	}
}

// TestInRealTmux asks a tmux, if there is one.
func TestInRealTmux(t *testing.T) {
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("there is no tmux")
	}
	socket := filepath.Join(t.TempDir(), "s")
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), tmux, append([]string{"-S", socket, "-f", "/dev/null"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	t.Setenv("SSH_CONNECTION", "")
	run("new-session", "-d", "sleep 60")
	t.Cleanup(func() { exec.Command(tmux, "-S", socket, "kill-server").Run() }) //nolint:noctx // after the test's context
	run("set-environment", "SSH_CONNECTION", fromLaptop)
	run("set-environment", "-r", "DISPLAY")
	t.Setenv("TMUX", socket+",1,0")
	t.Setenv("DISPLAY", ":0")
	c := browser.Here()
	if !strings.HasSuffix(c.SSHDestination(), "192.0.2.1") || c.HasDisplay() {
		t.Errorf("got %q and a display %t, want 192.0.2.1 and none", c.SSHDestination(), c.HasDisplay())
	}
}
