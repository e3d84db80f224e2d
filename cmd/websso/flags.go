package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// The groups of global options in the help.
const (
	groupCloud  = "Cloud"
	groupScope  = "Scope of the token (default: the cloud's)"
	groupTLS    = "Connection to Keystone"
	groupSignIn = "Sign-in"
)

// settings are the flags that each stand for an environment variable. A flag that is
// given sets its variable, and package clouds reads it by the same rules as
// openstackclient.
var settings = []struct{ group, flag, variable, usage string }{
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

// scopes are the flags for a scope. Together they replace the cloud's scope as a whole.
// Setting their variables instead would mix the two.
var scopes = []struct{ flag, variable, usage string }{
	{"project-name", "OS_PROJECT_NAME", "`NAME` of a project (default domain: the cloud's project domain)"},
	{"project-domain-name", "OS_PROJECT_DOMAIN_NAME", "`NAME` of the project's domain"},
	{"project-domain-id", "OS_PROJECT_DOMAIN_ID", "`ID` of the project's domain"},
	{"project-id", "OS_PROJECT_ID", "`ID` of a project"},
	{"domain-name", "OS_DOMAIN_NAME", "`NAME` of a domain"},
	{"domain-id", "OS_DOMAIN_ID", "`ID` of a domain"},
	{"trust-id", "OS_TRUST_ID", "`ID` of a trust"},
	{"system-scope", "OS_SYSTEM_SCOPE", "`all`, for administrators of the whole cloud"},
}

func cloudFlags() []cli.Flag {
	var flags []cli.Flag
	for _, s := range settings {
		flags = append(flags, &cli.StringFlag{Category: s.group, Name: s.flag, Usage: s.usage, Sources: readElsewhere(s.variable)})
	}
	for _, s := range scopes {
		flags = append(flags, &cli.StringFlag{Category: groupScope, Name: s.flag, Usage: s.usage, Sources: readElsewhere(s.variable)})
	}
	return append(flags,
		&cli.BoolFlag{Category: groupTLS, Name: "insecure", Usage: "accept any certificate; anyone on the network can then read along", Sources: readElsewhere("OS_INSECURE")},
		&cli.BoolFlag{Category: groupSignIn, Name: "no-browser", Usage: "print the address instead of opening it", Sources: cli.EnvVars("WEBSSO_NO_BROWSER")},
		&cli.BoolFlag{Category: groupSignIn, Name: "non-interactive", Usage: "never open a browser; exit with status 3 instead", Sources: cli.EnvVars("WEBSSO_NON_INTERACTIVE")},
		&cli.DurationFlag{Category: groupSignIn, Name: "timeout", Usage: "`TIME` to sign in, such as 90s (default: 1m for the browser to appear, then 5m)", HideDefault: true, Sources: cli.EnvVars("WEBSSO_TIMEOUT")},
		&cli.BoolFlag{Name: "debug", Usage: "say what is decided, and show each request to Keystone", Sources: cli.EnvVars("OS_DEBUG")},
		cacheFlag(),
		&cli.StringFlag{Category: groupSignIn, Name: "cache-dir", Usage: "`DIRECTORY` for cached sign-ins (default: gophercloud-websso in your cache directory)", Sources: cli.EnvVars("WEBSSO_CACHE_DIR")},
	)
}

// A variable appears in the help of a flag, but package clouds reads it.
type variable string

func readElsewhere(name string) cli.ValueSourceChain {
	return cli.NewValueSourceChain(variable(name))
}

func (variable) Lookup() (string, bool) { return "", false }
func (variable) IsFromEnv() bool        { return true }
func (v variable) Key() string          { return string(v) }
func (v variable) String() string       { return string(v) }
func (v variable) GoString() string     { return string(v) }

// Usages that several commands share.
const (
	handOverUnscoped = "pass on the unscoped token, for clouds that don't rescope scoped tokens"
	replaceRevoked   = "check the token with Keystone and replace it if it was revoked"
)

func checkFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "check", Usage: usage, HideDefault: true, Local: true}
}

