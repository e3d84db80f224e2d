package command

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// values are the options of a run: from the command line, else from their variables,
// else their defaults.
type values struct {
	flags     *pflag.FlagSet
	variables map[string]string // by the names of the flags
}

// variableOf is the annotation of a flag that names its variable.
const variableOf = "variable"

// readValues reads the variables of the flags. A variable that is empty counts as unset.
func readValues(flags *pflag.FlagSet) (values, error) {
	v := values{flags, make(map[string]string)}
	var invalid []error
	flags.VisitAll(func(f *pflag.Flag) {
		names := f.Annotations[variableOf]
		if len(names) == 0 || f.Changed {
			return
		}
		if text := os.Getenv(names[0]); text != "" {
			v.variables[f.Name] = text
			if problem := check(f, text); problem != "" {
				invalid = append(invalid, fmt.Errorf("invalid %s %q: %s", names[0], text, problem))
			}
		}
	})
	return v, errors.Join(invalid...)
}

// check returns what a value should be, or "" if it is that.
func check(f *pflag.Flag, text string) string {
	switch value := f.Value.(type) {
	case *choice:
		if !slices.Contains(value.values, text) {
			return "use " + alternatives(value.values)
		}
	default:
		if _, err := strconv.ParseBool(text); err != nil && value.Type() == "bool" {
			return "use true or false"
		}
		if _, err := time.ParseDuration(text); err != nil && value.Type() == "duration" {
			return "use a number and a unit, such as 90s, 5m or 1h"
		}
	}
	return ""
}

// isSet reports whether an option is on the command line.
func (v values) isSet(name string) bool { return v.flags.Changed(name) }

func (v values) text(name string) string {
	f := v.flags.Lookup(name)
	if f == nil {
		return ""
	}
	if text, ok := v.variables[name]; ok {
		return text
	}
	return f.Value.String()
}

func (v values) bool(name string) bool {
	on, _ := strconv.ParseBool(v.text(name)) // checked, or another program's flag
	return on
}

func (v values) duration(name string) time.Duration {
	d, _ := time.ParseDuration(v.text(name)) // checked, or another program's flag
	return d
}

// anyScope reports whether the scope comes from the command line.
func (v values) anyScope() bool {
	return slices.ContainsFunc(scopes, func(s scopeFlag) bool { return v.isSet(s.flag) })
}

// choice is the value of an option that has few, the default first.
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

// alternatives lists words: a, b or c.
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
