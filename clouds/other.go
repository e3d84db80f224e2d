package clouds

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// otherTypes are the auth_types that gophercloud can sign in with. It doesn't look at
// the auth_type, only at the credentials, and would report a missing password for others.
var otherTypes = []string{
	"password", "v3password", "v2password", "token", "v3token", "v2token",
	"v3applicationcredential", "v3totp", "v3multifactor",
}

// parseOther reads a cloud with any auth_type but v3websso as gophercloud's parser
// does. Unlike gophercloud, it also finds keys beside auth.
func (c *cloud) parseOther(o *options) (gophercloud.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	ao, eo, tlsConfig, err := c.readOther(o)
	if err != nil {
		return ao, eo, nil, err
	}
	for _, f := range o.authOptions {
		seen := websso.AuthOptions{IdentityEndpoint: ao.IdentityEndpoint, Scope: copyOf(ao.Scope), AllowReauth: ao.AllowReauth}
		f(&seen)
		ao.AllowReauth = seen.AllowReauth
	}
	return ao, eo, tlsConfig, nil
}

func (c *cloud) readOther(o *options) (ao gophercloud.AuthOptions, eo gophercloud.EndpointOpts, tlsConfig *tls.Config, err error) {
	authType, err := c.authType()
	if err != nil {
		return ao, eo, nil, err
	}
	if !slices.Contains(otherTypes, authType.Text) {
		return ao, eo, nil, fmt.Errorf("websso: %s is %s, which gophercloud does not support: it supports %s, and this package %s",
			authType.From, quote(authType.Text), strings.Join(otherTypes, ", "), cloudconf.AuthType)
	}
	// Of the environment only what gophercloud reads counts, and not here.
	alone := *c
	alone.env = nil
	alone.belowFirst = true
	none := newOptions(nil)
	keys := append([]string{"auth_url", "username"}, scopeKeys...)
	for _, key := range cloudconf.Credentials {
		keys = append(keys, key.Name)
	}
	auth, err := alone.values(none, keys...)
	if err != nil {
		return ao, eo, nil, err
	}
	if c.isEnv {
		userFromEnv(auth)
	}
	// gophercloud would miss a password.
	if _, isWebsso := c.node(cloudconf.Key{Name: "identity_provider", Auth: true}); isWebsso && authType.From == c.where && !slices.ContainsFunc(credentials, func(key string) bool {
		return auth[key].Text+o.set[key].Text != ""
	}) {
		return ao, eo, nil, c.noAuthType(o)
	}
	url, ok := auth["auth_url"]
	if _, set := o.set["auth_url"]; !ok && !set {
		return ao, eo, nil, fmt.Errorf("websso: %s has no auth_url: set it to the URL of Keystone%s", c.where, c.note())
	}
	if strings.Contains(url.Text, "{") {
		in, regionName, err := c.inRegion(o)
		if err != nil {
			return ao, eo, nil, err
		}
		if url.Text, err = in.expand(url, regionName); err != nil {
			return ao, eo, nil, err
		}
		auth["auth_url"] = url
	}
	if tlsConfig, _, err = c.tlsConfig(o); err != nil {
		return ao, eo, nil, err
	}
	iface, err := c.iface(o)
	if err != nil {
		return ao, eo, nil, err
	}
	// gophercloud takes the public endpoints for whatever it does not know.
	eo.Availability = cmp.Or(availability(iface.Text), gophercloud.AvailabilityPublic)
	if region, err := c.values(o, "region_name"); err == nil { // a list of regions is none for gophercloud
		eo.Region = region["region_name"].Text
	}
	if ao, err = authOptions(auth, o); err != nil {
		return ao, eo, nil, fmt.Errorf("websso: %s: %w", c.where, err)
	}
	if c.isEnv {
		ao.Passcode = o.env.Get("OS_PASSCODE")
	}
	return ao, eo, tlsConfig, nil
}

// authOptions returns what gophercloud's parser makes of the keys below auth and of the
// program's options (openstack/config/clouds/clouds.go, Parse).
func authOptions(auth cloudconf.Values, o *options) (gophercloud.AuthOptions, error) {
	// either returns the option for a key, or else the first of the keys of the cloud.
	either := func(option string, keys ...string) string {
		text := o.set[option].Text
		for _, key := range append(keys, option) {
			text = cmp.Or(text, auth[key].Text)
		}
		return text
	}
	ao := gophercloud.AuthOptions{
		IdentityEndpoint:            either("auth_url"),
		Username:                    either("username"),
		UserID:                      either("user_id"),
		Password:                    either("password"),
		DomainID:                    either("domain_id", "user_domain_id"),
		DomainName:                  either("domain_name", "user_domain_name"),
		TenantID:                    either("project_id"),
		TenantName:                  either("project_name"),
		TokenID:                     either("token"),
		ApplicationCredentialID:     either("application_credential_id"),
		ApplicationCredentialName:   either("application_credential_name"),
		ApplicationCredentialSecret: either("application_credential_secret"),
	}
	_, system := auth["system_scope"]
	switch {
	case o.scope != nil:
		ao.Scope = copyOf(o.scope)
	case auth["trust_id"].Text != "":
		ao.Scope = &gophercloud.AuthScope{TrustID: auth["trust_id"].Text}
	case system && auth["system_scope"].Text != "all":
		return ao, fmt.Errorf(`%s must be "all"`, auth["system_scope"].From.Name)
	case system:
		ao.Scope = &gophercloud.AuthScope{System: true}
	case ao.TenantID != "":
		ao.Scope = &gophercloud.AuthScope{ProjectID: ao.TenantID}
	case ao.TenantName != "":
		ao.Scope = &gophercloud.AuthScope{
			ProjectName: ao.TenantName,
			DomainID:    cmp.Or(auth["project_domain_id"].Text, auth["domain_id"].Text),
			DomainName:  cmp.Or(auth["project_domain_name"].Text, auth["domain_name"].Text),
		}
	case either("domain_id") != "":
		ao.Scope = &gophercloud.AuthScope{DomainID: either("domain_id")}
	case either("domain_name") != "":
		ao.Scope = &gophercloud.AuthScope{DomainName: either("domain_name")}
	}
	return ao, nil
}

// userFromEnv gives the domain variables the meaning that they have for gophercloud's
// reader of the environment (openstack/auth_env.go): a domain is the user's as well as
// the project's, and never a scope of its own.
func userFromEnv(auth cloudconf.Values) {
	_, hasID := auth["user_domain_id"]
	_, hasName := auth["user_domain_name"]
	if hasID || hasName {
		return
	}
	_, byID := auth["project_id"]
	_, byName := auth["project_name"]
	for _, kind := range []string{"id", "name"} {
		domain, ok := auth["domain_"+kind]
		if !ok {
			continue
		}
		auth["user_domain_"+kind] = domain
		if !byID && !byName {
			delete(auth, "domain_"+kind)
		}
	}
}
