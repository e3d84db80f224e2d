package clouds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// parseOther reads a cloud with any auth_type but v3websso as gophercloud's parser
// does. Unlike gophercloud, it also finds keys beside auth.
func (c *cloud) parseOther() (*parsed, error) {
	authType, _ := c.authType()
	if !slices.Contains(otherTypes, authType.Text) {
		return nil, fmt.Errorf("websso: %s is %s, which gophercloud does not support: it supports %s, and this package %s",
			authType.From, quote(authType.Text), strings.Join(otherTypes, ", "), cloudconf.AuthType)
	}
	c.belowFirst = true
	v, err := values(cloudconf.Keys, c.lookup)
	if err != nil {
		return nil, err
	}
	// Of the environment only what gophercloud reads counts, and not here.
	auth, err := values(cloudconf.All, c.inFiles)
	if err != nil {
		return nil, err
	}
	if c.isEnv {
		userFromEnv(auth)
	}
	url := cmp.Or(c.options.set["auth_url"], auth["auth_url"])
	switch {
	case auth["identity_provider"].Text != "" && authType.From == c.where && !c.signsIn():
		return nil, c.noAuthType() // gophercloud would miss a password
	case url.Text == "":
		return nil, fmt.Errorf("websso: %s has no auth_url: set it to the URL of Keystone%s", c.where, c.note())
	case strings.Contains(url.Text, "{"):
		in, region, err := c.inRegion()
		if err != nil {
			return nil, err
		}
		if url.Text, err = in.expand(url, region.Text); err != nil {
			return nil, err
		}
	}
	tlsConfig, _, err := c.tlsConfig(v)
	if err != nil {
		return nil, err
	}
	ao, err := authOptions(auth, c.options)
	if err != nil {
		return nil, fmt.Errorf("websso: %s: %w", c.where, err)
	}
	ao.IdentityEndpoint = url.Text
	if c.isEnv {
		ao.Passcode = c.options.env.Get("OS_PASSCODE")
	}
	for _, f := range c.options.authOptions {
		seen := websso.AuthOptions{IdentityEndpoint: ao.IdentityEndpoint, Scope: copyOf(ao.Scope), AllowReauth: ao.AllowReauth}
		f(&seen)
		ao.AllowReauth = seen.AllowReauth
	}
	// gophercloud takes the public endpoints for whatever it does not know.
	availability := cmp.Or(availability(v["interface"].Text), gophercloud.AvailabilityPublic)
	endpoint := gophercloud.EndpointOpts{Region: v["region_name"].Text, Availability: availability}
	return &parsed{url: url.Text, endpoint: endpoint, tls: tlsConfig, signIn: func(ctx context.Context, client *gophercloud.ProviderClient) error {
		if err := openstack.Authenticate(ctx, client, ao); err != nil {
			return shown(fmt.Errorf("websso: %s: %w", c.where, refusal(err)))
		}
		return nil
	}}, nil
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
	switch system := auth["system_scope"]; {
	case o.scope != nil:
		ao.Scope = copyOf(o.scope)
	case auth["trust_id"].Text != "":
		ao.Scope = &gophercloud.AuthScope{TrustID: auth["trust_id"].Text}
	case system.Text != "" && system.Text != "all":
		return ao, fmt.Errorf(`%s must be "all"`, system.From.Name)
	case system.Text != "":
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
	if auth["user_domain_id"].Text+auth["user_domain_name"].Text != "" {
		return
	}
	noProject := auth["project_id"].Text+auth["project_name"].Text == ""
	for _, kind := range []string{"id", "name"} {
		auth["user_domain_"+kind] = auth["domain_"+kind]
		if noProject {
			delete(auth, "domain_"+kind)
		}
	}
}
