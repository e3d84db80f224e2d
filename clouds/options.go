package clouds

import (
	"io"

	"github.com/gophercloud/gophercloud/v2"
	gophercloudclouds "github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// ParseOption changes which cloud is read, from where, or what is made of it. Those
// that gophercloud's package of this name has too mean the same; an empty text leaves
// things as they are.
type ParseOption func(*options)

type options struct {
	cloudName       *string
	locations       []string
	publicLocations []string
	cloudsYAML      io.Reader
	secureYAML      io.Reader
	publicYAML      io.Reader

	set   cloudconf.Values // what stands over the file and the environment
	scope *gophercloud.AuthScope

	standard    []gophercloudclouds.ParseOption // all of that, for gophercloud
	authOptions []func(*websso.AuthOptions)
	client      []func(*gophercloud.ProviderClient)
	tlsFiles    []func(cacert, cert, key string)
}

func newOptions(opts []ParseOption) *options {
	o := &options{set: make(cloudconf.Values)}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// set is an option that stands over a key of the file and its variables.
func set(key, text, from string, standard gophercloudclouds.ParseOption) ParseOption {
	return func(o *options) {
		if text != "" {
			o.set[key] = cloudconf.Value{Text: text, From: from}
		}
		o.standard = append(o.standard, standard)
	}
}

// WithCloudName names the cloud, instead of OS_CLOUD.
func WithCloudName(name string) ParseOption {
	return func(o *options) { o.cloudName = &name }
}

// WithLocations names the files that may be the clouds.yaml; the first that is there
// counts. A secure.yaml is then looked for beside it only.
func WithLocations(locations ...string) ParseOption {
	return func(o *options) { o.locations = locations }
}

// WithPublicLocations names the files that may be the clouds-public.yaml; the first
// that is there counts.
func WithPublicLocations(locations ...string) ParseOption {
	return func(o *options) { o.publicLocations = locations }
}

// WithCloudsYAML reads the clouds.yaml from r. No clouds.yaml and no secure.yaml is
// then looked for.
func WithCloudsYAML(r io.Reader) ParseOption {
	return func(o *options) { o.cloudsYAML = r }
}

// WithSecureYAML reads the secure.yaml from r.
func WithSecureYAML(r io.Reader) ParseOption {
	return func(o *options) { o.secureYAML = r }
}

// WithCloudsPublicYAML reads the clouds-public.yaml, where profiles are, from r.
func WithCloudsPublicYAML(r io.Reader) ParseOption {
	return func(o *options) { o.publicYAML = r }
}

// WithAuthOptions lets f change what the files and the environment say of a v3websso
// cloud, and the rest of its options: the cache, or how the person is reached. For
// other auth_types f is called as well, and its AllowReauth counts.
func WithAuthOptions(f func(*websso.AuthOptions)) ParseOption {
	return func(o *options) { o.authOptions = append(o.authOptions, f) }
}

// WithClient lets f change the client that [NewProviderClient] makes, after its TLS
// settings and before its first request: its user agent, say, or a transport around
// client.HTTPClient.Transport. One in place of it would lose the TLS settings.
func WithClient(f func(*gophercloud.ProviderClient)) ParseOption {
	return func(o *options) { o.client = append(o.client, f) }
}

// WithTLSFiles tells f the files that the TLS settings of a v3websso cloud come from,
// for programs that hand the cloud on to others: the certificate authorities, a client
// certificate and its key, and "" for what there is not. For other auth_types f is not
// called.
func WithTLSFiles(f func(cacert, cert, key string)) ParseOption {
	return func(o *options) { o.tlsFiles = append(o.tlsFiles, f) }
}

// WithScope says what the token is to be good for, whatever the file and the
// environment say. A pointer to a zero AuthScope is no scope at all; nil leaves
// things as they are.
func WithScope(scope *gophercloud.AuthScope) ParseOption {
	return func(o *options) {
		o.scope = scope
		o.standard = append(o.standard, gophercloudclouds.WithScope(scope))
	}
}

// WithIdentityEndpoint sets the URL of Keystone.
func WithIdentityEndpoint(url string) ParseOption {
	return set("auth_url", url, "WithIdentityEndpoint", gophercloudclouds.WithIdentityEndpoint(url))
}

// WithRegion chooses a region, instead of OS_REGION_NAME.
func WithRegion(region string) ParseOption {
	return set("region_name", region, "WithRegion", gophercloudclouds.WithRegion(region))
}

// WithEndpointType chooses public, internal or admin endpoints, instead of
// OS_INTERFACE.
func WithEndpointType(endpointType string) ParseOption {
	return set("interface", endpointType, "WithEndpointType", gophercloudclouds.WithEndpointType(endpointType))
}

// WithProjectID sets the project's id, which wins over its name.
func WithProjectID(id string) ParseOption {
	return set("project_id", id, "WithProjectID", gophercloudclouds.WithProjectID(id))
}

// WithProjectName sets the project's name. A project_id wins over it.
func WithProjectName(name string) ParseOption {
	return set("project_name", name, "WithProjectName", gophercloudclouds.WithProjectName(name))
}

// WithDomainID sets the id of the domain; beside a project, of the project's.
func WithDomainID(id string) ParseOption {
	return set("domain_id", id, "WithDomainID", gophercloudclouds.WithDomainID(id))
}

// WithDomainName sets the name of the domain; beside a project, of the project's.
func WithDomainName(name string) ParseOption {
	return set("domain_name", name, "WithDomainName", gophercloudclouds.WithDomainName(name))
}

// WithCACertPath names the file with the certificate authorities to trust, instead of
// OS_CACERT.
func WithCACertPath(path string) ParseOption {
	return set("cacert", path, "WithCACertPath", gophercloudclouds.WithCACertPath(path))
}

// WithClientCertPath names the file with the client certificate, instead of OS_CERT.
func WithClientCertPath(path string) ParseOption {
	return set("cert", path, "WithClientCertPath", gophercloudclouds.WithClientCertPath(path))
}

// WithClientKeyPath names the file with the client certificate's key, instead of
// OS_KEY.
func WithClientKeyPath(path string) ParseOption {
	return set("key", path, "WithClientKeyPath", gophercloudclouds.WithClientKeyPath(path))
}

// WithInsecure says whether any certificate will do, whatever the file says.
func WithInsecure(insecure bool) ParseOption {
	verify := "true"
	if insecure {
		verify = "false"
	}
	return set("verify", verify, "WithInsecure", gophercloudclouds.WithInsecure(insecure))
}

// WithUsername sets a user's name. A v3websso cloud has no use for it, nor for the
// options below.
func WithUsername(name string) ParseOption {
	return set("username", name, "WithUsername", gophercloudclouds.WithUsername(name))
}

// WithUserID sets a user's id.
func WithUserID(id string) ParseOption {
	return set("user_id", id, "WithUserID", gophercloudclouds.WithUserID(id))
}

// WithPassword sets a user's password.
func WithPassword(password string) ParseOption {
	return set("password", password, "WithPassword", gophercloudclouds.WithPassword(password))
}

// WithToken sets a token to sign in with.
func WithToken(token string) ParseOption {
	return set("token", token, "WithToken", gophercloudclouds.WithToken(token))
}

// WithApplicationCredentialID sets an application credential's id.
func WithApplicationCredentialID(id string) ParseOption {
	return set("application_credential_id", id, "WithApplicationCredentialID", gophercloudclouds.WithApplicationCredentialID(id))
}

// WithApplicationCredentialName sets an application credential's name.
func WithApplicationCredentialName(name string) ParseOption {
	return set("application_credential_name", name, "WithApplicationCredentialName", gophercloudclouds.WithApplicationCredentialName(name))
}

// WithApplicationCredentialSecret sets an application credential's secret.
func WithApplicationCredentialSecret(secret string) ParseOption {
	return set("application_credential_secret", secret, "WithApplicationCredentialSecret", gophercloudclouds.WithApplicationCredentialSecret(secret))
}
