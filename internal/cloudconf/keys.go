// Package cloudconf knows what can be said of a cloud, in a clouds.yaml or in the
// OS_* variables, and what that means for a sign-in with auth_type v3websso.
package cloudconf

import (
	"os"
	"slices"
)

// AuthType is the auth_type of the clouds that this module signs in to itself.
const AuthType = "v3websso"

// Key is one setting of a cloud.
type Key struct {
	Name      string   // in a clouds.yaml, where a hyphen does for an underscore
	Aliases   []string // older names; Name wins over them
	Variables []string // of the environment; the first one that is not empty counts

	// Auth says that the key may stand below auth too, where it wins over the same
	// key beside auth.
	Auth bool

	// FileFirst says that a variable wins only over what stands beside auth. That
	// is how openstackclient comes out: it adds the variables beside auth, and
	// openstacksdk then takes these keys from auth first (openstack/config/loader.py,
	// _fix_backwards_project) and all others the other way round
	// (osc_lib/cli/client_config.py, _validate_auth).
	FileFirst bool
}

// Keys are all that a v3websso cloud can have.
var Keys = []Key{
	{Name: "auth_type", Aliases: []string{"auth_plugin"}, Variables: []string{"OS_AUTH_TYPE"}, Auth: true},
	{Name: "auth_url", Variables: []string{"OS_AUTH_URL"}, Auth: true},
	{Name: "identity_provider", Variables: []string{"OS_IDENTITY_PROVIDER"}, Auth: true},
	{Name: "protocol", Variables: []string{"OS_PROTOCOL"}, Auth: true},
	{Name: "redirect_host", Variables: []string{"OS_REDIRECT_HOST"}, Auth: true},
	{Name: "redirect_port", Variables: []string{"OS_REDIRECT_PORT"}, Auth: true},

	{Name: "project_id", Aliases: []string{"tenant_id"}, Variables: []string{"OS_PROJECT_ID", "OS_TENANT_ID"}, Auth: true, FileFirst: true},
	{Name: "project_name", Aliases: []string{"tenant_name"}, Variables: []string{"OS_PROJECT_NAME", "OS_TENANT_NAME"}, Auth: true, FileFirst: true},
	{Name: "project_domain_id", Variables: []string{"OS_PROJECT_DOMAIN_ID"}, Auth: true, FileFirst: true},
	{Name: "project_domain_name", Variables: []string{"OS_PROJECT_DOMAIN_NAME"}, Auth: true, FileFirst: true},
	{Name: "domain_id", Variables: []string{"OS_DOMAIN_ID"}, Auth: true, FileFirst: true},
	{Name: "domain_name", Variables: []string{"OS_DOMAIN_NAME"}, Auth: true, FileFirst: true},
	{Name: "system_scope", Variables: []string{"OS_SYSTEM_SCOPE"}, Auth: true},
	{Name: "trust_id", Variables: []string{"OS_TRUST_ID"}, Auth: true},

	{Name: "region_name", Variables: []string{"OS_REGION_NAME"}},
	{Name: "regions"},
	{Name: "interface", Aliases: []string{"endpoint_type"}, Variables: []string{"OS_INTERFACE"}},

	{Name: "cacert", Variables: []string{"OS_CACERT"}},
	{Name: "cert", Variables: []string{"OS_CERT"}},
	{Name: "key", Variables: []string{"OS_KEY"}},
	{Name: "verify"},
	{Name: "insecure", Variables: []string{"OS_INSECURE"}},

	{Name: "profile", Aliases: []string{"cloud"}},
}

// Credentials are the keys that other auth_types have besides. A v3websso cloud has
// no use for them: they are often left over there, and ignored.
var Credentials = []Key{
	{Name: "username", Aliases: []string{"user_name"}, Variables: []string{"OS_USERNAME"}, Auth: true},
	{Name: "user_id", Variables: []string{"OS_USER_ID", "OS_USERID"}, Auth: true},
	{Name: "user_domain_id", Variables: []string{"OS_USER_DOMAIN_ID"}, Auth: true},
	{Name: "user_domain_name", Variables: []string{"OS_USER_DOMAIN_NAME"}, Auth: true},
	{Name: "password", Variables: []string{"OS_PASSWORD"}, Auth: true},
	{Name: "token", Aliases: []string{"auth_token"}, Variables: []string{"OS_TOKEN", "OS_AUTH_TOKEN"}, Auth: true},
	{Name: "application_credential_id", Variables: []string{"OS_APPLICATION_CREDENTIAL_ID"}, Auth: true},
	{Name: "application_credential_name", Variables: []string{"OS_APPLICATION_CREDENTIAL_NAME"}, Auth: true},
	{Name: "application_credential_secret", Variables: []string{"OS_APPLICATION_CREDENTIAL_SECRET"}, Auth: true},
}

// Selectors are the variables that say which cloud is meant and where it is
// described, not what it is.
var Selectors = []string{"OS_CLOUD", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"}

// Find returns the key of that name.
func Find(name string) (Key, bool) {
	for _, keys := range [][]Key{Keys, Credentials} {
		if i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name }); i >= 0 {
			return keys[i], true
		}
	}
	return Key{}, false
}

// Value is what a key is set to.
type Value struct {
	Text string
	From string // where that is said, for error messages
}

// Values are the settings of one cloud, by the names of their keys. One that is empty
// is not there.
type Values map[string]Value

// FromEnv returns what the environment says of keys.
func FromEnv(keys []Key) Values {
	v := make(Values)
	for _, k := range keys {
		for _, name := range k.Variables {
			if text := os.Getenv(name); text != "" {
				v[k.Name] = Value{Text: text, From: name}
				break
			}
		}
	}
	return v
}
