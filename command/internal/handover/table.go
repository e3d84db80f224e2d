// Package handover decides what other tools are handed of a sign-in: the variables of
// their environment, per shell, and a clouds.yaml of their own. It also runs such a tool.
//
// What env and exec set stays in the environment in which the command runs next, and must
// not be taken for what the user has set. [Read] tells the two apart.
package handover

// kind says what a variable is about. The rules of [Read] differ by it.
type kind int

const (
	description kind = iota // which cloud, and how to sign in to it
	identity                // who signs in
	scope                   // what the token is for
	connection              // how to reach the services
	place                   // which files describe the clouds
)

// A variable is one that tools read about a cloud.
type variable struct {
	name string
	kind kind

	// secret values are never written down. Neither is a value that turns off the
	// verification of certificates, which must not come back by itself.
	secret bool

	// value returns what tools get. The variable is removed if it is nil or returns "".
	value func(Cloud) string

	// key is the variable's name in a clouds.yaml, below auth unless it is about the
	// connection.
	key string
}

// table has every variable that sends a tool to a cloud. Each of them is set for the
// cloud that tools get or else removed, so that nothing of another cloud stays: the tools
// are openstackclient with each option of keystoneauth's plugins, openstacksdk, which
// reads any OS_ variable, Terraform's provider and gophercloud.
var table = []variable{
	{name: "OS_CLOUD", kind: description},
	{name: "OS_AUTH_URL", kind: description, value: Cloud.authURL, key: "auth_url"},
	{name: "OS_AUTH_TYPE", kind: description, value: Cloud.authType},
	{name: "OS_IDENTITY_PROVIDER", kind: description},
	{name: "OS_PROTOCOL", kind: description},

	{name: "OS_TOKEN", kind: identity, secret: true, value: func(c Cloud) string { return c.Token }, key: "token"},
	{name: "OS_APPLICATION_CREDENTIAL_ID", kind: identity, value: func(c Cloud) string { return c.Renewing.ID }, key: "application_credential_id"},
	{name: "OS_APPLICATION_CREDENTIAL_NAME", kind: identity},
	{name: "OS_APPLICATION_CREDENTIAL_SECRET", kind: identity, secret: true, value: func(c Cloud) string { return c.Renewing.Secret }, key: "application_credential_secret"},
	{name: "OS_AUTH_PLUGIN", kind: identity}, // an older OS_AUTH_TYPE
	{name: "OS_AUTH_METHODS", kind: identity},
	{name: "OS_AUTH_TOKEN", kind: identity, secret: true}, // gophercloud takes it before OS_TOKEN
	{name: "OS_USERNAME", kind: identity},
	{name: "OS_USER_NAME", kind: identity},
	{name: "OS_USER_ID", kind: identity},
	{name: "OS_USERID", kind: identity},
	{name: "OS_USER_DOMAIN_ID", kind: identity},
	{name: "OS_USER_DOMAIN_NAME", kind: identity},
	{name: "OS_DEFAULT_DOMAIN", kind: identity},
	{name: "OS_DEFAULT_DOMAIN_ID", kind: identity},
	{name: "OS_DEFAULT_DOMAIN_NAME", kind: identity},
	{name: "OS_PASSWORD", kind: identity, secret: true},
	{name: "OS_PASSCODE", kind: identity, secret: true},
	{name: "OS_ACCESS_KEY", kind: identity, secret: true},
	{name: "OS_ACCESS_SECRET", kind: identity, secret: true},
	{name: "OS_ACCESS_TOKEN", kind: identity, secret: true},
	{name: "OS_ACCESS_TOKEN_ENDPOINT", kind: identity},
	{name: "OS_ACCESS_TOKEN_TYPE", kind: identity},
	{name: "OS_AUTHORIZATION_CODE", kind: identity, secret: true},
	{name: "OS_AUTHORIZATION_ENDPOINT", kind: identity},
	{name: "OS_CLIENT_ID", kind: identity},
	{name: "OS_CLIENT_SECRET", kind: identity, secret: true},
	{name: "OS_CODE", kind: identity, secret: true},
	{name: "OS_CODE_CHALLENGE_METHOD", kind: identity},
	{name: "OS_CONSUMER_KEY", kind: identity, secret: true},
	{name: "OS_CONSUMER_SECRET", kind: identity, secret: true},
	{name: "OS_DEVICE_AUTHORIZATION_ENDPOINT", kind: identity},
	{name: "OS_DISCOVERY_ENDPOINT", kind: identity},
	{name: "OS_IDENTITY_PROVIDER_URL", kind: identity},
	{name: "OS_IDP_OTP_KEY", kind: identity, secret: true},
	{name: "OS_MUTUAL_AUTH", kind: identity},
	{name: "OS_OAUTH2_CLIENT_ID", kind: identity},
	{name: "OS_OAUTH2_CLIENT_SECRET", kind: identity, secret: true},
	{name: "OS_OAUTH2_ENDPOINT", kind: identity},
	{name: "OS_OPENID_SCOPE", kind: identity},
	{name: "OS_REDIRECT_URI", kind: identity},
	{name: "OS_SERVICE_PROVIDER_ENDPOINT", kind: identity},
	{name: "OS_SERVICE_PROVIDER_ENTITY_ID", kind: identity},
	{name: "OS_SWAUTH", kind: identity},

	{name: "OS_PROJECT_ID", kind: scope, value: func(c Cloud) string { return c.ProjectID }, key: "project_id"},
	{name: "OS_PROJECT_NAME", kind: scope},
	{name: "OS_PROJECT_DOMAIN_ID", kind: scope},
	{name: "OS_PROJECT_DOMAIN_NAME", kind: scope},
	{name: "OS_TENANT_ID", kind: scope}, // Terraform's provider takes it before OS_PROJECT_ID
	{name: "OS_TENANT_NAME", kind: scope},
	{name: "OS_DOMAIN_ID", kind: scope, value: func(c Cloud) string { return c.DomainID }, key: "domain_id"},
	{name: "OS_DOMAIN_NAME", kind: scope},
	{name: "OS_SYSTEM_SCOPE", kind: scope, value: Cloud.systemScope, key: "system_scope"},
	{name: "OS_TRUST_ID", kind: scope, value: func(c Cloud) string { return c.TrustID }, key: "trust_id"},
	{name: "OS_SERVICE_PROVIDER", kind: scope}, // another Keystone, which trusts this one
	{name: "OS_REMOTE_PROJECT_ID", kind: scope},
	{name: "OS_REMOTE_PROJECT_NAME", kind: scope},
	{name: "OS_REMOTE_PROJECT_DOMAIN_ID", kind: scope},
	{name: "OS_REMOTE_PROJECT_DOMAIN_NAME", kind: scope},

	{name: "OS_IDENTITY_API_VERSION", kind: connection, value: func(Cloud) string { return "3" }, key: "identity_api_version"},
	{name: "OS_REGION_NAME", kind: connection, value: func(c Cloud) string { return c.Region }, key: "region_name"},
	{name: "OS_INTERFACE", kind: connection, value: func(c Cloud) string { return c.Interface }, key: "interface"},
	{name: "OS_ENDPOINT_TYPE", kind: connection, value: func(c Cloud) string { return c.Interface }}, // all that Terraform's provider reads
	{name: "OS_CACERT", kind: connection, value: func(c Cloud) string { return c.CACert }, key: "cacert"},
	{name: "OS_CERT", kind: connection, value: func(c Cloud) string { return c.Cert }, key: "cert"},
	{name: "OS_KEY", kind: connection, value: func(c Cloud) string { return c.Key }, key: "key"},
	{name: "OS_INSECURE", kind: connection, secret: true, value: Cloud.insecure},
	{name: "OS_VERIFY", kind: connection, secret: true},
	{name: "OS_ENDPOINT", kind: connection},
	{name: "OS_URL", kind: connection},
	{name: "OS_STORAGE_URL", kind: connection},

	{name: "OS_CLIENT_CONFIG_FILE", kind: place},
	{name: "OS_CLIENT_SECURE_FILE", kind: place},
}

