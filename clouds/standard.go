package clouds

import (
	"crypto/tls"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	gophercloudclouds "github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// standard hands what gophercloud knows of a cloud to its parser: as a clouds.yaml
// that has everything where gophercloud looks for it, and nothing that it trips over.
func standard(where string, auth, top cloudconf.Values, opts []gophercloudclouds.ParseOption) (gophercloud.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	var file strings.Builder
	// Without an auth, even an empty one, gophercloud's parser panics.
	file.WriteString("clouds: {cloud: {auth: {")
	for key, value := range auth {
		// What Go escapes in a text, YAML escapes in the same way.
		fmt.Fprintf(&file, "%s: %s, ", key, strconv.QuoteToASCII(value.Text))
	}
	file.WriteString("}")
	for key, value := range top {
		text := strconv.QuoteToASCII(value.Text)
		if key == "verify" {
			text = value.Text // true or false
		}
		fmt.Fprintf(&file, ", %s: %s", key, text)
	}
	file.WriteString("}}")

	opts = append([]gophercloudclouds.ParseOption{
		gophercloudclouds.WithCloudsYAML(strings.NewReader(file.String())),
		gophercloudclouds.WithCloudName("cloud"),
	}, opts...)
	ao, eo, tlsConfig, err := gophercloudclouds.Parse(opts...)
	if err != nil {
		return gophercloud.AuthOptions{}, gophercloud.EndpointOpts{}, nil, fmt.Errorf("websso: %s: %w", where, err)
	}
	return ao, eo, tlsConfig, nil
}

// tls returns the keys of c that are about TLS, as gophercloud reads them.
func (c *cloud) tls(o *options) (cloudconf.Values, error) {
	v, err := c.values(o, "cacert", "cert", "key")
	if err != nil {
		return nil, err
	}
	verify := true
	if n, ok := c.top["verify"]; ok {
		if verify, err = n.truth(); err != nil {
			return nil, err
		}
	}
	// insecure wins: openstack/config/cloud_region.py, get_requests_verify_args. Its
	// text may be in quotes, which is all that a variable can have.
	if n, ok := c.top["insecure"]; ok {
		insecure, err := n.insecure()
		if err != nil {
			return nil, err
		}
		verify = verify && !insecure
	}
	if set, ok := o.set["verify"]; ok {
		verify = set.Text == "true"
	}
	if !verify {
		delete(v, "cacert") // it may be missing then
	}
	v["verify"] = cloudconf.Value{Text: fmt.Sprint(verify), From: c.where}
	// One file can hold both: the library below openstacksdk takes a certificate
	// alone for that.
	if cert, ok := v["cert"]; ok {
		if _, ok := v["key"]; !ok {
			v["key"] = cert
		}
	}
	return v, nil
}

// websso reads c as a cloud to sign in to through the browser.
func (c *cloud) websso(o *options) (websso.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	ao, eo, tlsConfig, err := c.readWebsso(o)
	if err != nil {
		return websso.AuthOptions{}, gophercloud.EndpointOpts{}, nil, err
	}
	for _, f := range o.authOptions {
		f(&ao)
	}
	return ao, eo, tlsConfig, nil
}

func (c *cloud) readWebsso(o *options) (ao websso.AuthOptions, eo gophercloud.EndpointOpts, tlsConfig *tls.Config, err error) {
	c, regionName, err := c.inRegion(o)
	if err != nil {
		return ao, eo, nil, err
	}
	v, err := c.values(o, "auth_url", "identity_provider", "protocol", "redirect_host", "redirect_port")
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
	iface, err := c.values(o, "interface")
	if err != nil {
		return ao, eo, nil, err
	}
	// As options, so that gophercloud does not put the environment over what has come
	// out.
	opts := []gophercloudclouds.ParseOption{
		gophercloudclouds.WithScope(copyOf(o.scope)),
		gophercloudclouds.WithRegion(regionName),
		gophercloudclouds.WithEndpointType(iface["interface"].Text),
		gophercloudclouds.WithCACertPath(top["cacert"].Text),
		gophercloudclouds.WithClientCertPath(top["cert"].Text),
		gophercloudclouds.WithClientKeyPath(top["key"].Text),
	}
	base, eo, tlsConfig, err := standard(c.where, scope, top, opts)
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
		Scope:            base.Scope,
		RedirectHost:     v["redirect_host"].Text,
		RedirectPort:     port,
	}, eo, tlsConfig, nil
}

// copyOf keeps the caller's scope out of reach of the functions that may change it.
func copyOf(scope *gophercloud.AuthScope) *gophercloud.AuthScope {
	if scope == nil {
		return nil
	}
	c := *scope
	return &c
}

var scopeKeys = []string{
	"project_id", "project_name", "project_domain_id", "project_domain_name",
	"domain_id", "domain_name", "system_scope", "trust_id",
}

// other reads c as a cloud with another auth_type: what gophercloud's parser makes of
// it. It finds in addition what it would not look for beside auth.
func (c *cloud) other(o *options) (gophercloud.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	ao, eo, tlsConfig, err := c.readOther(o)
	if err != nil {
		return gophercloud.AuthOptions{}, gophercloud.EndpointOpts{}, nil, err
	}
	for _, f := range o.authOptions {
		seen := websso.AuthOptions{IdentityEndpoint: ao.IdentityEndpoint, Scope: copyOf(ao.Scope), AllowReauth: ao.AllowReauth}
		f(&seen)
		ao.AllowReauth = seen.AllowReauth
	}
	return ao, eo, tlsConfig, nil
}

func (c *cloud) readOther(o *options) (ao gophercloud.AuthOptions, eo gophercloud.EndpointOpts, tlsConfig *tls.Config, err error) {
	// What the environment and the options put over the file is gophercloud's to say.
	alone := *c
	alone.env = nil
	none := newOptions(nil)
	keys := append([]string{"auth_url"}, scopeKeys...)
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
	more, err := alone.values(none, "interface")
	if err != nil {
		return ao, eo, nil, err
	}
	if iface, ok := more["interface"]; ok {
		top["interface"] = iface
	}
	if n, ok := c.top["region_name"]; ok {
		if text, err := n.text(); err == nil {
			top["region_name"] = cloudconf.Value{Text: text}
		}
	}
	ao, eo, tlsConfig, err = standard(c.where, auth, top, o.standard)
	if c.isEnv {
		ao.Passcode = os.Getenv("OS_PASSCODE")
	}
	return ao, eo, tlsConfig, err
}

// userFromEnv puts the variables where gophercloud has them when it reads the
// environment (openstack/auth_env.go): a domain is the user's as well as the project's,
// and never the scope of a user.
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
