package clouds

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
)

// parseWebsso reads a cloud with auth_type v3websso.
func (c *cloud) parseWebsso() (*parsed, error) {
	c, region, err := c.inRegion()
	if err != nil {
		return nil, err
	}
	v, err := values(cloudconf.Keys, c.lookup)
	if err != nil {
		return nil, err
	}
	v["region_name"] = region
	for _, value := range v {
		if strings.Contains(value.Text, "\x00") {
			return nil, fmt.Errorf("websso: %s has a NUL character, which no name or path can have: remove it", value.From)
		}
	}
	where := c.where.String()
	if c.isEnv {
		where = ""
	}
	s, err := v.SignIn(where, c.options.scope)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, c.note())
	}
	if s.AuthURL, err = c.expand(v["auth_url"], region.Text); err != nil {
		return nil, err
	}
	if _, err := keystone.ParseEndpoint(s.AuthURL); err != nil {
		return nil, cloudconf.Named(err, c.names)
	}
	iface := v["interface"]
	endpoint := gophercloud.EndpointOpts{Region: region.Text, Availability: availability(iface.Text)}
	if endpoint.Availability == "" {
		return nil, fmt.Errorf("websso: %s is %s: use public, internal or admin", iface.From, quote(iface.Text))
	}
	tlsConfig, files, err := c.tlsConfig(v)
	if err != nil {
		return nil, err
	}
	for _, f := range c.options.tlsFiles {
		f(files.CACert, files.Cert, files.Key)
	}
	read := websso.AuthOptions{
		IdentityEndpoint: s.AuthURL,
		IdentityProvider: s.IdentityProvider,
		Protocol:         s.Protocol,
		Username:         s.Username,
		Timeout:          s.LoginTimeout,
		Scope:            s.Scope,
		RedirectHost:     s.RedirectHost,
		RedirectPort:     s.RedirectPort,
		CloudName:        c.name,
		TLSFiles:         files,
	}
	used := read
	used.Scope = copyOf(s.Scope)
	for _, f := range c.options.authOptions {
		f(&used)
	}
	return &parsed{used.IdentityEndpoint, endpoint, tlsConfig, used, func(ctx context.Context, client *gophercloud.ProviderClient) error {
		err := websso.Authenticate(ctx, client, used)
		if renew := client.ReauthFunc; renew != nil {
			client.ReauthFunc = func(ctx context.Context) error { return c.inOwnWords(renew(ctx), read, used) }
		}
		return c.inOwnWords(err, read, used)
	}}, nil
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

func copyOf(scope *gophercloud.AuthScope) *gophercloud.AuthScope {
	if scope == nil {
		return nil
	}
	c := *scope
	return &c
}

// inOwnWords makes an error name settings as the user has set them: by variable, by
// option, or by key and file. read is what the cloud says. What a function of
// [WithAuthOptions] made different in used keeps its field's name.
func (c *cloud) inOwnWords(err error, read, used websso.AuthOptions) error {
	before, after := reflect.ValueOf(read), reflect.ValueOf(used)
	return cloudconf.Named(err, func(name cloudconf.Name) (own, place string) {
		key, _ := cloudconf.Find(string(name))
		field, _, _ := strings.Cut(key.Field, ".")
		if f := before.FieldByName(field); f.IsValid() && !reflect.DeepEqual(f.Interface(), after.FieldByName(field).Interface()) {
			return "", ""
		}
		return c.names(name)
	})
}
