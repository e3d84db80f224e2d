package clouds

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
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
	for _, key := range cloudconf.Keys {
		if value, ok, err := c.lookup(key, o); ok && err == nil && strings.Contains(value.Text, "\x00") {
			return ao, eo, nil, fmt.Errorf("websso: %s has a NUL character, which no name or path can have: remove it", value.From)
		}
	}
	if strings.Contains(regionName, "\x00") {
		return ao, eo, nil, fmt.Errorf("websso: %s has a name with a NUL character: remove it", c.where.Key("regions"))
	}
	v, err := c.values(o, "auth_url", "identity_provider", "protocol", "redirect_host", "redirect_port", "login_timeout", "username")
	if err != nil {
		return ao, eo, nil, err
	}
	where := c.where.String()
	if c.isEnv {
		where = ""
	}
	if err := v.Require(where); err != nil {
		return ao, eo, nil, fmt.Errorf("%w%s", err, c.note())
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
	if _, err := keystone.ParseEndpoint(url); err != nil {
		return ao, eo, nil, cloudconf.Named(err, c.names(o))
	}
	scope := copyOf(o.scope)
	if scope == nil {
		keys, err := c.values(o, scopeKeys...)
		if err != nil {
			return ao, eo, nil, err
		}
		if err := keys.SettleScope(); err != nil {
			return ao, eo, nil, err
		}
		scope = keys.Scope()
	}
	iface, err := c.iface(o)
	if err != nil {
		return ao, eo, nil, err
	}
	if availability(iface.Text) == "" {
		return ao, eo, nil, fmt.Errorf("websso: %s is %s: use public, internal or admin", iface.From, quote(iface.Text))
	}
	tlsConfig, top, err := c.tlsConfig(o)
	if err != nil {
		return ao, eo, nil, err
	}
	for _, f := range o.tlsFiles {
		f(top["cacert"].Text, top["cert"].Text, top["key"].Text)
	}
	return websso.AuthOptions{
		IdentityEndpoint: url,
		IdentityProvider: v["identity_provider"].Text,
		Protocol:         v["protocol"].Text,
		Username:         v["username"].Text,
		Timeout:          timeout,
		Scope:            scope,
		RedirectHost:     v["redirect_host"].Text,
		RedirectPort:     port,
		CloudName:        c.name,
		TLSFiles:         websso.TLSFiles{CACert: o.absolute(top["cacert"].Text), Cert: o.absolute(top["cert"].Text), Key: o.absolute(top["key"].Text)},
	}, gophercloud.EndpointOpts{Region: regionName, Availability: availability(iface.Text)}, tlsConfig, nil
}

// availability returns the kind of endpoints that an interface names, or "" if there is
// none of that name (keystoneauth1/access/service_catalog.py, normalize_interface).
func availability(iface string) gophercloud.Availability {
	switch strings.TrimSuffix(iface, "URL") {
	case "", "public":
		return gophercloud.AvailabilityPublic
	case "internal":
		return gophercloud.AvailabilityInternal
	case "admin":
		return gophercloud.AvailabilityAdmin
	}
	return ""
}

// copyOf copies a scope.
func copyOf(scope *gophercloud.AuthScope) *gophercloud.AuthScope {
	if scope == nil {
		return nil
	}
	c := *scope
	return &c
}
