// Package handover decides what other tools are handed of a sign-in: the variables of
// their environment, per shell, and a clouds.yaml of their own. It also runs such a tool.
//
// What env and exec set stays in the environment in which the command runs next, and must
// not be taken for what the user has set. [Read] tells the two apart.
package handover

import (
	"slices"
	"strings"
)

// kind says what a variable is about. The rules of [Read] differ by it.
type kind int

const (
	description kind = iota // which cloud, and how to sign in to it
	identity                // who signs in
	scope                   // what the token is for
	connection              // how to reach the services
	endpoint                // which of the services' addresses, by two names
	place                   // which files describe the clouds
)

// isWhole reports whether one variable of the kind replaces all.
func (k kind) isWhole() bool { return k == scope || k == endpoint }

// connects reports whether the kind is about the services rather than the sign-in.
func (k kind) connects() bool { return k == connection || k == endpoint }

// A variable is one that tools read about a cloud.
type variable struct {
	name string
	kind kind

	// secret values are never written down. Neither is a value that turns off the
	// verification of certificates, which must not come back by itself.
	secret bool
}

// key is the variable's name in a clouds.yaml.
func (v variable) key() string { return strings.ToLower(strings.TrimPrefix(v.name, "OS_")) }

// table has every variable that sends a tool to a cloud; those with an exclamation mark
// are secret. Each of them is set for the cloud that tools get or else removed, so that
// nothing of another cloud stays: the tools are openstackclient with each option of
// keystoneauth's plugins, openstacksdk, which reads any OS_ variable, Terraform's provider
// and gophercloud.
//
// OS_AUTH_PLUGIN is an older OS_AUTH_TYPE. gophercloud takes OS_AUTH_TOKEN before OS_TOKEN,
// and Terraform's provider OS_TENANT_ID before OS_PROJECT_ID; of the two names of the
// interface it reads OS_ENDPOINT_TYPE alone. OS_SERVICE_PROVIDER and OS_REMOTE_ are about
// another Keystone, which trusts this one.
var table = slices.Concat(
	variables(description, `OS_CLOUD OS_AUTH_URL OS_AUTH_TYPE OS_IDENTITY_PROVIDER OS_PROTOCOL`),
	variables(identity, `
OS_TOKEN! OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_NAME OS_APPLICATION_CREDENTIAL_SECRET!
OS_AUTH_PLUGIN OS_AUTH_METHODS OS_AUTH_TOKEN! OS_USERNAME OS_USER_NAME OS_USER_ID OS_USERID OS_USER_DOMAIN_ID
OS_USER_DOMAIN_NAME OS_DEFAULT_DOMAIN OS_DEFAULT_DOMAIN_ID OS_DEFAULT_DOMAIN_NAME OS_PASSWORD! OS_PASSCODE!
OS_ACCESS_KEY! OS_ACCESS_SECRET! OS_ACCESS_TOKEN! OS_ACCESS_TOKEN_ENDPOINT OS_ACCESS_TOKEN_TYPE
OS_AUTHORIZATION_CODE! OS_AUTHORIZATION_ENDPOINT OS_CLIENT_ID OS_CLIENT_SECRET! OS_CODE! OS_CODE_CHALLENGE_METHOD
OS_CONSUMER_KEY! OS_CONSUMER_SECRET! OS_DEVICE_AUTHORIZATION_ENDPOINT OS_DISCOVERY_ENDPOINT
OS_IDENTITY_PROVIDER_URL OS_IDP_OTP_KEY! OS_MUTUAL_AUTH OS_OAUTH2_CLIENT_ID OS_OAUTH2_CLIENT_SECRET!
OS_OAUTH2_ENDPOINT OS_OPENID_SCOPE OS_REDIRECT_URI OS_SERVICE_PROVIDER_ENDPOINT OS_SERVICE_PROVIDER_ENTITY_ID
OS_SWAUTH`),
	variables(scope, `
OS_PROJECT_ID OS_PROJECT_NAME OS_PROJECT_DOMAIN_ID OS_PROJECT_DOMAIN_NAME OS_TENANT_ID OS_TENANT_NAME
OS_DOMAIN_ID OS_DOMAIN_NAME OS_SYSTEM_SCOPE OS_TRUST_ID OS_SERVICE_PROVIDER OS_REMOTE_PROJECT_ID
OS_REMOTE_PROJECT_NAME OS_REMOTE_PROJECT_DOMAIN_ID OS_REMOTE_PROJECT_DOMAIN_NAME`),
	variables(connection, `OS_IDENTITY_API_VERSION OS_REGION_NAME`),
	variables(endpoint, `OS_INTERFACE OS_ENDPOINT_TYPE`),
	variables(connection, `OS_CACERT OS_CERT OS_KEY OS_INSECURE! OS_VERIFY! OS_ENDPOINT OS_URL OS_STORAGE_URL`),
	variables(place, `OS_CLIENT_CONFIG_FILE OS_CLIENT_SECURE_FILE`),
)

func variables(k kind, names string) (all []variable) {
	for name := range strings.FieldsSeq(names) {
		name, secret := strings.CutSuffix(name, "!")
		all = append(all, variable{name, k, secret})
	}
	return all
}

// Cloud is a cloud and what tools sign in to it with.
type Cloud struct {
	AuthURL string // Keystone's, with /v3

	// Token is what tools get, for at most one of the scopes. If Renewing is set there is
	// neither: that Keystone gives out tokens for one scope, and is asked for none.
	Token                        string
	ProjectID, DomainID, TrustID string
	System                       bool
	Renewing                     Renewing

	Region, Interface string
	CACert, Cert, Key string // paths
	Insecure          bool
}

// Renewing is a Keystone on this computer that renews the token, and an application
// credential for it.
type Renewing struct{ URL, ID, Secret string }

// The auth_types that tools get.
const (
	tokenType      = "v3token"
	credentialType = "v3applicationcredential"
)

// values returns what tools get, by variable.
func (c Cloud) values() map[string]string {
	values := map[string]string{
		"OS_AUTH_URL": c.AuthURL, "OS_AUTH_TYPE": tokenType, "OS_TOKEN": c.Token,
		"OS_PROJECT_ID": c.ProjectID, "OS_DOMAIN_ID": c.DomainID, "OS_TRUST_ID": c.TrustID,
		"OS_IDENTITY_API_VERSION": "3", "OS_REGION_NAME": c.Region, "OS_INTERFACE": c.Interface, "OS_ENDPOINT_TYPE": c.Interface,
		"OS_CACERT": c.CACert, "OS_CERT": c.Cert, "OS_KEY": c.Key,
	}
	if c.System {
		values["OS_SYSTEM_SCOPE"] = "all"
	}
	if c.Insecure {
		values["OS_INSECURE"] = "true"
	}
	if r := c.Renewing; r.URL != "" {
		values["OS_AUTH_URL"], values["OS_AUTH_TYPE"] = r.URL, credentialType
		values["OS_APPLICATION_CREDENTIAL_ID"], values["OS_APPLICATION_CREDENTIAL_SECRET"] = r.ID, r.Secret
	}
	return values
}
