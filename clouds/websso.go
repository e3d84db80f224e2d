package clouds

import (
	"crypto/tls"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	gophercloudclouds "github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// scopeKeys are the keys that decide what a token is for.
var scopeKeys = []string{
	"project_id", "project_name", "project_domain_id", "project_domain_name",
	"domain_id", "domain_name", "system_scope", "trust_id",
}

// used returns what the functions of [WithAuthOptions] make of the options that a cloud
// gives. They can't change the caller's scope.
func (o *options) used(read websso.AuthOptions) websso.AuthOptions {
	read.Scope = copyOf(read.Scope)
	for _, f := range o.authOptions {
		f(&read)
	}
	return read
}

// parseWebsso reads a cloud with auth_type v3websso.
func (c *cloud) parseWebsso(o *options) (ao websso.AuthOptions, eo gophercloud.EndpointOpts, tlsConfig *tls.Config, err error) {
	c, regionName, err := c.inRegion(o)
	if err != nil {
		return ao, eo, nil, err
	}
	v, err := c.values(o, "auth_url", "identity_provider", "protocol", "redirect_host", "redirect_port", "login_timeout", "username")
	if err != nil {
		return ao, eo, nil, err
	}
	where := c.where
	if c.isEnv {
		where = ""
	}
	if err := v.Require(where); err != nil {
		return ao, eo, nil, fmt.Errorf("%w%s", err, c.note)
	}
	port, err := v.RedirectPort()
	if err != nil {
		return ao, eo, nil, err
	}
	timeout, err := v.LoginTimeout()
	if err != nil {
		return ao, eo, nil, err
	}
	url, err := c.expand(v["auth_url"], regionName)
	if err != nil {
		return ao, eo, nil, err
	}

	scope := make(cloudconf.Values)
	if o.scope == nil {
		if scope, err = c.values(o, scopeKeys...); err != nil {
			return ao, eo, nil, err
		}
		if err := scope.SettleScope(); err != nil {
			return ao, eo, nil, err
		}
	}
	scope["auth_url"] = cloudconf.Value{Text: url}

	top, err := c.tls(o)
	if err != nil {
		return ao, eo, nil, err
	}
	if err := checkFiles(top); err != nil {
		return ao, eo, nil, err
	}
	iface, err := c.iface(o)
	if err != nil {
		return ao, eo, nil, err
	}
	// The environment has been taken into account by now. Passing the result as
	// options keeps gophercloud from putting the environment over it again.
	opts := []gophercloudclouds.ParseOption{
		gophercloudclouds.WithScope(o.scope),
		gophercloudclouds.WithRegion(regionName),
		gophercloudclouds.WithEndpointType(iface.Text),
		gophercloudclouds.WithCACertPath(top["cacert"].Text),
		gophercloudclouds.WithClientCertPath(top["cert"].Text),
		gophercloudclouds.WithClientKeyPath(top["key"].Text),
	}
	base, eo, tlsConfig, err := parseWithGophercloud(c.where, scope, top, opts)
	if err != nil {
		return ao, eo, nil, err
	}
	for _, f := range o.tlsFiles {
		f(top["cacert"].Text, top["cert"].Text, top["key"].Text)
	}
	return websso.AuthOptions{
		IdentityEndpoint: base.IdentityEndpoint,
		IdentityProvider: v["identity_provider"].Text,
		Protocol:         v["protocol"].Text,
		Username:         v["username"].Text,
		Timeout:          timeout,
		Scope:            base.Scope,
		RedirectHost:     v["redirect_host"].Text,
		RedirectPort:     port,
	}, eo, tlsConfig, nil
}

// copyOf copies a scope.
func copyOf(scope *gophercloud.AuthScope) *gophercloud.AuthScope {
	if scope == nil {
		return nil
	}
	c := *scope
	return &c
}
