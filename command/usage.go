package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// usageError says what is wrong with the options on the command line.
func usageError(c *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		noValue *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		return unknownOption(c, dash(unknown.GetSpecifiedName()))
	case errors.As(err, &noValue):
		return fmt.Errorf("%s needs a value; see %s --help", dash(noValue.GetSpecifiedName()), c.CommandPath())
	case errors.As(err, &invalid):
		return fmt.Errorf("invalid --%s %q: %s", invalid.GetFlag().Name, invalid.GetValue(), should(invalid.GetFlag(), invalid.Unwrap()))
	}
	return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
}

// unknownOption is the error for an option that does not exist.
func unknownOption(c *cobra.Command, given string) error {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	if near := terminal.Nearest(given, names); near != "" {
		return fmt.Errorf("unknown option %s. Did you mean %s?", given, near)
	}
	return fmt.Errorf("unknown option %s; see %s --help", given, c.CommandPath())
}

func dash(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// unknownCommand is the error for a command that does not exist.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	if near := terminal.Nearest(args[0], names); near != "" {
		return fmt.Errorf("unknown command %q. Did you mean %q?", args[0], near)
	}
	return fmt.Errorf("unknown command %q; see %s --help", args[0], c.CommandPath())
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q; see %[1]s --help", c.CommandPath(), args[0])
	}
	return nil
}
