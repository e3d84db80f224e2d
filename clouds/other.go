package clouds

import (
	"crypto/tls"
	"fmt"
	"os"
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
	// gophercloud puts the environment and the options over the file itself.
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
	url, ok := auth["auth_url"]
	if _, set := o.set["auth_url"]; !ok && !set {
		return ao, eo, nil, fmt.Errorf("websso: %s has no auth_url: set it to the URL of Keystone%s", c.where, c.note)
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
	top, err := alone.tls(none)
	if err != nil {
		return ao, eo, nil, err
	}
	// gophercloud looks at the variables and the options itself, in this order.
	all, err := c.tls(o)
	if err != nil {
		return ao, eo, nil, err
	}
	if err := checkFiles(all); err != nil {
		return ao, eo, nil, err
	}
	if top["interface"], err = alone.iface(none); err != nil {
		return ao, eo, nil, err
	}
	if n, ok := c.top["region_name"]; ok {
		if text, err := n.text(); err == nil {
			top["region_name"] = cloudconf.Value{Text: text}
		}
	}
	ao, eo, tlsConfig, err = parseWithGophercloud(c.where, auth, top, o.gophercloud)
	if c.isEnv {
		ao.Passcode = os.Getenv("OS_PASSCODE")
	}
	return ao, eo, tlsConfig, err
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
