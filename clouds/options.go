package clouds

import (
	"io"
	"os"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// ParseOption selects a cloud, says where to read it, or overrides its settings. An
// option that gophercloud's package of the same name also has means the same there and
// here. An empty string changes nothing.
type ParseOption func(*options)

type options struct {
	cloudName       *string
	locations       []string
	publicLocations []string
	cloudsYAML      io.Reader
	secureYAML      io.Reader
	publicYAML      io.Reader

	env    cloudconf.Env
	called func(variable string) string
	set    cloudconf.Values // settings that override the file and the environment
	scope  *gophercloud.AuthScope

	authOptions []func(*websso.AuthOptions)
	client      []func(*gophercloud.ProviderClient)
	tlsFiles    []func(cacert, cert, key string)
}

func newOptions(opts []ParseOption) *options {
	o := &options{env: os.LookupEnv, called: func(name string) string { return name }, set: make(cloudconf.Values)}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// set returns an option that overrides a key of the file and its variables.
func set(key, text, from string) ParseOption {
	return func(o *options) {
		if text != "" {
			o.set[key] = cloudconf.Value{Text: text, From: cloudconf.Origin{Name: from}}
		}
	}
}

// WithCloudName names the cloud. It overrides OS_CLOUD.
func WithCloudName(name string) ParseOption { return func(o *options) { o.cloudName = &name } }

// WithLocations lists the files that may be the clouds.yaml. The first one that exists
// is used, and only a secure.yaml beside it.
func WithLocations(locations ...string) ParseOption {
	return func(o *options) { o.locations = locations }
}

// WithPublicLocations lists the files that may be the clouds-public.yaml. The first
// one that exists is used.
func WithPublicLocations(locations ...string) ParseOption {
	return func(o *options) { o.publicLocations = locations }
}

// WithCloudsYAML reads the clouds.yaml from r. No file is then searched for, neither a
// clouds.yaml nor a secure.yaml.
func WithCloudsYAML(r io.Reader) ParseOption { return func(o *options) { o.cloudsYAML = r } }

// WithSecureYAML reads the secure.yaml from r.
func WithSecureYAML(r io.Reader) ParseOption { return func(o *options) { o.secureYAML = r } }

// WithCloudsPublicYAML reads the clouds-public.yaml, which holds profiles, from r.
func WithCloudsPublicYAML(r io.Reader) ParseOption { return func(o *options) { o.publicYAML = r } }

// WithEnv reads variables with lookup, which is as [os.LookupEnv] is, instead of from the
// environment of the process. A program whose own options stand for variables can put
// their values in front of the environment so, and a test needs to set no variable.
func WithEnv(lookup func(name string) (value string, ok bool)) ParseOption {
	return func(o *options) { o.env = lookup }
}

// WithNames makes error messages call a variable what name returns for it. A program
// that puts its own options in front of the environment with [WithEnv] returns the name
// of the option, if that is where the value comes from, and otherwise the variable's.
func WithNames(name func(variable string) string) ParseOption {
	return func(o *options) { o.called = name }
}

// values returns the keys that are set in the environment.
func (o *options) values(keys []cloudconf.Key) cloudconf.Values {
	v := o.env.Values(keys)
	for key, value := range v {
		value.From.Name = o.called(value.From.Name)
		v[key] = value
	}
	return v
}

// WithAuthOptions calls f with the options that the files and the environment give for
// a v3websso cloud. f may change them and set the others, such as Cache or Output. For
// other auth_types f is called too, but only AllowReauth has an effect.
func WithAuthOptions(f func(*websso.AuthOptions)) ParseOption {
	return func(o *options) { o.authOptions = append(o.authOptions, f) }
}

// WithClient calls f with the client that [NewProviderClient] creates, after the TLS
// settings are in place and before the first request. f may set the user agent, for
// example, or wrap client.HTTPClient.Transport. Replacing that transport would lose the
// TLS settings.
func WithClient(f func(*gophercloud.ProviderClient)) ParseOption {
	return func(o *options) { o.client = append(o.client, f) }
}

// WithTLSFiles calls f with the absolute paths of the files that the TLS settings of a
// v3websso cloud come from: the certificate authorities, the client certificate and its
// key, each empty if it is not set. Programs that pass the cloud on to other programs need
// them. For other auth_types f is not called.
func WithTLSFiles(f func(cacert, cert, key string)) ParseOption {
	return func(o *options) { o.tlsFiles = append(o.tlsFiles, f) }
}

// WithScope sets the scope of the token. It overrides the file and the environment. A
// pointer to a zero AuthScope asks for an unscoped token; nil changes nothing.
func WithScope(scope *gophercloud.AuthScope) ParseOption { return func(o *options) { o.scope = scope } }

// WithIdentityEndpoint sets the URL of Keystone.
func WithIdentityEndpoint(url string) ParseOption {
	return set("auth_url", url, "WithIdentityEndpoint")
}

// WithRegion sets the region. It overrides OS_REGION_NAME.
func WithRegion(region string) ParseOption { return set("region_name", region, "WithRegion") }

// WithEndpointType selects public, internal or admin endpoints. It overrides OS_INTERFACE.
func WithEndpointType(endpointType string) ParseOption {
	return set("interface", endpointType, "WithEndpointType")
}

// WithProjectID sets the project's ID, which takes precedence over its name.
func WithProjectID(id string) ParseOption { return set("project_id", id, "WithProjectID") }

// WithProjectName sets the project's name. A project ID takes precedence over it.
func WithProjectName(name string) ParseOption { return set("project_name", name, "WithProjectName") }

// WithDomainID sets the ID of the domain or, if there is a project, of the project's domain.
func WithDomainID(id string) ParseOption { return set("domain_id", id, "WithDomainID") }

// WithDomainName sets the name of the domain or, if there is a project, of the project's domain.
func WithDomainName(name string) ParseOption { return set("domain_name", name, "WithDomainName") }

// WithCACertPath names the file of trusted certificate authorities. It overrides OS_CACERT.
func WithCACertPath(path string) ParseOption { return set("cacert", path, "WithCACertPath") }

// WithClientCertPath names the file with the client certificate. It overrides OS_CERT.
func WithClientCertPath(path string) ParseOption { return set("cert", path, "WithClientCertPath") }

// WithClientKeyPath names the file with the certificate's key. It overrides OS_KEY.
func WithClientKeyPath(path string) ParseOption { return set("key", path, "WithClientKeyPath") }

// WithInsecure turns the verification of certificates off or on. It overrides the file.
func WithInsecure(insecure bool) ParseOption {
	return set("verify", strconv.FormatBool(!insecure), "WithInsecure")
}

// WithUsername sets the user's name. For a v3websso cloud it is the label that keeps
// the sign-ins of several accounts apart; see [websso.AuthOptions].
func WithUsername(name string) ParseOption { return set("username", name, "WithUsername") }

// WithUserID sets the user's ID. A v3websso cloud ignores it.
func WithUserID(id string) ParseOption { return set("user_id", id, "WithUserID") }

// WithPassword sets the user's password. A v3websso cloud ignores it.
func WithPassword(password string) ParseOption { return set("password", password, "WithPassword") }

// WithToken sets a token to sign in with. A v3websso cloud ignores it.
func WithToken(token string) ParseOption { return set("token", token, "WithToken") }

// WithApplicationCredentialID names an application credential. A v3websso cloud ignores it.
func WithApplicationCredentialID(id string) ParseOption {
	return set("application_credential_id", id, "WithApplicationCredentialID")
}

// WithApplicationCredentialName names an application credential of the user. A v3websso
// cloud ignores it.
func WithApplicationCredentialName(name string) ParseOption {
	return set("application_credential_name", name, "WithApplicationCredentialName")
}

// WithApplicationCredentialSecret sets its secret. A v3websso cloud ignores it.
func WithApplicationCredentialSecret(secret string) ParseOption {
	return set("application_credential_secret", secret, "WithApplicationCredentialSecret")
}
