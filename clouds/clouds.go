// Package clouds signs in to the clouds of a clouds.yaml, or of the OS_* variables:
// through the browser where auth_type is v3websso, and as gophercloud does where it is
// another one. A tool that makes its client with [NewProviderClient] serves people with
// single sign-on and keeps all its other users:
//
//	client, endpoint, err := clouds.NewProviderClient(ctx)
//	if err != nil {
//		return err
//	}
//	compute, err := openstack.NewComputeV2(client, endpoint)
//
// It takes the place of Parse from gophercloud's package of this name and of the
// NewProviderClient that goes with it, and its options have the names of theirs.
//
// # Which cloud
//
// The cloud is the one that [WithCloudName] or OS_CLOUD names. Where neither does, it is
// what the OS_* variables describe, if there is OS_AUTH_URL or OS_AUTH_TYPE; otherwise
// the only cloud there is in the files.
//
// Files are found, merged and read as openstacksdk does it: clouds.yaml, clouds.yml or
// clouds.json, in the current directory, the user's configuration directory or
// /etc/openstack, or the file in OS_CLIENT_CONFIG_FILE; a secure.yaml over it; and the
// profile that it names in a clouds-public.yaml below it. Keys that mean nothing to this
// package are ignored, of whatever form they are.
//
// The OS_* variables stand over a v3websso cloud as they do for openstackclient. For other
// auth_types those count that gophercloud reads: OS_REGION_NAME, OS_INTERFACE, OS_CACERT,
// OS_CERT and OS_KEY.
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
)

// ErrAuthType says that the cloud's auth_type is another one than v3websso. Such a
// cloud is for [NewProviderClient], or for gophercloud.
var ErrAuthType = errors.New("auth_type is not " + cloudconf.AuthType)

// NewProviderClient makes a client for a cloud and signs it in. The EndpointOpts are
// what openstack.NewComputeV2 and its like want to know: the cloud's region, and whether
// its endpoints are the public ones.
//
// A v3websso cloud is signed in to by [websso.Authenticate], whose errors come through;
// any other by [openstack.Authenticate], with the same result as from gophercloud's own
// parser and client.
func NewProviderClient(ctx context.Context, opts ...ParseOption) (*gophercloud.ProviderClient, gophercloud.EndpointOpts, error) {
	client, eo, err := newProviderClient(ctx, newOptions(opts))
	if err != nil {
		return nil, gophercloud.EndpointOpts{}, err
	}
	return client, eo, nil
}

func newProviderClient(ctx context.Context, o *options) (*gophercloud.ProviderClient, gophercloud.EndpointOpts, error) {
	c, isWebsso, err := o.cloud()
	if err != nil {
		return nil, gophercloud.EndpointOpts{}, err
	}
	if isWebsso {
		ao, eo, tlsConfig, err := c.websso(o)
		if err != nil {
			return nil, eo, err
		}
		client, err := o.newClient(ao.IdentityEndpoint, tlsConfig)
		if err != nil {
			return nil, eo, err
		}
		return client, eo, websso.Authenticate(ctx, client, ao)
	}
	ao, eo, tlsConfig, err := c.other(o)
	if err != nil {
		return nil, eo, err
	}
	client, err := o.newClient(ao.IdentityEndpoint, tlsConfig)
	if err != nil {
		return nil, eo, err
	}
	if err := openstack.Authenticate(ctx, client, ao); err != nil {
		return nil, eo, fmt.Errorf("websso: %s: %w", c.where, err)
	}
	return client, eo, nil
}

// Parse reads a v3websso cloud, for callers that make their own client: with
// openstack.NewClient, the TLS configuration in its transport, and then
// [websso.Authenticate]. The error is [ErrAuthType] where the cloud has another
// auth_type.
func Parse(opts ...ParseOption) (websso.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	o := newOptions(opts)
	c, isWebsso, err := o.cloud()
	if err != nil {
		return websso.AuthOptions{}, gophercloud.EndpointOpts{}, nil, err
	}
	if !isWebsso {
		authType, err := c.authType()
		if err != nil {
			return websso.AuthOptions{}, gophercloud.EndpointOpts{}, nil, err
		}
		where := c.where
		if c.isEnv {
			where = "OS_AUTH_TYPE"
		}
		return websso.AuthOptions{}, gophercloud.EndpointOpts{}, nil, fmt.Errorf("websso: %s: %w: it is %q", where, ErrAuthType, authType.Text)
	}
	return c.websso(o)
}

// cloud finds the cloud, and tells whether it is one to sign in to through the browser.
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
		// openstackclient would now ask for a password.
		return nil, false, fmt.Errorf("websso: %s: OS_AUTH_TYPE says otherwise, %w: it is %q; unset it", authType.From, ErrAuthType, env.Text)
	}
	return c, isWebsso, nil
}

// newClient makes a client as gophercloud's config.NewProviderClient does.
func (o *options) newClient(endpoint string, tlsConfig *tls.Config) (*gophercloud.ProviderClient, error) {
	client, err := openstack.NewClient(endpoint)
	if err != nil {
		return nil, fmt.Errorf("websso: %w", err)
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