// outputFlag chooses between text for people and JSON for programs.
func outputFlag(usage string) cli.Flag {
	return &cli.StringFlag{
		Name: "output", Aliases: []string{"o"}, Value: "text", Usage: usage, Local: true,
		Validator: func(format string) error {
			if format != "text" && format != "json" {
				return errors.New("use text or json")
			}
			return nil
		},
	}
}

func unscopedFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "unscoped", Usage: usage, HideDefault: true, Local: true}
}

// setVariables sets the variables of the settings in given, by flag.
func setVariables(given map[string]string) error {
	for _, s := range settings {
		if value, ok := given[s.flag]; ok {
			if err := os.Setenv(s.variable, value); err != nil {
				return fmt.Errorf("--%s: %w", s.flag, err)
			}
		}
	}
	return nil
}

// parseOptions passes the flags on to package clouds.
func (a *app) parseOptions(c *cli.Command) ([]clouds.ParseOption, error) {
	if c.IsSet("cloud") {
		forgetOwn()
	}
	given := make(map[string]string)
	for _, s := range settings {
		if c.IsSet(s.flag) {
			given[s.flag] = c.String(s.flag)
		}
	}
	if err := setVariables(given); err != nil {
		return nil, err
	}
	var opts []clouds.ParseOption
	if c.IsSet("insecure") {
		opts = append(opts, clouds.WithInsecure(c.Bool("insecure")))
	}
	scope, err := scopeOption(c)
	if scope != nil {
		opts = append(opts, scope)
	}
	dir, dirErr := cacheDir(c.String("cache-dir"))
	cache := newCache(c.String("cache"), dir) // one for all clouds
	return append(opts, clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		ao.Cache = cache
		ao.Timeout = cmp.Or(c.Duration("timeout"), ao.Timeout)
		ao.NonInteractive = c.Bool("non-interactive")
		if c.IsSet("username") {
			ao.Username = c.String("username")
		}
		if c.Bool("no-browser") {
			a.openNothing(ao)
		}
	})), errors.Join(err, dirErr)
}

// scopeOption returns the scope that the flags ask for, or nil if they ask for none.
func scopeOption(c *cli.Command) (clouds.ParseOption, error) {
	asked := gophercloud.AuthScope{
		ProjectID:   c.String("project-id"),
		ProjectName: c.String("project-name"),
		DomainID:    cmp.Or(c.String("project-domain-id"), c.String("domain-id")),
		DomainName:  cmp.Or(c.String("project-domain-name"), c.String("domain-name")),
		TrustID:     c.String("trust-id"),
		System:      c.IsSet("system-scope"),
	}
	if all := c.String("system-scope"); asked.System && all != "all" {
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
	case asked.ProjectName == "" && (c.IsSet("project-domain-id") || c.IsSet("project-domain-name")):
		return nil, errors.New("--project-domain-name and --project-domain-id need --project-name")
	}
	return clouds.WithScope(&asked), nil
}

func cacheFlag() cli.Flag {
	return &cli.StringFlag{
		Category: groupSignIn, Name: "cache", Value: cacheFile, Sources: cli.EnvVars("WEBSSO_CACHE"),
		Usage: "`WHERE` to cache sign-ins: file (the default), keyring (files encrypted with a key in the system's keyring) or memory (until the command ends)",
		Validator: func(where string) error {
			switch where {
			case cacheFile, cacheKeyring, cacheMemory, "": // a variable that is set to nothing
				return nil
			}
			return errors.New("use file, keyring or memory")
		},
	}
}

// given are the options on the command line.
type given map[string]bool

func givenFlags(c *cli.Command) given {
	all := make(given)
	for _, s := range settings {
		all[s.flag] = c.IsSet(s.flag)
	}
	for _, s := range scopes {
		all[s.flag] = c.IsSet(s.flag)
	}
	return all
}

// anyScope reports whether the scope comes from the command line.
func (g given) anyScope() bool {
	for _, s := range scopes {
		if g[s.flag] {
			return true
		}
	}
	return false
}

// isFromEnvironment reports whether variables describe the cloud of that name, and
// not a file.
func isFromEnvironment(name string) bool {
	return name == "" && (os.Getenv("OS_AUTH_URL") != "" || os.Getenv("OS_AUTH_TYPE") != "")
}
