package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// currentEnv returns the environment, as it is now for a program in tmux: its own is from
// when the window was opened, perhaps over SSH on another day. tmux knows where the user
// attached from last (tmux(1), update-environment).
func currentEnv() func(string) string {
	if os.Getenv("TMUX") == "" {
		return os.Getenv
	}
	session := sync.OnceValue(tmuxEnvironment)
	return func(name string) string {
		switch name {
		case "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY":
		default:
			return os.Getenv(name)
		}
		value, known := session()[name]
		if known || name != "SSH_CONNECTION" && session()["SSH_CONNECTION"] != "" {
			return value // a display that SSH did not bring is not where the user is
		}
		return os.Getenv(name)
	}
}

// tmuxEnvironment returns the variables of the tmux session. Those that tmux removes from
// new windows are empty.
func tmuxEnvironment() map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "tmux", "show-environment").Output()
	if err != nil {
		return nil
	}
	session := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		session[strings.TrimPrefix(name, "-")] = value
	}
	return session
}
