// Package cloudconf knows the settings of a cloud, as keys of a clouds.yaml and as OS_*
// variables, and what they mean for a sign-in with auth_type v3websso.
package cloudconf

import (
	"os/user"
	"runtime"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// AuthType is the auth_type of the clouds that this module signs in to.
const AuthType = "v3websso"

// Key is one setting of a cloud.
type Key struct {
	Name      string   // in a clouds.yaml, which may have hyphens for the underscores
	Aliases   []string // older names; Name takes precedence
	Variables []string // of the environment; the first one that is not empty is used
	Field     string   // in Go, most of them fields of websso.AuthOptions

	// Auth says that the key may also be below auth. There it takes precedence over
	// the same key beside auth, unless BesideFirst says otherwise.
	Auth bool

	// BesideFirst says that the key beside auth takes precedence over the one below.
	// This follows openstacksdk since 4.0, where variables count as keys beside auth
	// and were meant to win (openstack/config/loader.py, _fix_backwards_auth, which
	// was _fix_backwards_project).
	BesideFirst bool

	// List says that the value may be a list, of which the first item counts.
	List bool
}

// Keys are all the keys of a v3websso cloud.
var Keys = []Key{
	{Name: "auth_type", Aliases: []string{"auth_plugin"}, Variables: []string{"OS_AUTH_TYPE"}, Auth: true},
	{Name: "auth_url", Variables: []string{"OS_AUTH_URL"}, Field: "IdentityEndpoint", Auth: true},
	{Name: "identity_provider", Variables: []string{"OS_IDENTITY_PROVIDER"}, Field: "IdentityProvider", Auth: true},
	{Name: "protocol", Variables: []string{"OS_PROTOCOL"}, Field: "Protocol", Auth: true},
	{Name: "redirect_host", Variables: []string{"OS_REDIRECT_HOST"}, Field: "RedirectHost", Auth: true},
	{Name: "redirect_port", Variables: []string{"OS_REDIRECT_PORT"}, Field: "RedirectPort", Auth: true},
	{Name: "login_timeout", Variables: []string{"OS_LOGIN_TIMEOUT"}, Field: "Timeout", Auth: true},
	{Name: "username", Aliases: []string{"user_name"}, Variables: []string{"OS_USERNAME"}, Field: "Username", Auth: true},

	{Name: "project_id", Aliases: []string{"tenant_id"}, Variables: []string{"OS_PROJECT_ID", "OS_TENANT_ID"}, Auth: true, BesideFirst: true},
	{Name: "project_name", Aliases: []string{"tenant_name"}, Variables: []string{"OS_PROJECT_NAME", "OS_TENANT_NAME"}, Auth: true, BesideFirst: true},
	{Name: "project_domain_id", Variables: []string{"OS_PROJECT_DOMAIN_ID"}, Auth: true, BesideFirst: true},
	{Name: "project_domain_name", Variables: []string{"OS_PROJECT_DOMAIN_NAME"}, Field: "Scope.DomainName", Auth: true, BesideFirst: true},
	{Name: "domain_id", Variables: []string{"OS_DOMAIN_ID"}, Auth: true, BesideFirst: true},
	{Name: "domain_name", Variables: []string{"OS_DOMAIN_NAME"}, Auth: true, BesideFirst: true},
	{Name: "system_scope", Variables: []string{"OS_SYSTEM_SCOPE"}, Auth: true},
	{Name: "trust_id", Variables: []string{"OS_TRUST_ID"}, Auth: true},

	{Name: "region_name", Variables: []string{"OS_REGION_NAME"}, List: true},
	{Name: "regions"},
	{Name: "interface", Aliases: []string{"endpoint_type"}, Variables: []string{"OS_INTERFACE"}, List: true},

	{Name: "cacert", Variables: []string{"OS_CACERT"}, Field: "the RootCAs of the client's TLS settings"},
	{Name: "cert", Variables: []string{"OS_CERT"}, Field: "the Certificates of the client's TLS settings"},
	{Name: "key", Variables: []string{"OS_KEY"}, Field: "their keys"},
	{Name: "verify"},
	{Name: "insecure", Variables: []string{"OS_INSECURE"}},

	{Name: "profile", Aliases: []string{"cloud"}},
}

// Credentials are the additional keys of other auth_types. A v3websso cloud ignores
// them; they are often left over there. The username is one of Keys.
var Credentials = []Key{
	{Name: "user_id", Variables: []string{"OS_USER_ID", "OS_USERID"}, Auth: true},
	{Name: "user_domain_id", Variables: []string{"OS_USER_DOMAIN_ID"}, Auth: true},
	{Name: "user_domain_name", Variables: []string{"OS_USER_DOMAIN_NAME"}, Auth: true},
	{Name: "password", Variables: []string{"OS_PASSWORD"}, Auth: true},
	{Name: "token", Aliases: []string{"auth_token"}, Variables: []string{"OS_TOKEN", "OS_AUTH_TOKEN"}, Auth: true},
	{Name: "application_credential_id", Variables: []string{"OS_APPLICATION_CREDENTIAL_ID"}, Auth: true},
	{Name: "application_credential_name", Variables: []string{"OS_APPLICATION_CREDENTIAL_NAME"}, Auth: true},
	{Name: "application_credential_secret", Variables: []string{"OS_APPLICATION_CREDENTIAL_SECRET"}, Auth: true},
}

// Selectors are the variables that say which cloud to use and where to find it.
var Selectors = []string{"OS_CLOUD", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"}

// All are the keys of all clouds.
var All = slices.Concat(Keys, Credentials)

// Find returns the key that has a name, or had it, with underscores or hyphens.
func Find(name string) (Key, bool) {
	name = strings.ReplaceAll(name, "-", "_")
	for _, key := range All {
		if key.Name == name || slices.Contains(key.Aliases, name) {
			return key, true
		}
	}
	return Key{}, false
}

// Value is the value of a key.
type Value struct {
	Text string
	From Origin
}

// Origin is where a value is set: a place in a file, a variable, or an option of the
// program.
type Origin struct {
	File  string // "" for a variable or an option
	Cloud string // in quotes
	Under string // the keys above the value below the cloud, each with a colon
	Name  string // of the key, the variable or the option
}

// Key returns the place of a key below o.
func (o Origin) Key(name string) Origin {
	if o.Name != "" {
		o.Under += o.Name + ": "
	}
	o.Name = name
	return o
}

// String names the place in one go: FILE: cloud "NAME": KEY.
func (o Origin) String() string {
	place := o.File
	if o.Cloud != "" {
		place += ": cloud " + o.Cloud
	}
	if place != "" && o.Under+o.Name != "" {
		place += ": "
	}
	return place + o.Under + o.Name
}

// Parts returns the name and, if that is a key in a file, whose it is.
func (o Origin) Parts() (name, place string) {
	if o.File == "" {
		return o.Name, ""
	}
	return o.Name, terminal.Escape("of cloud " + strings.TrimSuffix(o.Cloud+": "+o.Under, ": ") + " in " + o.File)
}

// Values are the settings of one cloud by key, without those with empty values.
type Values map[string]Value

// Env is where variables are read: os.LookupEnv, or what a program puts in its place.
type Env func(name string) (value string, ok bool)

// Get returns the value of a variable, or "".
func (e Env) Get(name string) string {
	value, _ := e(name)
	return value
}

// Values returns the keys that are set in the environment.
func (e Env) Values(keys []Key) Values {
	v := make(Values)
	for _, k := range keys {
		for _, name := range k.Variables {
			if text := e.Get(name); text != "" {
				v[k.Name] = Value{Text: text, From: Origin{Name: name}}
				break
			}
		}
	}
	return v
}

// Home returns the user's home directory, or "" if there is none.
func (e Env) Home() string {
	name := "HOME"
	if runtime.GOOS == "windows" {
		name = "USERPROFILE"
	}
	if home := e.Get(name); home != "" {
		return home
	}
	// A service or a container may have no HOME, but then it has a line in passwd.
	if u, err := user.Current(); err == nil {
		return u.HomeDir
	}
	return ""
}
