package main

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
)

// A setting is a variable of the environment: one to set or, without a value, one that
// must not be there.
type setting struct{ name, value string }

// tokenAuthType is what openstackclient calls a sign-in with a token.
const tokenAuthType = "v3token"

// strays are the variables that lead tools elsewhere, or that contradict a token: to a
// cloud of clouds.yaml, to another token, to a password, to another scope.
var strays = []string{
	"OS_CLOUD", "OS_AUTH_TOKEN",
	"OS_USERNAME", "OS_USER_ID", "OS_USERID", "OS_PASSWORD",
	"OS_USER_DOMAIN_ID", "OS_USER_DOMAIN_NAME",
	"OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_ID", "OS_PROJECT_DOMAIN_NAME",
	"OS_TENANT_ID", "OS_TENANT_NAME",
	"OS_DOMAIN_ID", "OS_DOMAIN_NAME", "OS_SYSTEM_SCOPE", "OS_TRUST_ID",
	"OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_NAME", "OS_APPLICATION_CREDENTIAL_SECRET",
	"OS_IDENTITY_PROVIDER", "OS_PROTOCOL",
}

// handover signs in, and returns the environment in which a tool that knows nothing of
// it does. Tools exchange the token that they get for one of the project that they are
// told; with unscoped, they get one that Keystone always lets them exchange.
func (c *cloud) handover(ctx context.Context, unscoped, check bool) ([]setting, error) {
	client, err := c.signIn(ctx, check)
	if err != nil {
		return nil, err
	}
	result, err := described(client)
	if err != nil {
		return nil, err
	}
	token := client.Token()
	set := map[string]string{
		"OS_AUTH_URL":             authURL(client),
		"OS_AUTH_TYPE":            tokenAuthType,
		"OS_IDENTITY_API_VERSION": "3",
		"OS_REGION_NAME":          c.endpoint.Region,
		"OS_INTERFACE":            string(c.endpoint.Availability),
		"OS_CACERT":               c.cacert,
		"OS_CERT":                 c.cert,
		"OS_KEY":                  c.key,
	}
	if c.tls != nil && c.tls.InsecureSkipVerify {
		set["OS_INSECURE"] = "true"
	}
	if scope := c.opts.Scope; scope != nil {
		switch {
		case scope.TrustID != "":
			// Keystone exchanges no token of a trust.
			set["OS_TRUST_ID"], unscoped = scope.TrustID, true
		case scope.System:
			set["OS_SYSTEM_SCOPE"] = "all"
		default:
			if project, err := result.ExtractProject(); err == nil && project != nil {
				set["OS_PROJECT_ID"] = project.ID
			} else if domain, err := result.ExtractDomain(); err == nil && domain != nil {
				set["OS_DOMAIN_ID"] = domain.ID
			}
		}
	}
	if unscoped && c.opts.Scope != nil {
		client, err = c.unscoped().signIn(ctx, check)
		if err != nil {
			return nil, err
		}
		token = client.Token()
	}
	set["OS_TOKEN"] = token

	var all []setting
	for _, name := range append([]string{"OS_PROJECT_ID"}, strays...) {
		if set[name] == "" {
			all = append(all, setting{name: name})
		}
	}
	for name, value := range set {
		if value != "" {
			all = append(all, setting{name, value})
		}
	}
	slices.SortFunc(all, func(a, b setting) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// apply returns the environment env with all settings made.
func apply(env []string, all []setting) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(all, func(s setting) bool { return sameName(s.name, name) })
	})
	for _, s := range all {
		if s.value != "" {
			env = append(env, s.name+"="+s.value)
		}
	}
	return env
}

func sameName(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// forgetClouds removes what would stand over every cloud of the files.
func forgetClouds() {
	for _, s := range settings {
		if s.group == groupCloud {
			os.Unsetenv(s.variable)
		}
	}
	for _, name := range append([]string{"OS_AUTH_TYPE", "OS_PROJECT_ID"}, strays...) {
		os.Unsetenv(name)
	}
}

// isHandedOver tells whether the environment is one that a handover made.
func isHandedOver() bool {
	return os.Getenv("OS_AUTH_TYPE") == tokenAuthType && os.Getenv("OS_TOKEN") != ""
}

// forgetOwn removes what an earlier handover left in the environment and what would now
// stand over the cloud that is named. Files that the connection needs may be the
// person's own; they stay.
func forgetOwn() {
	if !isHandedOver() {
		return
	}
	for _, name := range []string{"OS_AUTH_TYPE", "OS_AUTH_URL", "OS_TOKEN", "OS_PROJECT_ID", "OS_DOMAIN_ID", "OS_SYSTEM_SCOPE", "OS_TRUST_ID", "OS_REGION_NAME", "OS_INTERFACE"} {
		os.Unsetenv(name)
	}
}
