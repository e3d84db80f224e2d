package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// The errors of urfave/cli that usageError says in other words.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	noValue     = regexp.MustCompile(`^flag needs an argument: (.*)$`)
	badValue    = regexp.MustCompile(`^invalid value (".*") for flag -(\S+): (.*)$`)
	badVariable = regexp.MustCompile(`^could not parse (".*") as .* value from environment variable "([^"]*)" for flag (\S+): (.*)$`)
)

// usageError says what is wrong with the command line, with the names of its options.
func usageError(_ context.Context, c *cli.Command, err error, _ bool) error {
	text := err.Error()
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		return unknownOption(c, m[1])
	}
	if m := noValue.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s needs a value; see %s --help", dash(strings.TrimLeft(m[1], "-")), c.FullName())
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("invalid %s %s: %s", dash(m[2]), m[1], hint(m[2], m[3]))
	}
	return fmt.Errorf("%w; see %s --help", err, c.FullName())
}

// variableError is usageError for a variable of the environment.
func variableError(err error) error {
	if m := badVariable.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("invalid %s %s: %s", m[2], m[1], hint(m[3], m[4]))
	}
	return err
}

// hint says what a value should be.
func hint(flag, problem string) string {
	switch {
	case strings.HasPrefix(problem, "time: "):
		return "use a number and a unit, such as 90s, 5m or 1h"
	case strings.Contains(problem, "strconv.ParseBool"), strings.Contains(problem, "parse error"):
		return "use true or false"
	}
	return strings.TrimPrefix(problem, flag+": ")
}

// unknownOption is the error for an option that does not exist.
func unknownOption(c *cli.Command, name string) error {
	given := dash(strings.TrimLeft(name, "-"))
	var names []string
	for _, flag := range slices.Concat(c.Flags, c.Root().Flags) {
		names = append(names, dashed(flag)...)
	}
	if near := nearest(given, names); near != "" {
		return fmt.Errorf("unknown option %s. Did you mean %s?", given, near)
	}
	for _, sub := range c.Root().Commands {
		for _, flag := range sub.Flags {
			if sub != c && !sub.Hidden && slices.Contains(dashed(flag), given) {
				return fmt.Errorf("%s has no option %s; %s has: see %s --help", c.FullName(), given, sub.FullName(), sub.FullName())
			}
		}
	}
	return fmt.Errorf("unknown option %s; see %s --help", given, c.FullName())
}

func dash(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func noArguments(_ context.Context, c *cli.Command) error {
	if c.NArg() > 0 {
		return fmt.Errorf("%s takes no arguments, got %q; see %[1]s --help", c.FullName(), c.Args().First())
	}
	return nil
}

// unknownCommand is the error for a command that does not exist.
func unknownCommand(c *cli.Command, name string) error {
	var names []string
	for _, sub := range c.Commands {
		if !sub.Hidden {
			names = append(names, sub.Names()...)
		}
	}
	if near := nearest(name, names); near != "" {
		return fmt.Errorf("unknown command %q. Did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown command %q; see %s --help", name, c.FullName())
}

// nearest returns the name that text most likely is a misspelling of, or "" if none is
// close: what takes changes to more than a third of its letters is another word.
func nearest(text string, names []string) string {
	best, fewest := "", 0
	for _, name := range names {
		letters := len(strings.TrimLeft(name, "-"))
		if n := editDistance(text, name); n*3 <= letters && (best == "" || n < fewest) {
			best, fewest = name, n
		}
	}
	return best
}
