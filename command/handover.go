package command

import (
	"context"
	"runtime"
	"slices"
	"strings"
)

// A setting is an environment variable to set or, if its value is empty, to remove.
type setting struct{ name, value string }

// strays are the variables that send tools elsewhere, to a cloud in clouds.yaml or to
// another scope, or that contradict the token: other tokens, users and passwords.
var strays = []string{
	"OS_CLOUD", "OS_AUTH_TOKEN",
	"OS_USERNAME", "OS_USER_ID", "OS_USERID", "OS_PASSWORD",
	"OS_USER_DOMAIN_ID", "OS_USER_DOMAIN_NAME",
	"OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_ID", "OS_PROJECT_DOMAIN_NAME",
	"OS_TENANT_ID", "OS_TENANT_NAME",
	"OS_DOMAIN_ID", "OS_DOMAIN_NAME", "OS_SYSTEM_SCOPE", "OS_TRUST_ID",
	"OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_NAME", "OS_APPLICATION_CREDENTIAL_SECRET",
	"OS_IDENTITY_PROVIDER", "OS_PROTOCOL", ownUsername,
}

// handover signs in and returns the environment that signs in other tools. Tools rescope
// the token that they get; if unscoped is set they get the unscoped one, which Keystone
// always lets them rescope.
func (c *cloud) handover(ctx context.Context, unscoped, check bool) ([]setting, error) {
	client, err := c.signIn(ctx, check)
	if err != nil {
		return nil, err
	}
	result, err := authResult(client)
	if err != nil {
		return nil, err
	}
	token := client.Token()
	set := c.connection()
	set["OS_AUTH_URL"] = authURL(client)
	set["OS_AUTH_TYPE"] = tokenAuthType
	set["OS_IDENTITY_API_VERSION"] = "3"
	if scope := c.opts.Scope; scope != nil {
		switch {
		case scope.TrustID != "":
			// Keystone does not rescope a trust's token.
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
		bare := c.unscoped()
		bare.opts.MinValidity = 0 // that has just been asked for
		client, err = bare.signIn(ctx, check)
		if err != nil {
			return nil, err
		}
		token = client.Token()
	}
	set["OS_TOKEN"] = token
	return withoutStrays(set), nil
}

// connection returns the variables about services and TLS.
func (c *cloud) connection() map[string]string {
	set := map[string]string{
		"OS_REGION_NAME": c.endpoint.Region,
		"OS_INTERFACE":   string(c.endpoint.Availability),
		"OS_CACERT":      c.cacert,
		"OS_CERT":        c.cert,
		"OS_KEY":         c.key,
	}
	if c.isInsecure() {
		set["OS_INSECURE"] = "true"
	}
	if label := c.opts.Username; label == c.app.env["OS_USERNAME"] && !c.app.isSet("username") {
		set[ownUsername] = label
	}
	return set
}

// withoutStrays returns the settings that set these variables and remove all others that
// name a user, a scope or a cloud.
func withoutStrays(set map[string]string) []setting {
	var all []setting
	for _, name := range append([]string{"OS_PROJECT_ID", "OS_TOKEN"}, strays...) {
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
	return all
}

// apply returns the environment env with all settings applied.
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
