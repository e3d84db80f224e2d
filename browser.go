package websso

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/pkg/browser"
)

// errNoDisplay keeps xdg-open from starting a text browser in the person's terminal.
var errNoDisplay = errors.New("there is no display here, and $BROWSER is not set")

// openBrowser shows url in the browser that $BROWSER names, or else in the
// system's. It returns when the browser was started or, for those that stay in the
// foreground, when it ends.
func openBrowser(url string) error {
	if list := os.Getenv("BROWSER"); list != "" {
		return openWith(list, url)
	}
	if !hasDisplay() {
		return errNoDisplay
	}
	quietBrowser()
	return browser.OpenURL(url)
}

// hasDisplay tells whether a window could appear.
func hasDisplay() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// quietBrowser keeps the browser's chatter off standard output, which pkg/browser
// passes on to it. The null device rather than a pipe: a browser outlives this
// program, and would die of a pipe that nobody reads.
var quietBrowser = sync.OnceFunc(func() {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		null = os.Stderr
	}
	browser.Stdout, browser.Stderr = null, null
})

// openWith tries the commands of a $BROWSER, a list as in PATH, until one starts.
func openWith(list, url string) error {
	var missing []error
	for _, command := range browserCommands(list) {
		args := browserArgs(command, url)
		if len(args) == 0 {
			continue
		}
		// Its output goes to the null device.
		cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // it outlives the sign-in
		detach(cmd)
		if err := cmd.Start(); err != nil {
			missing = append(missing, err)
			continue
		}
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("$BROWSER: %s: %w", args[0], err)
		}
		return nil
	}
	return fmt.Errorf("$BROWSER starts no program: %w", errors.Join(missing...))
}

// browserCommands splits a $BROWSER into its commands. A path that holds the
// separator is taken whole.
func browserCommands(list string) []string {
	if isProgram(list) {
		return []string{list}
	}
	return strings.Split(list, string(os.PathListSeparator))
}

// browserArgs splits a command into its program and arguments, and puts the URL in
// the place of each %s, or at the end.
func browserArgs(command, url string) []string {
	program, rest := cutProgram(strings.TrimSpace(command))
	args := splitWords(rest)
	if program != "" {
		args = append([]string{program}, args...)
	}
	if len(args) == 0 {
		return nil
	}
	placed := false
	for i, arg := range args[1:] {
		if strings.Contains(arg, "%s") {
			args[i+1] = strings.ReplaceAll(arg, "%s", url)
			placed = true
		}
	}
	if !placed {
		args = append(args, url)
	}
	return args
}

// cutProgram finds the path of a program at the start of a command, spaces in it and
// all; the longest wins.
func cutProgram(command string) (program, rest string) {
	for end := len(command); end > 0; end = strings.LastIndexByte(command[:end], ' ') {
		if isProgram(command[:end]) {
			return command[:end], command[end:]
		}
	}
	return "", command
}

func isProgram(path string) bool {
	if !strings.ContainsAny(path, `/\`) {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// splitWords splits at spaces outside of quotes.
func splitWords(s string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == ' ' || r == '\t':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

// sshCommand is what brings both loopback addresses of this machine to the one that
// the person came from. A plain -L takes a single address where a stranger holds the
// other one, and says nothing.
func (s settings) sshCommand(destination string) string {
	port := strconv.Itoa(s.port)
	target := ":" + s.host + ":" + port
	addrs := []string{"127.0.0.1:" + port + target, "'[::1]:" + port + target + "'"}
	if s.host != "localhost" {
		addrs = []string{"'" + net.JoinHostPort(strings.Trim(s.host, "[]"), port) + target + "'"}
	}
	return "ssh -N -o ExitOnForwardFailure=yes -L " + strings.Join(addrs, " -L ") + " " + destination
}

// sshDestination is this machine as the person reached it, if they did by SSH.
func sshDestination() string {
	// The addresses and ports of the client and the server (ssh(1), ENVIRONMENT).
	fields := strings.Fields(os.Getenv("SSH_CONNECTION"))
	if len(fields) != 4 {
		return ""
	}
	if user := os.Getenv("USER"); user != "" {
		return user + "@" + fields[2]
	}
	return fields[2]
}
