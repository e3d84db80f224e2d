package browser

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Computer is where this program runs, which need not be where the user's browser is.
type Computer struct {
	OS     string              // as runtime.GOOS
	Root   string              // its root directory
	Getenv func(string) string // its environment
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

// SSHDestination returns this computer as the user reached it by SSH, or "".
func (c Computer) SSHDestination() string {
	// The addresses and ports of the client and the server (ssh(1), ENVIRONMENT).
	fields := strings.Fields(c.Getenv("SSH_CONNECTION"))
	if len(fields) != 4 {
		return ""
	}
	// Windows has only the second.
	if user := cmp.Or(c.Getenv("USER"), c.Getenv("USERNAME")); user != "" {
		return user + "@" + fields[2]
	}
	return fields[2]
}

// isWSL reports whether this is Linux on Windows, whose browser is then the user's.
func (c Computer) isWSL() bool {
	if c.OS != "linux" || c.engine() != "" || c.SSHDestination() != "" {
		return false
	}
	// With systemd the file has the other name.
	for _, name := range []string{"WSLInterop", "WSLInterop-late"} {
		if c.exists("proc/sys/fs/binfmt_misc/" + name) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(c.read("proc/sys/kernel/osrelease")), "microsoft")
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

// isToolbox reports whether this container is one of toolbox or distrobox, which have the
// network of their host.
func (c Computer) isToolbox() bool {
	return c.exists("run/.toolboxenv") || c.Getenv("DISTROBOX_ENTER_PATH") != ""
}

// isCodespace reports whether this is a codespace of GitHub.
func (c Computer) isCodespace() bool { return c.Getenv("CODESPACES") == "true" }

// inEditor reports whether an editor has connected to this computer, and forwards ports.
func (c Computer) inEditor() bool {
	// VS Code sets the first in its terminals, the others in dev containers.
	for _, name := range []string{"VSCODE_IPC_HOOK_CLI", "REMOTE_CONTAINERS", "DEVCONTAINER"} {
		if c.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// container returns the name by which the engine knows this container.
func (c Computer) container() string {
	// podman writes name="…" for privileged containers, and nothing for others.
	for line := range strings.Lines(c.read("run/.containerenv")) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "name="); ok {
			return strings.Trim(name, `"`)
		}
	}
	// The host name is the container's ID unless another was chosen.
	if name := strings.TrimSpace(c.read("etc/hostname")); len(name) == 12 && strings.Trim(name, "0123456789abcdef") == "" {
		return name
	}
	return "CONTAINER"
}

func (c Computer) exists(path string) bool {
	_, err := os.Stat(filepath.Join(c.Root, path))
	return err == nil
}

func (c Computer) read(path string) string {
	content, err := os.ReadFile(filepath.Join(c.Root, path))
	if err != nil {
		return ""
	}
	return string(content)
}
