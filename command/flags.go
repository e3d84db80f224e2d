package command

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// The groups of shared options in the help.
const (
	groupCloud  = "Cloud"
	groupScope  = "Scope of the token (default: the cloud's)"
	groupTLS    = "Connection to Keystone"
	groupSignIn = "Sign-in"
)

// cloudFlags are the flags that each stand for an environment variable. A flag that is
// given sets its variable, and package clouds reads it by the same rules as
// openstackclient.
var cloudFlags = []struct{ group, flag, variable, usage string }{
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

type scopeFlag struct{ flag, variable, usage string }

// scopes are the flags for a scope. Together they replace the cloud's scope as a whole.
// Setting their variables instead would mix the two.
var scopes = []scopeFlag{
	{"project-name", "OS_PROJECT_NAME", "`NAME` of a project (default domain: the cloud's project domain)"},
	{"project-domain-name", "OS_PROJECT_DOMAIN_NAME", "`NAME` of the project's domain"},
	{"project-domain-id", "OS_PROJECT_DOMAIN_ID", "`ID` of the project's domain"},
	{"project-id", "OS_PROJECT_ID", "`ID` of a project"},
	{"domain-name", "OS_DOMAIN_NAME", "`NAME` of a domain"},
	{"domain-id", "OS_DOMAIN_ID", "`ID` of a domain"},
	{"trust-id", "OS_TRUST_ID", "`ID` of a trust"},
	{"system-scope", "OS_SYSTEM_SCOPE", "`all`, for administrators of the whole cloud"},
}

type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

// sharedFlags returns the options that every command has, without the ones to omit, and
// the groups in which the help shows them.
func sharedFlags(omit []string) (shared *pflag.FlagSet, groups []flagGroup) {
	set := make(map[string]*pflag.FlagSet)
	for _, title := range []string{groupCloud, groupScope, groupTLS, groupSignIn} {
		set[title] = newFlagSet()
		groups = append(groups, flagGroup{title, set[title]})
	}
	for _, f := range cloudFlags {
		set[f.group].String(f.flag, "", f.usage+inHelp(f.variable))
	}
	for _, f := range scopes {
		set[groupScope].String(f.flag, "", f.usage+inHelp(f.variable))
	}
	set[groupTLS].Bool("insecure", false, "accept any certificate; anyone on the network can then read along"+inHelp("OS_INSECURE"))
	f := set[groupSignIn]
	f.Bool("no-browser", false, "print the address instead of opening it")
	f.Bool("non-interactive", false, "never open a browser; exit with status 3 instead")
	f.Duration("timeout", 0, "`TIME` to sign in, such as 90s (default: 1m for the browser to appear, then 5m)")
	f.Bool("debug", false, "say what is decided, and show each request to Keystone")
	choiceVar(f, "cache", "", "`WHERE` to cache sign-ins: file, keyring (files encrypted with a key in the system's keyring) or memory (until the command ends)", cacheFile, cacheKeyring, cacheMemory)
	f.String("cache-dir", "", "`DIRECTORY` for cached sign-ins (default: gophercloud-websso in your cache directory)")
	for name, variable := range map[string]string{
		"no-browser": "WEBSSO_NO_BROWSER", "non-interactive": "WEBSSO_NON_INTERACTIVE", "timeout": "WEBSSO_TIMEOUT",
		"debug": "OS_DEBUG", "cache": "WEBSSO_CACHE", "cache-dir": "WEBSSO_CACHE_DIR",
	} {
		withVariable(f, name, variable)
	}
	shared = newFlagSet()
	for i := range groups {
		kept := newFlagSet()
		groups[i].flags.VisitAll(func(f *pflag.Flag) {
			if !slices.Contains(omit, f.Name) {
				kept.AddFlag(f)
				shared.AddFlag(f)
			}
		})
		groups[i].flags = kept
	}
	return shared, groups
}

func newFlagSet() *pflag.FlagSet {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.SortFlags = false
	return set
}

// withVariable has an option read from a variable if it is not on the command line.
func withVariable(set *pflag.FlagSet, name, variable string) {
	f := set.Lookup(name)
	f.Usage += inHelp(variable)
	f.Annotations = map[string][]string{variableOf: {variable}}
}

func inHelp(variable string) string { return " [$" + variable + "]" }

func choiceVar(set *pflag.FlagSet, name, shorthand, usage string, choices ...string) {
	set.VarP(&choice{choices[0], choices}, name, shorthand, usage)
}

// replaceRevoked is the usage of --check that several commands share.
const replaceRevoked = "ask Keystone, and replace a token that was revoked"

// outputFlag chooses between text for people and JSON for programs.
func outputFlag(set *pflag.FlagSet, usage string) {
	choiceVar(set, "output", "o", usage, "text", "json")
}

// handOverFlags are the options of commands that hand a token over.
func handOverFlags(set *pflag.FlagSet) {
	set.Bool("unscoped", false, "pass on the unscoped token, if the cloud rescopes no others")
	set.Bool("check", false, replaceRevoked)
	minValidityFlag(set)
}

// setVariables sets the variables of the options in given, by flag.
func setVariables(given map[string]string) error {
	for _, s := range cloudFlags {
		if value, ok := given[s.flag]; ok {
			if err := os.Setenv(s.variable, value); err != nil {
				return fmt.Errorf("--%s: %w", s.flag, err)
			}
		}
	}
	return nil
}

// parseOptions passes the flags on to package clouds.
func (a *app) parseOptions() ([]clouds.ParseOption, error) {
	if a.isSet("cloud") {
		forgetOwn()
	}
	given := make(map[string]string)
	for _, s := range cloudFlags {
		if a.isSet(s.flag) {
			given[s.flag] = a.text(s.flag)
		}
	}
	if err := setVariables(given); err != nil {
		return nil, err
	}
	var opts []clouds.ParseOption
	if a.isSet("insecure") {
		opts = append(opts, clouds.WithInsecure(a.bool("insecure")))
	}
	scope, err := a.scopeOption()
	if scope != nil {
		opts = append(opts, scope)
	}
	dir, dirErr := cacheDir(a.text("cache-dir"))
	cache := newCache(a.text("cache"), dir) // one for all clouds
	return append(opts, clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		ao.Cache = cache
		ao.Timeout = cmp.Or(a.duration("timeout"), ao.Timeout)
		ao.NonInteractive = a.bool("non-interactive")
		if a.isSet("username") {
			ao.Username = a.text("username")
		}
		if a.bool("no-browser") {
			a.openNothing(ao)
		}
	})), errors.Join(err, dirErr)
}