// Cloud is a cloud and what tools sign in to it with.
type Cloud struct {
	AuthURL string // Keystone's, with /v3

	// Token is what tools get, unless Renewing is set.
	Token    string
	Renewing Renewing

	// At most one of these is set. With Renewing it makes no difference.
	ProjectID, DomainID, TrustID string
	System                       bool

	Region, Interface string
	CACert, Cert, Key string // paths
	Insecure          bool
}

// Renewing is a Keystone on this computer that renews the token, and an application
// credential for it.
type Renewing struct{ URL, ID, Secret string }

func (c Cloud) authURL() string {
	if c.Renewing.URL != "" {
		return c.Renewing.URL
	}
	return c.AuthURL
}

func (c Cloud) authType() string {
	if c.Renewing.URL != "" {
		return credentialType
	}
	return tokenType
}

// The auth_types that tools get.
const (
	tokenType      = "v3token"
	credentialType = "v3applicationcredential"
)

func (c Cloud) systemScope() string {
	if c.System {
		return "all"
	}
	return ""
}

func (c Cloud) insecure() string {
	if c.Insecure {
		return "true"
	}
	return ""
}

// values returns what tools get, by variable.
func (c Cloud) values() map[string]string {
	if c.Renewing.URL != "" {
		// The Keystone gives out tokens for one scope, and is asked for none.
		c.Token, c.ProjectID, c.DomainID, c.TrustID, c.System = "", "", "", "", false
	}
	values := make(map[string]string)
	for _, v := range table {
		if v.value == nil {
			continue
		}
		if value := v.value(c); value != "" {
			values[v.name] = value
		}
	}
	return values
}
