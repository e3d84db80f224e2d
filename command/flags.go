package command

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups of the options that all commands have, with their titles in the help.
const (
	groupCloud  = "Cloud"
	groupScope  = "Scope of the token (default: the cloud's)"
	groupTLS    = "Connection to Keystone"
	groupSignIn = "Sign-in"
)

// An option is one that all commands have. It stands for a variable.
type option struct {
	group, name, variable, usage string

	// value is false, a time.Duration or a choice, or else the option can have any text. Then
	// value is nil, or a cobra.CompletionFunc that offers some.
	value any
}

// isSetting reports whether an option is a setting of a cloud, the variable of which
// package clouds reads.
func (o option) isSetting() bool {
	return strings.HasPrefix(o.variable, "OS_") && o.variable != "OS_DEBUG"
}

// variableOf is the annotation of a flag with the variable to read if the flag is not on
// the command line.
const variableOf = "variable"

func (o option) addTo(set *pflag.FlagSet) {
	usage := o.usage + " [$" + o.variable + "]"
	switch value := o.value.(type) {
	case bool:
		set.Bool(o.name, value, usage)
	case time.Duration:
		set.Duration(o.name, value, usage)
	case choice:
		set.Var(&value, o.name, usage)
	default:
		set.String(o.name, "", usage)
	}
	if !o.isSetting() {
		set.Lookup(o.name).Annotations = map[string][]string{variableOf: {o.variable}}
	}
}

func newFlagSet() *pflag.FlagSet {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.SortFlags = false
	return set
}

// outputFlag chooses between text for people and JSON for programs.
func outputFlag(set *pflag.FlagSet) {
	set.VarP(&choice{"text", []string{"text", "json"}}, "output", "o", "`FORMAT`: text or json")
}

// handOverFlags are the options of commands that hand a token over.
func handOverFlags(set *pflag.FlagSet) {
	set.Bool("unscoped", false, "pass on the unscoped token, if the cloud rescopes no others")
	validityFlags(set)
}

// validityFlags are the options of commands that need a good token.
func validityFlags(set *pflag.FlagSet) {
	set.Bool("check", false, "ask Keystone, and replace a token that was revoked")
	minValidity.addTo(set)
}

// minValidity is the option of those and of login.
var minValidity = option{name: "min-validity", variable: "WEBSSO_MIN_VALIDITY", usage: "sign in again if less than this `TIME` is left, such as 1h", value: time.Duration(0)}

// choice is the value of an option that has few.
type choice struct {
	text   string
	values []string
}

func (c *choice) String() string { return c.text }
func (c *choice) Type() string   { return "string" }
func (c *choice) Set(text string) error {
	if !slices.Contains(c.values, text) {
		return errors.New("use " + alternatives(c.values))
	}
	c.text = text
	return nil
}

// should says what a value of an option should be.
func should(f *pflag.Flag, err error) string {
	return cmp.Or(map[string]string{
		"bool": "use true or false", "duration": "use a number and a unit, such as 90s, 5m or 1h",
	}[f.Value.Type()], err.Error())
}

// alternatives lists words: a, b or c.
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// usageError says what is wrong with the options on the command line.
func usageError(c *cobra.Command, err error) error {
	var (
		notExist *pflag.NotExistError
		noValue  *pflag.ValueRequiredError
		invalid  *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &notExist):
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		given := dash(notExist.GetSpecifiedName())
		return unknown(c, "option "+given, nearest(given, names))
	case errors.As(err, &noValue):
		return fmt.Errorf("%s needs a value; see %s --help", dash(noValue.GetSpecifiedName()), c.CommandPath())
	case errors.As(err, &invalid):
		return fmt.Errorf("invalid --%s %q: %s", invalid.GetFlag().Name, invalid.GetValue(), should(invalid.GetFlag(), invalid.Unwrap()))
	}
	return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
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
			names = append(names, strconv.Quote(sub.Name()))
		}
	}
	given := strconv.Quote(args[0])
	return unknown(c, "command "+given, nearest(given, names))
}

// unknown is the error for an option or a command that does not exist.
func unknown(c *cobra.Command, given, near string) error {
	if near != "" {
		return fmt.Errorf("unknown %s. Did you mean %s?", given, near)
	}
	return fmt.Errorf("unknown %s; see %s --help", given, c.CommandPath())
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q; see %[1]s --help", c.CommandPath(), args[0])
	}
	return nil
}