// scopeOption returns the scope that the flags ask for, or nil if they ask for none.
func (a *app) scopeOption() (clouds.ParseOption, error) {
	asked := gophercloud.AuthScope{
		ProjectID:   a.text("project-id"),
		ProjectName: a.text("project-name"),
		DomainID:    cmp.Or(a.text("project-domain-id"), a.text("domain-id")),
		DomainName:  cmp.Or(a.text("project-domain-name"), a.text("domain-name")),
		TrustID:     a.text("trust-id"),
		System:      a.isSet("system-scope"),
	}
	if all := a.text("system-scope"); asked.System && all != "all" {
		return nil, fmt.Errorf("invalid --system-scope %q: Keystone has only \"all\"", all)
	}
	// An ID wins over a name.
	if asked.DomainID != "" {
		asked.DomainName = ""
	}
	if asked.ProjectID != "" {
		asked.ProjectName, asked.DomainID, asked.DomainName = "", "", ""
	}
	hasDomain := asked.DomainID != "" || asked.DomainName != ""
	switch {
	case asked == (gophercloud.AuthScope{}):
		return nil, nil
	case asked.ProjectName != "" && !hasDomain:
		return clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
			if own := ao.Scope; own != nil && own.ProjectName != "" {
				asked.DomainID, asked.DomainName = own.DomainID, own.DomainName
			}
			ao.Scope = &asked
		}), nil
	case asked.ProjectName == "" && (a.isSet("project-domain-id") || a.isSet("project-domain-name")):
		return nil, errors.New("--project-domain-name and --project-domain-id need --project-name")
	}
	return clouds.WithScope(&asked), nil
}

// isFromEnvironment reports whether variables describe the cloud of that name, and
// not a file.
func isFromEnvironment(name string) bool {
	return name == "" && (os.Getenv("OS_AUTH_URL") != "" || os.Getenv("OS_AUTH_TYPE") != "")
}
