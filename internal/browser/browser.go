// Package browser opens a web page in the user's browser.
package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/pkg/browser"
)

// errNoDisplay keeps xdg-open from starting a text browser in the user's terminal.
var errNoDisplay = errors.New("there is no display here, and $BROWSER is not set")

// errElsewhere keeps a browser from opening on a screen that the user does not see.
var errElsewhere = errors.New("you are connected by SSH, and $BROWSER is not set")

// Open shows url in the browser that $BROWSER names, or else in the system's, which is
// that of Windows in WSL. It returns when the browser has started or, for one that stays
// in the foreground, when it ends.
func (c Computer) Open(url string) error {
	if list := c.Getenv("BROWSER"); list != "" {
		return openWith(list, url)
	}
	var failed error
	if c.isWSL() {
		if failed = c.openOnWindows(url); failed == nil {
			return nil
		}
	}
	switch {
	case c.HasDisplay():
	case failed != nil:
		return failed
	case c.OS == "windows", c.OS == "darwin":
		return errElsewhere
	default:
		return errNoDisplay
	}
	silence()
	return browser.OpenURL(url)
}

// silence keeps the browser's own output, which pkg/browser passes on, off standard
// output. It goes to the null device and not to a pipe: a browser outlives this
// program, and would die of a pipe that nobody reads.
var silence = sync.OnceFunc(func() {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		null = os.Stderr
	}
	browser.Stdout, browser.Stderr = null, null
})

// openWith tries the commands of a $BROWSER, a list like PATH, until one starts.
func openWith(list, url string) error {
	var failed []error
	for _, command := range commands(list) {
		args := arguments(command, url)
		if len(args) == 0 {
			continue
		}
		err := run(args[0], args[1:]...)
		switch exit := new(exec.ExitError); {
		case errors.As(err, &exit):
			return fmt.Errorf("$BROWSER: %w", err)
		case err != nil:
			failed = append(failed, err)
			continue
		}
		return nil
	}
	return fmt.Errorf("$BROWSER starts no program: %w", errors.Join(failed...))
}

// run runs a program until it ends. Its output goes to the null device.
func run(program string, args ...string) error {
	cmd := exec.Command(program, args...) //nolint:noctx // it outlives the sign-in
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

// commands splits a $BROWSER into its commands. A path that contains the separator is
// taken whole.
func commands(list string) []string {
	if isProgram(list) {
		return []string{list}
	}
	return strings.Split(list, string(os.PathListSeparator))
}

// arguments splits a command into its program and arguments, and puts the URL in the
// place of each %s, or at the end if there is none.
func arguments(command, url string) []string {
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

// cutProgram finds the path of a program at the start of a command, including its
// spaces. The longest match wins.
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
