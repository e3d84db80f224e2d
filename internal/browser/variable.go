package browser

import (
	"errors"
	"os"
	"strings"
	"time"
)

// choice is one of the commands in $BROWSER.
type choice struct {
	program    string
	args       []string
	background bool // it is not waited for
}

// choices returns the commands that the user has set, and what they call the setting. It is
// a list like PATH, in which %s stands for the URL, and is read as Python's webbrowser reads
// it: empty commands don't count, and & at the end of one runs it in the background. A command
// without %s gets the URL at its end.
func (c Computer) choices(url string) (all []choice, setting string) {
	list, setting := c.Browser, c.Setting
	if strings.TrimSpace(list) == "" {
		list, setting = c.Getenv("BROWSER"), "$BROWSER"
	}
	commands := []string{list}
	if !isProgram(list) { // a path may contain the separator
		commands = split(list, os.PathListSeparator)
	}
	for _, command := range commands {
		words := words(command)
		background := len(words) > 0 && words[len(words)-1] == "&"
		if background {
			words = words[:len(words)-1]
		}
		if len(words) == 0 {
			continue
		}
		if !strings.Contains(command, "%s") {
			words = append(words, url)
		}
		for i, word := range words {
			words[i] = strings.ReplaceAll(word, "%s", url)
		}
		all = append(all, choice{words[0], words[1:], background})
	}
	return all, setting
}

// open tries one command after the other until one succeeds. One that fails after it has
// shown the page is the last.
func open(all []choice, setting string) error {
	var failed []string
	for _, choice := range all {
		began := time.Now()
		err := run(choice.background, choice.program, choice.args...)
		if err == nil {
			return nil
		}
		failed = append(failed, err.Error())
		if time.Since(began) > 10*time.Second { // it has, whatever its exit status
			break
		}
	}
	return errors.New(setting + ": " + strings.Join(failed, "; "))
}

// words splits a command into its program, whose path may contain spaces, and arguments.
func words(command string) (words []string) {
	command = strings.TrimSpace(command)
	for end := len(command); end > 0; end = strings.LastIndexByte(command[:end], ' ') {
		if isProgram(command[:end]) { // the longest path counts
			words, command = []string{command[:end]}, command[end:]
			break
		}
	}
	for _, word := range split(strings.ReplaceAll(command, "\t", " "), ' ') {
		if word != "" {
			words = append(words, unquoted(word))
		}
	}
	return words
}

func isProgram(path string) bool {
	if !strings.ContainsAny(path, `/\`) {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// split splits at a separator outside of quotes.
func split(s string, separator rune) []string {
	var parts []string
	var quote rune
	begin := 0
	for i, r := range s {
		switch {
		case r == quote:
			quote = 0
		case quote != 0:
		case r == '"' || r == '\'':
			quote = r
		case r == separator:
			parts = append(parts, s[begin:i])
			begin = i + 1
		}
	}
	return append(parts, s[begin:])
}

// unquoted takes the quotes off a word, which may be around a part of it.
func unquoted(word string) string {
	var quote rune
	return strings.Map(func(r rune) rune {
		switch {
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		default:
			return r
		}
		return -1
	}, word)
}
