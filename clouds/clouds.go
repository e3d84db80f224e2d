// Package clouds signs in to the clouds of a clouds.yaml file or of the OS_*
// environment variables. If a cloud's auth_type is v3websso, it signs in through the
// browser; otherwise it leaves the sign-in to gophercloud. A tool that creates its
// client with [NewProviderClient] supports single sign-on and still works for all its
// other users:
//
//	client, endpoint, err := clouds.NewProviderClient(ctx)
//	if err != nil {
//		return err
//	}
//	compute, err := openstack.NewComputeV2(client, endpoint)
//
// NewProviderClient replaces two calls: Parse from gophercloud's package of the same
// name, and NewProviderClient from gophercloud's package config. The options have the
// same names as gophercloud's.
//
// # Which cloud
//
// [WithCloudName] or OS_CLOUD names the cloud. If neither is set and OS_AUTH_URL or
// OS_AUTH_TYPE is, the OS_* variables describe the cloud. Otherwise the files must
// contain exactly one cloud, and that one is used.
//
// Files are found, merged and read as openstacksdk does it. The clouds file is
// clouds.yaml, clouds.yml or clouds.json in the current directory, in the user's
// configuration directory or in /etc/openstack, or the file that
// OS_CLIENT_CONFIG_FILE names. A secure.yaml overrides it, and a profile from a
// clouds-public.yaml supplies what it leaves out. Unknown keys are ignored, whatever
// their values look like.
//
// For a v3websso cloud the OS_* variables override the file as they do for
// openstackclient. For any other auth_type only the variables that gophercloud reads
// count: OS_REGION_NAME, OS_INTERFACE, OS_CACERT, OS_CERT and OS_KEY.
package clouds

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// NewProviderClient creates a client for a cloud and signs it in. The EndpointOpts
// hold the cloud's region and interface, for openstack.NewComputeV2 and similar
// functions. They look into the catalog of services, which comes with a scope. A client
// without one, from a v3websso cloud without a project or by [WithScope], is for Keystone
// only: create its service client with openstack.NewIdentityV3(client,
// gophercloud.EndpointOpts{}), as the example does to list the user's projects.
//
// It signs in to a v3websso cloud with [websso.Authenticate] and returns that
// function's errors. It signs in to any other cloud with [openstack.Authenticate], and
// the result is the same as with gophercloud's own parser and client.
func NewProviderClient(ctx context.Context, opts ...ParseOption) (*gophercloud.ProviderClient, gophercloud.EndpointOpts, error) {
	p, client, err := newOptions(opts).prepare()
	if err != nil {
		return nil, gophercloud.EndpointOpts{}, shown(err)
	}
	if err := p.signIn(ctx, client); err != nil {
		return nil, gophercloud.EndpointOpts{}, err
	}
	return client, p.endpoint, nil
}

// prepare does all that needs no request.
func (o *options) prepare() (*parsed, *gophercloud.ProviderClient, error) {
	c, isWebsso, err := o.cloud()
	if err != nil {
		return nil, nil, err
	}
	parse := c.parseOther
	if isWebsso {
		parse = c.parseWebsso
	}
	p, err := parse()
	if err != nil {
		return nil, nil, err
	}
	client, err := c.newClient(p.url, p.tls)
	return p, client, err
}

// Parse reads the settings of a v3websso cloud, for callers that create the client
// themselves: call openstack.NewClient, put the TLS configuration into the client's
// transport, and call [websso.Authenticate]. If the cloud has another auth_type, the
// error is [ErrAuthType].
func Parse(opts ...ParseOption) (websso.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	p, err := newOptions(opts).parse()
	if err != nil {
		return websso.AuthOptions{}, gophercloud.EndpointOpts{}, nil, shown(err)
	}
	return p.websso, p.endpoint, p.tls, nil
}

func (o *options) parse() (*parsed, error) {
	c, isWebsso, err := o.cloud()
	if err != nil {
		return nil, err
	}
	if isWebsso {
		return c.parseWebsso()
	}
	authType, _ := c.authType()
	where := c.where
	if authType.From == where { // by default
		return nil, c.noAuthType()
	}
	if c.isEnv {
		where.Name = "OS_AUTH_TYPE"
	}
	return nil, fmt.Errorf("websso: %s: %w: it is %s", where, ErrAuthType, quote(authType.Text))
}

// Names returns the names of all clouds in the files, whatever their auth_type, in
// alphabetical order. Only the options about files count. A mistake in one cloud is
// not reported until that cloud is parsed. If there is no file, the error is
// [io/fs.ErrNotExist].
func Names(opts ...ParseOption) ([]string, error) {
	o := newOptions(opts)
	f, err := o.files()
	if err == nil && f.isEmpty() {
		err = fmt.Errorf("websso: %w", o.notFound(f))
	}
	var entries map[string][]node
	if err == nil {
		entries, err = f.entries()
	}
	if err != nil {
		return nil, shown(err)
	}
	return slices.Sorted(maps.Keys(entries)), nil
}

// newClient creates a client as gophercloud's config.NewProviderClient does.
func (c *cloud) newClient(endpoint string, tlsConfig *tls.Config) (*gophercloud.ProviderClient, error) {
	client, err := openstack.NewClient(endpoint)
	if u, parseErr := url.Parse(endpoint); err != nil || parseErr != nil || u.Host == "" {
		return nil, fmt.Errorf("websso: %s: auth_url %s is not a URL", c.where, quote(terminal.Address(endpoint)))
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	transport.TLSClientConfig = tlsConfig
	client.HTTPClient.Transport = transport
	for _, f := range c.options.client {
		f(client)
	}
	return client, nil
}
