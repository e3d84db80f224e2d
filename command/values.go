package command

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/command/internal/handover"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// values are all that a run is told: its options, and the variables behind them. They are
// read once, and nothing is written back to the environment.
type values struct {
	flags        *pflag.FlagSet
	env          map[string]string // as the user has set it
	user         *handover.Environment
	defaultCloud string // to use if nothing names or describes another
}

// readValues reads the options of a command and the variables of the process. An error
// says which variables have values that their options can't have.
func readValues(flags *pflag.FlagSet, defaultCloud string) (values, error) {
	v := values{flags: flags, defaultCloud: defaultCloud, user: handover.Read(os.Environ(), flags.Changed("cloud"))}
	v.env = v.user.Variables()
	var invalid []error
	flags.VisitAll(func(f *pflag.Flag) {
		names := f.Annotations[variableOf]
		if len(names) == 0 || f.Changed { // the option itself wins
			return
		}
		text := v.env[names[0]]
		if err := f.Value.Set(cmp.Or(text, f.DefValue)); err != nil {
			invalid = append(invalid, fmt.Errorf("invalid %s %q: %s", names[0], text, should(f, err)))
		}
	})
	return v, errors.Join(invalid...)
}

// isSet reports whether an option is on the command line.
func (v values) isSet(name string) bool { return v.flags.Changed(name) }

func (v values) text(name string) string {
	f := v.flags.Lookup(name)
	if f == nil {
		return ""
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

// lookup is os.LookupEnv with options in place of the variables that they stand for.
func (v values) lookup(variable string) (string, bool) {
	if name := v.option(variable); name != variable {
		return v.text(strings.TrimPrefix(name, "--")), true
	}
	if variable == "OS_CLOUD" && v.env[variable] == "" && !v.describesCloud() {
		return v.defaultCloud, v.defaultCloud != ""
	}
	value, ok := v.env[variable]
	return value, ok
}

// option returns the option that takes the place of a variable, or the variable.
func (v values) option(variable string) string {
	for _, f := range cloudFlags {
		if f.variable == variable && v.isSet(f.name) {
			return "--" + f.name
		}
	}
	return variable
}

// called returns what messages call a variable: its option, or what it was before env or
// exec have replaced it, which unsetting it does not change.
func (v values) called(variable string) string {
	if v.option(variable) == variable && v.user.IsKept(variable) {
		return variable + " of before env"
	}
	return v.option(variable)
}

func (v values) get(variable string) string {
	value, _ := v.lookup(variable)
	return value
}

// describesCloud reports whether options or variables describe a cloud, if none is named.
func (v values) describesCloud() bool {
	for _, name := range []string{"OS_AUTH_URL", "OS_AUTH_TYPE"} {
		if v.option(name) != name || v.env[name] != "" {
			return true
		}
	}
	return false
}

// forgetClouds forgets what overrides each cloud of a clouds.yaml. OS_USERNAME stays: it is
// for the sign-ins of all clouds.
func (v values) forgetClouds() {
	delete(v.env, "OS_CLOUD")
	for _, key := range cloudconf.All {
		switch key.Name {
		case "username", "cacert", "cert", "key", "redirect_host", "redirect_port", "login_timeout":
			continue
		}
		for _, name := range key.Variables {
			delete(v.env, name)
		}
	}
}

// anyScope reports whether the scope comes from the command line.
func (v values) anyScope() bool {
	return slices.ContainsFunc(scopeFlags, func(f cloudFlag) bool { return v.isSet(f.name) })
}
