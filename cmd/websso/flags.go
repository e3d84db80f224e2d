package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// The groups of the global options in the help.
const (
	groupCloud  = "The cloud:"
	groupScope  = "What the token is for, instead of what the cloud says:"
	groupTLS    = "The connection to Keystone:"
	groupSignIn = "The sign-in:"
)

// settings are the flags that stand for a variable of the environment: one that is
// given is put there, and package clouds reads it by its rules, which are those of
// openstackclient.
var settings = []struct{ group, flag, variable, usage string }{
	{groupCloud, "cloud", "OS_CLOUD", "`NAME` of a cloud in clouds.yaml"},
	{groupCloud, "auth-url", "OS_AUTH_URL", "`URL` of Keystone"},
	{groupCloud, "identity-provider", "OS_IDENTITY_PROVIDER", "Keystone's `NAME` for the identity provider"},
	{groupCloud, "protocol", "OS_PROTOCOL", "Keystone's `NAME` for the protocol: openid, saml2, mapped, ..."},
	{groupCloud, "region", "OS_REGION_NAME", "`NAME` of the region"},
	{groupCloud, "interface", "OS_INTERFACE", "`KIND` of endpoints: public, internal or admin"},
	{groupTLS, "cacert", "OS_CACERT", "`FILE` with the certificate authorities to trust"},
	{groupTLS, "cert", "OS_CERT", "`FILE` with a client certificate"},
	{groupTLS, "key", "OS_KEY", "`FILE` with its key"},
	{groupSignIn, "redirect-host", "OS_REDIRECT_HOST", "`HOST` that the browser comes back to (default: localhost)"},
	{groupSignIn, "redirect-port", "OS_REDIRECT_PORT", fmt.Sprintf("`PORT` that the browser comes back to (default: %d)", websso.DefaultRedirectPort)},
}

// scopes are the flags for a scope. They replace the cloud's as a whole, so their
// variables, which don't win over every file, are left to package clouds.
var scopes = []struct{ flag, variable, usage string }{
	{"project-name", "OS_PROJECT_NAME", "`NAME` of a project; its domain, if not given, is that of the cloud's own project"},
	{"project-domain-name", "OS_PROJECT_DOMAIN_NAME", "`NAME` of that project's domain"},
	{"project-domain-id", "OS_PROJECT_DOMAIN_ID", "`ID` of that project's domain"},
	{"project-id", "OS_PROJECT_ID", "`ID` of a project"},
	{"domain-name", "OS_DOMAIN_NAME", "`NAME` of a domain"},
	{"domain-id", "OS_DOMAIN_ID", "`ID` of a domain"},
	{"trust-id", "OS_TRUST_ID", "`ID` of a trust"},
	{"system-scope", "OS_SYSTEM_SCOPE", "`all`: the cloud as a whole, for its administrators"},
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
		&cli.BoolFlag{Category: groupTLS, Name: "insecure", Usage: "take any certificate: whoever is in between can read along", Sources: readElsewhere("OS_INSECURE")},
		&cli.BoolFlag{Category: groupSignIn, Name: "no-browser", Usage: "only print the address to open", Sources: cli.EnvVars("WEBSSO_NO_BROWSER")},
		&cli.BoolFlag{Category: groupSignIn, Name: "non-interactive", Usage: "never ask a person: end with status 3 instead", Sources: cli.EnvVars("WEBSSO_NON_INTERACTIVE")},
		&cli.DurationFlag{Category: groupSignIn, Name: "timeout", Usage: "`TIME` to sign in, such as 90s (default: a minute for the browser, then 5m)", HideDefault: true, Sources: cli.EnvVars("WEBSSO_TIMEOUT")},
		&cli.StringFlag{Category: groupSignIn, Name: "cache-dir", Usage: "`FOLDER` to keep sign-ins in, instead of gophercloud-websso in your cache directory", Sources: cli.EnvVars("WEBSSO_CACHE_DIR")},
	)
}

// A variable is shown in the help of a flag, and read by package clouds.
type variable string

func readElsewhere(name string) cli.ValueSourceChain {
	return cli.NewValueSourceChain(variable(name))
}

func (variable) Lookup() (string, bool) { return "", false }
func (variable) IsFromEnv() bool        { return true }
func (v variable) Key() string          { return string(v) }
func (v variable) String() string       { return string(v) }
func (v variable) GoString() string     { return string(v) }

// parseOptions carries the flags over to package clouds.
func parseOptions(c *cli.Command) ([]clouds.ParseOption, error) {
	if c.IsSet("cloud") {
		forgetOwn()
	}
	for _, s := range settings {
		if !c.IsSet(s.flag) {
			continue
		}
		if err := os.Setenv(s.variable, c.String(s.flag)); err != nil {
			return nil, fmt.Errorf("--%s: %w", s.flag, err)
		}
	}
	var opts []clouds.ParseOption
	if c.IsSet("insecure") {
		opts = append(opts, clouds.WithInsecure(c.Bool("insecure")))
	}
	scope, err := scopeOption(c)
	if scope != nil {
		opts = append(opts, scope)
	}
	return append(opts, clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		ao.Timeout = c.Duration("timeout")
		ao.NonInteractive = c.Bool("non-interactive")
		if dir := c.String("cache-dir"); dir != "" {
			ao.Cache = websso.NewFileCache(dir)
		}
		if c.Bool("no-browser") {
			ao.OpenURL = func(string) error { return errNoBrowser }
		}
	})), err
}

// scopeOption is the scope that the flags ask for; nil where they don't.
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
		return nil, fmt.Errorf("--system-scope is %q: Keystone knows no part of the system, only all", all)
	}
	// Where an id and a name are given, the id says enough.
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
		return nil, fmt.Errorf("--project-domain-name and --project-domain-id are about --project-name: give that as well")
	}
	return clouds.WithScope(&asked), nil
}
