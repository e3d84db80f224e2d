package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// A line is a command line that is being written, up to the word at the cursor.
type line struct {
	root, command *cli.Command
	pending       cli.Flag          // the option whose value comes next, or nil
	given         map[string]string // the values of options, by name
	arguments     int               // of the command so far
	dashes        bool              // no options follow
}

// readLine reads words by the rules of the command line, as far as it can: a line that is
// being written need not be right.
func readLine(root *cli.Command, words []string) *line {
	l := &line{root: root, command: root, given: make(map[string]string)}
	for _, word := range words {
		switch {
		case l.pending != nil:
			l.given[l.pending.Names()[0]] = word
			l.pending = nil
		case l.dashes || !strings.HasPrefix(word, "-") || word == "-":
			l.argument(word)
		case word == "--":
			l.dashes = true
		default:
			name, value, hasValue := strings.Cut(word, "=")
			flag := l.option(name)
			switch {
			case flag == nil || !takesValue(flag):
			case hasValue:
				l.given[flag.Names()[0]] = value
			default:
				l.pending = flag
			}
		}
	}
	return l
}

func (l *line) argument(word string) {
	if l.command == l.root {
		if c := l.root.Command(word); c != nil && l.arguments == 0 {
			l.command = c
			return
		}
	}
	l.arguments++
	// What follows the argument belongs to another program.
	if n := l.command.StopOnNthArg; n != nil && l.arguments >= *n {
		l.dashes = true
	}
}

// next returns what could come next.
func (l *line) next(current string) (kind string, candidates []candidate) {
	if l.pending != nil {
		return l.values(l.pending)
	}
	if !strings.HasPrefix(current, "-") || l.dashes {
		return l.argumentsNow(current)
	}
	name, _, hasValue := strings.Cut(current, "=")
	if !hasValue {
		return offerWords, options(slices.Concat(l.command.Flags, l.globals()))
	}
	flag := l.option(name)
	if flag == nil || !takesValue(flag) {
		return offerWords, nil
	}
	kind, candidates = l.values(flag)
	for i := range candidates {
		candidates[i].word = name + "=" + candidates[i].word
	}
	return kind, candidates
}

// argumentsNow returns the arguments that could come next.
func (l *line) argumentsNow(current string) (kind string, candidates []candidate) {
	usage := l.command.ArgsUsage
	switch {
	case l.command.StopOnNthArg != nil && l.arguments > 0:
		return offerFiles, nil
	case l.arguments > 0:
		return offerWords, nil
	case l.command == l.root || strings.HasPrefix(usage, "[COMMAND]"):
		for _, c := range l.root.Commands {
			if !c.Hidden {
				candidates = append(candidates, candidate{c.Name, c.Usage})
			}
		}
		return offerWords, candidates
	case strings.Contains(usage, "COMMAND"):
		return offerCommands, nil
	case strings.Contains(usage, "FILE"):
		return offerFiles, nil
	case strings.Contains(usage, "SHELL"):
		for _, shell := range completionShells() {
			candidates = append(candidates, candidate{word: shell})
		}
		return offerWords, candidates
	case current == "" && !l.dashes:
		return offerWords, options(l.command.Flags)
	}
	return offerWords, nil
}

// option returns the option with a name, dashes and all, or nil.
func (l *line) option(name string) cli.Flag {
	for _, flag := range slices.Concat(l.command.Flags, l.globals()) {
		if slices.Contains(dashed(flag), name) {
			return flag
		}
	}
	return nil
}

// globals are the options of the root that every command takes.
func (l *line) globals() []cli.Flag {
	if l.command == l.root {
		return nil
	}
	return l.root.Flags
}

// options returns options by their long names, and --help.
func options(flags []cli.Flag) []candidate {
	var candidates []candidate
	for _, flag := range flags {
		if v, ok := flag.(cli.VisibleFlag); ok && !v.IsVisible() {
			continue
		}
		candidates = append(candidates, candidate{dashed(flag)[0], usageOf(flag)})
	}
	return append(candidates, candidate{"--help", "show help"})
}

func dashed(flag cli.Flag) []string {
	var names []string
	for _, name := range flag.Names() {
		if len(name) > 1 {
			name = "-" + name
		}
		names = append(names, "-"+name)
	}
	return names
}

func usageOf(flag cli.Flag) string {
	if documented, ok := flag.(cli.DocGenerationFlag); ok {
		return documented.GetUsage()
	}
	return ""
}

func takesValue(flag cli.Flag) bool {
	documented, ok := flag.(cli.DocGenerationFlag)
	return ok && documented.TakesValue()
}
