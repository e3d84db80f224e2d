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
	"errors"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// ErrAuthType reports that the cloud's auth_type is not v3websso. Use
// [NewProviderClient], or gophercloud itself, for such a cloud.
var ErrAuthType = errors.New("auth_type is not " + cloudconf.AuthType)

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
	client, eo, signIn, err := newOptions(opts).newProviderClient()
	if err != nil {
		return nil, gophercloud.EndpointOpts{}, shown(err)
	}
	if err := signIn(ctx); err != nil {
		return nil, gophercloud.EndpointOpts{}, err
	}
	return client, eo, nil
}

// newProviderClient creates the client, and returns it with the function that signs it
// in.
func (o *options) newProviderClient() (client *gophercloud.ProviderClient, eo gophercloud.EndpointOpts, signIn func(context.Context) error, err error) {
	c, isWebsso, err := o.cloud()
	if err != nil {
		return nil, eo, nil, err
	}
	if isWebsso {
		read, eo, tlsConfig, err := c.parseWebsso(o)
		if err != nil {
			return nil, eo, nil, err
		}
		ao := o.used(read)
		client, err := o.newClient(c.where, ao.IdentityEndpoint, tlsConfig)
		return client, eo, func(ctx context.Context) error {
			err := websso.Authenticate(ctx, client, ao)
			if renew := client.ReauthFunc; renew != nil {
				client.ReauthFunc = func(ctx context.Context) error { return c.inOwnWords(renew(ctx), read, ao, o) }
			}
			return c.inOwnWords(err, read, ao, o)
		}, err
	}
	ao, eo, tlsConfig, err := c.parseOther(o)
	if err != nil {
		return nil, eo, nil, err
	}
	client, err = o.newClient(c.where, ao.IdentityEndpoint, tlsConfig)
	return client, eo, func(ctx context.Context) error {
		if err := openstack.Authenticate(ctx, client, ao); err != nil {
			return shown(fmt.Errorf("websso: %s: %w", c.where, refusal(err)))
		}
		return nil
	}, err
}

// Parse reads the settings of a v3websso cloud, for callers that create the client
// themselves: call openstack.NewClient, put the TLS configuration into the client's
// transport, and call [websso.Authenticate]. If the cloud has another auth_type, the
// error is [ErrAuthType].
func Parse(opts ...ParseOption) (websso.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	ao, eo, tlsConfig, err := newOptions(opts).parse()
	if err != nil {
		return websso.AuthOptions{}, gophercloud.EndpointOpts{}, nil, shown(err)
	}
	return ao, eo, tlsConfig, nil
}

func (o *options) parse() (ao websso.AuthOptions, eo gophercloud.EndpointOpts, tlsConfig *tls.Config, err error) {
	c, isWebsso, err := o.cloud()
	if err != nil {
		return ao, eo, nil, err
	}
	if isWebsso {
		ao, eo, tlsConfig, err = c.parseWebsso(o)
		if err != nil {
			return ao, eo, nil, err
		}
		return o.used(ao), eo, tlsConfig, nil
	}
	authType, err := c.authType()
	if err != nil {
		return ao, eo, nil, err
	}
	where := c.where
	if c.isEnv {
		where.Name = "OS_AUTH_TYPE"
	}
	if authType.From == c.where { // by default
		return ao, eo, nil, c.noAuthType(o)
	}
	return ao, eo, nil, fmt.Errorf("websso: %s: %w: it is %s", where, ErrAuthType, quote(authType.Text))
}

// cloud finds the cloud and reports whether its auth_type is v3websso.
func (o *options) cloud() (c *cloud, isWebsso bool, err error) {
	c, err = o.find()
	if err != nil {
		return nil, false, err
	}
	authType, err := c.authType()
	if err != nil {
		return nil, false, err
	}
	isWebsso = authType.Text == cloudconf.AuthType
	if env, ok := c.env["auth_type"]; isWebsso && ok && env.Text != cloudconf.AuthType {
		// openstackclient would follow the variable and ask for a password.
		return nil, false, fmt.Errorf("websso: %s is %s, but in OS_AUTH_TYPE %w: it is %s. Unset OS_AUTH_TYPE", authType.From, cloudconf.AuthType, ErrAuthType, quote(env.Text))
	}
	return c, isWebsso, nil
}

// newClient creates a client as gophercloud's config.NewProviderClient does.
func (o *options) newClient(where cloudconf.Origin, endpoint string, tlsConfig *tls.Config) (*gophercloud.ProviderClient, error) {
	client, err := openstack.NewClient(endpoint)
	if err != nil {
		return nil, fmt.Errorf("websso: %s: auth_url %s is not a URL", where, quote(terminal.Address(endpoint)))
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	transport.TLSClientConfig = tlsConfig
	client.HTTPClient.Transport = transport
	for _, f := range o.client {
		f(client)
	}
	return client, nil
}
