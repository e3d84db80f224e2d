package command_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestNoWordIsBroken runs the command on terminals of several widths, which would break
// a line that is longer than they are wide.
func TestNoWordIsBroken(t *testing.T) {
	program := build(t)
	dir := t.TempDir()
	clouds := "clouds:\n"
	for _, name := range []string{"production", "staging", "development", "integration", "playground"} {
		clouds += "  " + name + ": {auth_type: v3websso, auth_url: 'http://127.0.0.1:1/v3', identity_provider: acme, protocol: openid}\n"
	}
	full := filepath.Join(dir, "clouds.yaml")
	if err := os.WriteFile(full, []byte(clouds), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"token"},
		{"login", "--cloud", "productions"},
		{"login", "--cloud", "production"},
		{"login", "--cloud", "production", "--non-interactive"},
		{"login", "--auth-url", "http://127.0.0.1:1/v3"},
		{"login", "--auth-url", "http://127.0.0.1:1/v3", "--protocol", "openid"},
		{"token", "--cloud", "production", "--project-name", "demo"},
		{"token", "--cloud", "production", "--redirect-host", "example.com"},
		{"token", "--cloud", "production", "--timeout", "30", "--debug"},
		{"token", "--force"},
		{"frobnicate"},
		{"status", "--all"},
	} {
		for _, width := range []int{60, 80, 120} {
			for line := range strings.Lines(onTerminal(t, width, dir, program, args...)) {
				line = strings.TrimRight(line, "\r\n")
				// Lines to copy stay whole, and so do words that are wider than the terminal.
				text := strings.TrimPrefix(line, "websso: ")
				if n := len([]rune(line)); n > width && !strings.HasPrefix(text, " ") && strings.Contains(strings.TrimSpace(text), " ") {
					t.Errorf("%q at %d columns: got a line of %d: %s", args, width, n, line)
				}
			}
		}
	}
}

// onTerminal runs a command and returns what a terminal gets to show.
func onTerminal(t *testing.T, width int, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "OS_CLOUD=", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: uint16(width)})
	must(t, err)
	defer tty.Close()
	// At the end, Linux answers a read with EIO.
	text, _ := io.ReadAll(tty)
	_ = cmd.Wait()
	if len(text) == 0 {
		t.Errorf("%q shows nothing", args)
	}
	return string(text)
}
