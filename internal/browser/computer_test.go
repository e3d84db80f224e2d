package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/browser"
)

// computer returns a computer with these files and variables.
func computer(t *testing.T, system string, files, env map[string]string) browser.Computer {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(content), 0o755))
	}
	return browser.Computer{OS: system, Root: root, Getenv: func(name string) string { return env[name] }}
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const fromLaptop = "192.0.2.7 51234 192.0.2.1 22"

func TestHasDisplay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		system string
		env    map[string]string
		want   bool
	}{
		"Linux":                     {"linux", nil, false},
		"Linux with X11":            {"linux", map[string]string{"DISPLAY": ":0"}, true},
		"Linux with Wayland":        {"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
		"SSH":                       {"linux", map[string]string{"SSH_CONNECTION": fromLaptop}, false},
		"SSH that forwards X11":     {"linux", map[string]string{"SSH_CONNECTION": fromLaptop, "DISPLAY": "localhost:10.0"}, true},
		"macOS":                     {"darwin", nil, true},
		"macOS over SSH":            {"darwin", map[string]string{"SSH_CONNECTION": fromLaptop}, false},
		"Windows":                   {"windows", nil, true},
		"Windows over SSH":          {"windows", map[string]string{"SSH_CONNECTION": fromLaptop}, false},
		"a variable that is no SSH": {"windows", map[string]string{"SSH_CONNECTION": "yes"}, true},
	} {
		if got := computer(t, tt.system, nil, tt.env).HasDisplay(); got != tt.want {
			t.Errorf("%s: got %t, want %t", name, got, tt.want)
		}
	}
}

// Lines of mountinfo as Docker and Podman make them.
const (
	dockerMounts = "590 500 0:54 / / rw,relatime - overlay overlay rw,upperdir=/var/lib/docker/overlay2/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/diff\n" +
		"601 590 254:1 /var/lib/docker/containers/98f7a1c0ffee0123456789abcdef0123456789abcdef0123456789abcdef0123/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw\n"
	podmanMounts = "710 700 0:25 /containers/storage/overlay-containers/98f7a1c0ffee0123456789abcdef0123456789abcdef0123456789abcdef0123/userdata/hostname /etc/hostname rw,nosuid,nodev - tmpfs tmpfs rw\n"
)

