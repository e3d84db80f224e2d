package command

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
)

// The groups of shared options in the help.
const (
	groupCloud  = "Cloud"
	groupScope  = "Scope of the token (default: the cloud's)"
	groupTLS    = "Connection to Keystone"
	groupSignIn = "Sign-in"
)

// A cloudFlag is an option that stands for a variable. Package clouds reads it in place
// of that, by the same rules as openstackclient.
type cloudFlag struct{ group, name, variable, usage string }

var cloudFlags = []cloudFlag{
	{groupCloud, "cloud", "OS_CLOUD", "`NAME` of a cloud in clouds.yaml"},
	{groupCloud, "auth-url", "OS_AUTH_URL", "`URL` of Keystone"},
	{groupCloud, "identity-provider", "OS_IDENTITY_PROVIDER", "`NAME` of the identity provider in Keystone"},
	{groupCloud, "protocol", "OS_PROTOCOL", "`NAME` of the protocol in Keystone: openid, saml2, mapped, ..."},
	{groupCloud, "username", "OS_USERNAME", "`NAME` that keeps the sign-ins of several accounts in one cloud apart"},
	{groupCloud, "region", "OS_REGION_NAME", "`NAME` of the region"},
	{groupCloud, "interface", "OS_INTERFACE", "`KIND` of endpoint: public, internal or admin"},
	{groupTLS, "cacert", "OS_CACERT", "`FILE` of certificate authorities to trust"},
	{groupTLS, "cert", "OS_CERT", "`FILE` of the client certificate"},
	{groupTLS, "key", "OS_KEY", "`FILE` of the client certificate's key"},
	{groupSignIn, "redirect-host", "OS_REDIRECT_HOST", "`HOST` that the browser returns to (default: localhost)"},
	{groupSignIn, "redirect-port", "OS_REDIRECT_PORT", fmt.Sprintf("`PORT` that the browser returns to (default: %d)", websso.DefaultRedirectPort)},
}

// scopeFlags are the options for a scope. Together they replace the cloud's scope as a
// whole. Read in place of their variables they would be mixed with it.
var scopeFlags = []cloudFlag{
	{groupScope, "project-name", "OS_PROJECT_NAME", "`NAME` of a project (default domain: the cloud's project domain)"},
	{groupScope, "project-domain-name", "OS_PROJECT_DOMAIN_NAME", "`NAME` of the project's domain"},
	{groupScope, "project-domain-id", "OS_PROJECT_DOMAIN_ID", "`ID` of the project's domain"},
	{groupScope, "project-id", "OS_PROJECT_ID", "`ID` of a project"},
	{groupScope, "domain-name", "OS_DOMAIN_NAME", "`NAME` of a domain"},
	{groupScope, "domain-id", "OS_DOMAIN_ID", "`ID` of a domain"},
	{groupScope, "trust-id", "OS_TRUST_ID", "`ID` of a trust"},
	{groupScope, "system-scope", "OS_SYSTEM_SCOPE", "`all`, for administrators of the whole cloud"},
}

// flagGroup is a part of the shared options.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

// browserVariable stands for --browser, also beside logout's, which need not have a value.
const browserVariable = "WEBSSO_BROWSER"

// sharedFlags returns the options that every command has, in groups, without the ones to
// omit.
func sharedFlags(omit []string) []flagGroup {
	groups := []flagGroup{{groupCloud, newFlagSet()}, {groupScope, newFlagSet()}, {groupTLS, newFlagSet()}, {groupSignIn, newFlagSet()}}
	connection, signIn := groups[2].flags, groups[3].flags
	for _, f := range slices.Concat(cloudFlags, scopeFlags) {
		i := slices.IndexFunc(groups, func(g flagGroup) bool { return g.title == f.group })
		if usage := f.usage + inHelp(f.variable); f.name == "system-scope" {
			choiceVar(groups[i].flags, f.name, "", usage, "", "all")
		} else {
			groups[i].flags.String(f.name, "", usage)
		}
	}
	connection.Bool("insecure", false, "accept any certificate; anyone on the network can then read along"+inHelp("OS_INSECURE"))
	signIn.String("browser", "", "`COMMAND` that opens your browser, as in $BROWSER: 'firefox -P work %s'")
	signIn.Bool("no-browser", false, "print the address instead of opening it")
	signIn.Bool("non-interactive", false, "never open a browser; exit with status 3 instead")
	signIn.Duration("timeout", 0, "`TIME` to sign in, such as 90s (default: 1m for the browser to appear, then 5m)")
	signIn.Bool("debug", false, "say what is decided, and show each request to Keystone")
	choiceVar(signIn, "cache", "", "`WHERE` to cache sign-ins: file, keyring (files encrypted with a key in the system's keyring) or memory (until the command ends)", cacheFile, cacheKeyring, cacheMemory)
	signIn.String("cache-dir", "", "`DIRECTORY` for cached sign-ins (default: gophercloud-websso in your cache directory)")
	for name, variable := range map[string]string{
		"browser": browserVariable, "no-browser": "WEBSSO_NO_BROWSER", "non-interactive": "WEBSSO_NON_INTERACTIVE", "timeout": "WEBSSO_TIMEOUT",
		"debug": "OS_DEBUG", "cache": "WEBSSO_CACHE", "cache-dir": "WEBSSO_CACHE_DIR",
	} {
		withVariable(signIn, name, variable)
	}
	for i := range groups {
		groups[i].flags = without(groups[i].flags, omit)
	}
	return groups
}

func newFlagSet() *pflag.FlagSet {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.SortFlags = false
	return set
}

// without returns a set without the flags of some names.
func without(set *pflag.FlagSet, omit []string) *pflag.FlagSet {
	rest := newFlagSet()
	set.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(omit, f.Name) {
			rest.AddFlag(f)
		}
	})
	return rest
}

// variableOf is the annotation of a flag that names the variable which is read if the
// flag is not on the command line.
const variableOf = "variable"

func withVariable(set *pflag.FlagSet, name, variable string) {
	f := set.Lookup(name)
	f.Usage += inHelp(variable)
	f.Annotations = map[string][]string{variableOf: {variable}}
}

func inHelp(variable string) string { return " [$" + variable + "]" }

// outputFlag chooses between text for people and JSON for programs.
func outputFlag(set *pflag.FlagSet, usage string) {
	choiceVar(set, "output", "o", usage, "text", "json")
}

// handOverFlags are the options of commands that hand a token over.
func handOverFlags(set *pflag.FlagSet) {
	set.Bool("unscoped", false, "pass on the unscoped token, if the cloud rescopes no others")
	validityFlags(set)
}

// validityFlags are the options of commands that need a good token.
func validityFlags(set *pflag.FlagSet) {
	set.Bool("check", false, "ask Keystone, and replace a token that was revoked")
	minValidityFlag(set)
}

func minValidityFlag(set *pflag.FlagSet) {
	set.Duration("min-validity", 0, "sign in again if less than this `TIME` is left, such as 1h")
	withVariable(set, "min-validity", "WEBSSO_MIN_VALIDITY")
}

// choice is the value of an option that has few, the default first.
type choice struct {
	text   string
	values []string
}

func choiceVar(set *pflag.FlagSet, name, shorthand, usage string, values ...string) {
	set.VarP(&choice{values[0], values}, name, shorthand, usage)
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
	if near := nearest(given, names); near != "" {
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
	if near := nearest(args[0], names); near != "" {
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
