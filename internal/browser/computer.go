package browser

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Computer is where this program runs, which need not be where the user's browser is.
type Computer struct {
	OS     string              // as runtime.GOOS
	Root   string              // its root directory
	Getenv func(string) string // its environment

	// Browser is the list of commands that opens a page, in the syntax of $BROWSER, and
	// Setting what the user calls it. If it names none, $BROWSER does.
	Browser, Setting string
}

// Here returns this computer.
func Here() Computer {
	return Computer{OS: runtime.GOOS, Root: "/", Getenv: currentEnv()}
}

// HasDisplay reports whether a window would appear where the user is.
func (c Computer) HasDisplay() bool {
	switch c.OS {
	case "windows", "darwin":
		// These have a screen, but over SSH the user does not see it.
		return c.SSHDestination() == ""
	}
	return c.Getenv("DISPLAY") != "" || c.Getenv("WAYLAND_DISPLAY") != ""
}

// SSHDestination returns this computer as the user reached it, in the words that follow
// ssh, or "".
func (c Computer) SSHDestination() string {
	// The addresses and ports of the client and the server (ssh(1), ENVIRONMENT).
	fields := strings.Fields(c.Getenv("SSH_CONNECTION"))
	if len(fields) != 4 {
		return ""
	}
	port := ""
	if fields[3] != "22" {
		port = "-p " + fields[3] + " "
	}
	// Windows has only the second.
	switch user := cmp.Or(c.Getenv("USER"), c.Getenv("USERNAME")); {
	case isWord(user):
		return port + user + "@" + fields[2]
	case user == "" || strings.HasPrefix(user, "-") || strings.ContainsAny(user, "\"$`!%^"):
		return port + fields[2] // no quotes would do in every shell
	default: // such as CORP\alice
		return port + `"` + user + "@" + fields[2] + `"`
	}
}

// isWSL reports whether this is Linux on Windows, whose browser is then the user's.
func (c Computer) isWSL() bool {
	if c.OS != "linux" || c.engine() != "" || c.SSHDestination() != "" {
		return false
	}
	// With systemd the file has the second name.
	return c.exists("proc/sys/fs/binfmt_misc/WSLInterop") || c.exists("proc/sys/fs/binfmt_misc/WSLInterop-late") ||
		strings.Contains(strings.ToLower(c.read("proc/sys/kernel/osrelease")), "microsoft")
}

// engine returns the command of the engine whose container this is, or "".
func (c Computer) engine() string {
	switch {
	case c.OS != "linux":
		return ""
	case c.exists("run/.containerenv"):
		return "podman"
	case c.exists(".dockerenv"):
		return "docker"
	}
	return ""
}

// isToolbox reports whether this is a toolbox or a distrobox, with the network of its host.
func (c Computer) isToolbox() bool {
	return c.exists("run/.toolboxenv") || c.Getenv("DISTROBOX_ENTER_PATH") != ""
}

func (c Computer) isCodespace() bool { return c.Getenv("CODESPACES") == "true" }

// inEditor reports whether an editor has connected to this computer, and forwards ports.
func (c Computer) inEditor() bool {
	// VS Code sets the first in its terminals, the others in dev containers.
	return c.Getenv("VSCODE_IPC_HOOK_CLI")+c.Getenv("REMOTE_CONTAINERS")+c.Getenv("DEVCONTAINER") != ""
}

// container returns the name by which the engine knows this container.
func (c Computer) container() string {
	// podman writes name="…" for privileged containers, and nothing for others.
	for line := range strings.Lines(c.read("run/.containerenv")) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "name="); ok {
			return strings.Trim(name, `"`)
		}
	}
	// The engine mounts files that it made for the container, whose paths have its ID
	// (proc_pid_mountinfo(5)).
	own := regexp.MustCompile(`/([0-9a-f]{64})/(?:userdata/)?(?:hostname|hosts|resolv\.conf) `)
	if found := own.FindStringSubmatch(c.read("proc/self/mountinfo")); found != nil {
		return found[1][:12]
	}
	// The host name is the container's ID unless another was chosen.
	if name := strings.TrimSpace(c.read("etc/hostname")); len(name) == 12 && strings.Trim(name, "0123456789abcdef") == "" {
		return name
	}
	return "CONTAINER"
}

// isWord reports whether a shell takes name for one word.
func isWord(name string) bool {
	return name != "" && name[0] != '-' && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

func (c Computer) exists(path string) bool {
	_, err := os.Stat(filepath.Join(c.Root, path))
	return err == nil
}

func (c Computer) read(path string) string {
	content, _ := os.ReadFile(filepath.Join(c.Root, path)) // nothing, if there is none
	return string(content)
}