func TestWay(t *testing.T) {
	t.Parallel()
	podman, docker := map[string]string{"run/.containerenv": ""}, map[string]string{".dockerenv": ""}
	with := func(files map[string]string, name, content string) map[string]string {
		all := map[string]string{name: content}
		for n, c := range files {
			all[n] = c
		}
		return all
	}
	for name, tt := range map[string]struct {
		system     string
		files, env map[string]string
		want       string // "" if there is none
		shell      bool
	}{
		"at the computer":        {"linux", nil, nil, "", false},
		"SSH":                    {"linux", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "alice"}, "ssh alice@192.0.2.1", true},
		"SSH over IPv6":          {"linux", nil, map[string]string{"SSH_CONNECTION": "2001:db8::7 51234 2001:db8::1 22", "USER": "alice"}, "ssh alice@2001:db8::1", true},
		"SSH to macOS":           {"darwin", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "alice"}, "ssh alice@192.0.2.1", true},
		"SSH on another port":    {"linux", nil, map[string]string{"SSH_CONNECTION": "192.0.2.7 51234 192.0.2.1 2222", "USER": "alice"}, "ssh -p 2222 alice@192.0.2.1", true},
		"SSH of a domain's user": {"linux", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": `CORP\alice`}, `ssh "CORP\alice@192.0.2.1"`, true},
		"SSH with a space":       {"linux", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "alice b"}, `ssh "alice b@192.0.2.1"`, true},
		"SSH with a command":     {"linux", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "$(id)"}, "ssh 192.0.2.1", true},
		"SSH with an option":     {"linux", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "-v"}, "ssh 192.0.2.1", true},
		"SSH without a name":     {"windows", nil, map[string]string{"SSH_CONNECTION": fromLaptop}, "ssh 192.0.2.1", true},
		"SSH to Windows":         {"windows", nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USERNAME": "alice"}, "ssh alice@192.0.2.1", true},
		"podman":                 {"linux", with(podman, "etc/hostname", "0123456789ab\n"), nil, "podman exec -i 0123456789ab", false},
		"podman, privileged":     {"linux", map[string]string{"run/.containerenv": "engine=\"podman-5\"\nname=\"dev\"\nid=\"01\"\n"}, nil, "podman exec -i dev", false},
		"docker":                 {"linux", with(docker, "etc/hostname", "0123456789ab\n"), nil, "docker exec -i 0123456789ab", false},
		"docker, a name chosen":  {"linux", with(docker, "etc/hostname", "dev.example\n"), nil, "docker exec -i CONTAINER", false},
		"docker, by its files":   {"linux", with(with(docker, "etc/hostname", "dev.example\n"), "proc/self/mountinfo", dockerMounts), nil, "docker exec -i 98f7a1c0ffee", false},
		"podman, by its files":   {"linux", with(podman, "proc/self/mountinfo", podmanMounts), nil, "podman exec -i 98f7a1c0ffee", false},
		"a file of the name":     {"darwin", docker, nil, "", false},
		"toolbox":                {"linux", with(podman, "run/.toolboxenv", ""), nil, "", false},
		"distrobox":              {"linux", podman, map[string]string{"DISTROBOX_ENTER_PATH": "/usr/bin/distrobox-enter"}, "", false},
		"toolbox over SSH":       {"linux", with(podman, "run/.toolboxenv", ""), map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "alice"}, "ssh alice@192.0.2.1", true},
		"codespace":              {"linux", docker, map[string]string{"CODESPACES": "true", "CODESPACE_NAME": "fuzzy-guide-7x"}, "gh codespace ssh -c fuzzy-guide-7x --", true},
		"codespace, a bad name":  {"linux", docker, map[string]string{"CODESPACES": "true", "CODESPACE_NAME": "a; rm -rf /"}, "gh codespace ssh --", true},
		"WSL":                    {"linux", map[string]string{"proc/sys/fs/binfmt_misc/WSLInterop": "enabled"}, nil, "", false},
		"a container on WSL":     {"linux", with(docker, "proc/sys/kernel/osrelease", "5.15.0-microsoft-standard-WSL2"), nil, "docker exec -i CONTAINER", false},
	} {
		remote, ok := computer(t, tt.system, tt.files, tt.env).Remote()
		got := strings.Replace(remote.Command, " -u "+uid(), "", 1)
		if uid() != "-1" && strings.Contains(got, " exec ") && got == remote.Command {
			t.Errorf("%s: got %q, want it to name the user", name, got)
		}
		if got != tt.want || ok != (tt.want != "") || remote.Shell != tt.shell {
			t.Errorf("%s: got %+v, want %q", name, remote, tt.want)
		}
	}
}

func TestBring(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files, env map[string]string
		want       string
		forward    string
	}{
		"at the computer": {nil, map[string]string{"DISPLAY": ":0"}, "", "ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:9990:localhost:9990 -L \"[::1]:9990:localhost:9990\" HOST"},
		"SSH":             {nil, map[string]string{"SSH_CONNECTION": fromLaptop, "USER": "alice"}, "\n  ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:9990:localhost:9990 -L \"[::1]:9990:localhost:9990\" alice@192.0.2.1", "HOST"},
		"codespace":       {nil, map[string]string{"CODESPACES": "true", "CODESPACE_NAME": "fuzzy-guide"}, "\n  gh codespace ports forward 9990:9990 -c fuzzy-guide", "gh codespace ports forward 9990:9990"},
		"editor over SSH": {nil, map[string]string{"VSCODE_IPC_HOOK_CLI": "/run/x", "SSH_CONNECTION": fromLaptop}, "forward port 9990 to port 9990", `"forwardPorts": [9990]`},
		"dev container":   {map[string]string{".dockerenv": ""}, map[string]string{"REMOTE_CONTAINERS": "true"}, `"forwardPorts": [9990]`, `"forwardPorts": [9990]`},
		"container":       {map[string]string{"run/.containerenv": ""}, nil, "--network host", "HOST"},
		"toolbox":         {map[string]string{"run/.containerenv": "", "run/.toolboxenv": ""}, nil, "", "HOST"},
	} {
		c := computer(t, "linux", tt.files, tt.env)
		if got := c.ForwardHint("localhost", 9990); !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: got %q, want it to contain %q", name, got, tt.want)
		}
		got := c.Forward("localhost", 9990)
		if !strings.Contains(got, tt.forward) {
			t.Errorf("%s: got %q to forward, want it to contain %q", name, got, tt.forward)
		}
		for _, private := range []string{"alice", "192.0.2", "fuzzy"} {
			if strings.Contains(got, private) {
				t.Errorf("%s: got %q, want nothing that names somebody", name, got)
			}
		}
	}
}
