package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"

	"github.com/urfave/cli/v3"
)

// completeVerb is the hidden first argument with which the completion scripts ask what
// could stand at the cursor:
//
//	websso __complete =CURRENT WORD...
//
// CURRENT is the word at the cursor, as far as it goes. The = keeps an empty one from
// getting lost on its way: PowerShell drops empty arguments. The WORDs are those between
// the program's name and CURRENT. The answer's first line is a kind of completion. For
// offerWords, a line for each candidate follows: the word, a tab, a description.
//
// The scripts pass on what stands on the line, as arguments and unexpanded; nothing on it
// is ever run. So a WORD may be quoted, may be $(a command), or may be a redirection.
const completeVerb = "__complete"

// The kinds of completion. Files, directories and commands are left to the shell.
const (
	offerWords       = "words"
	offerFiles       = "files"
	offerDirectories = "directories"
	offerCommands    = "commands"
)

// A candidate is a word that could stand at the cursor.
type candidate struct{ word, description string }

// answer writes the answer to a completion script. Nobody could read an error.
func (a *app) answer(root *cli.Command, args []string) {
	if len(args) == 0 {
		return
	}
	kind, candidates := complete(root, strings.TrimPrefix(args[0], "="), args[1:])
	var text strings.Builder
	text.WriteString(kind + "\n")
	for _, c := range candidates {
		fmt.Fprintf(&text, "%s\t%s\n", c.word, plainText(c.description))
	}
	_, _ = io.WriteString(a.stdout, text.String())
}

// complete returns what could stand at the cursor.
func complete(root *cli.Command, current string, words []string) (kind string, candidates []candidate) {
	words, isTarget := cutRedirections(words)
	if isTarget {
		return offerFiles, nil
	}
	words, joined := joinWords(words)
	current = joined + unquoteOpen(current)
	l := readLine(root, words)
	kind, all := l.next(current)
	for _, c := range all {
		// A terminal would obey control characters; a script reads line by line.
		if strings.HasPrefix(c.word, current) && strings.IndexFunc(c.word, isUnprintable) < 0 {
			c.word = strings.TrimPrefix(c.word, joined)
			candidates = append(candidates, c)
		}
	}
	return kind, candidates
}

// redirection matches an operator of the shells, with the target if it is in the same
// word: > >> >| 2> 2>&1 &> < << <<< <> and so on.
var redirection = regexp.MustCompile(`^(?:\d*|&|\*)(?:>>|>\||>&|>|<<<|<<-|<<|<>|<&|<)(.*)$`)

// cutRedirections removes redirections. isTarget reports whether what comes next is the
// target of one.
func cutRedirections(words []string) (rest []string, isTarget bool) {
	for _, word := range words {
		if isTarget {
			isTarget = false
			continue
		}
		if m := redirection.FindStringSubmatch(word); m != nil {
			isTarget = m[1] == ""
			continue
		}
		rest = append(rest, unquote(word))
	}
	return rest, isTarget
}

// unquote removes the quotes around a word. It expands nothing: a word with something to
// expand names nothing that is known here.
func unquote(word string) string {
	if n := len(word); n >= 2 && (word[0] == '\'' || word[0] == '"') && word[n-1] == word[0] {
		return word[1 : n-1]
	}
	return strings.ReplaceAll(word, `\`, "")
}

// unquoteOpen is unquote for a word whose closing quote is still to come.
func unquoteOpen(word string) string {
	if strings.HasPrefix(word, "'") || strings.HasPrefix(word, `"`) {
		return word[1:]
	}
	return strings.ReplaceAll(word, `\`, "")
}

// joinWords undoes that bash makes words of their own of the = in --cloud=name and of
// colons. joined is what belongs in front of the word at the cursor.
func joinWords(words []string) (rest []string, joined string) {
	glue := false
	for _, word := range words {
		last := len(rest) - 1
		switch {
		case word == "=" && last >= 0 && strings.HasPrefix(rest[last], "-"):
			// An option takes its value in the next word as well.
		case (word == ":" || glue) && last >= 0:
			rest[last] += word
			glue = word == ":"
		default:
			rest = append(rest, word)
		}
	}
	if last := len(rest) - 1; glue {
		return rest[:last], rest[last]
	}
	return rest, ""
}

func isUnprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// plainText removes what marks up a description, and what any shell could take for more
// than text.
func plainText(description string) string {
	return strings.Map(func(r rune) rune {
		if isUnprintable(r) || strings.ContainsRune("`$\\\"", r) {
			return -1
		}
		return r
	}, description)
}
