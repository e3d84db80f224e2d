package browser

import (
	"errors"
	"os"
	"strings"
	"time"
)

// shown is how long a program runs that has shown the page, whatever its exit status.
const shown = 10 * time.Second

// choice is one of the commands in $BROWSER.
type choice struct {
	program    string
	args       []string
	background bool // it is not waited for
}

// choices returns the commands of $BROWSER, a list like PATH, in which %s stands for the
// URL. It is read as Python's webbrowser reads it: empty ones don't count, and & at the end
// of one runs it in the background.
func (c Computer) choices(url string) []choice {
	list := c.Getenv("BROWSER")
	commands := []string{list}
	if !isProgram(list) { // a path may contain the separator
		commands = strings.Split(list, string(os.PathListSeparator))
	}
	var all []choice
	for _, command := range commands {
		words := words(command)
		background := len(words) > 0 && words[len(words)-1] == "&"
		if background {
			words = words[:len(words)-1]
		}
		if len(words) == 0 {
			continue
		}
		all = append(all, choice{words[0], withURL(words[1:], url), background})
	}
	return all
}

// open tries one command after the other until one succeeds. One that fails after it has
// shown the page is the last.
func open(all []choice) error {
	var failed []string
	for _, choice := range all {
		began := time.Now()
		wait, err := start(choice.program, choice.args...)
		switch {
		case err != nil:
		case choice.background:
			go func() { _ = wait() }()
		default:
			err = wait()
		}
		if err == nil {
			return nil
		}
		failed = append(failed, err.Error())
		if time.Since(began) > shown {
			break
		}
	}
	return errors.New("$BROWSER: " + strings.Join(failed, "; "))
}

// withURL puts the URL in the place of each %s, or at the end if there is none.
func withURL(args []string, url string) []string {
	placed := false
	for i, arg := range args {
		if strings.Contains(arg, "%s") {
			args[i] = strings.ReplaceAll(arg, "%s", url)
			placed = true
		}
	}
	if !placed {
		args = append(args, url)
	}
	return args
}

// words splits a command into its program, whose path may contain spaces, and arguments.
func words(command string) []string {
	program, rest := cutProgram(strings.TrimSpace(command))
	args := splitWords(rest)
	if program != "" {
		args = append([]string{program}, args...)
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
