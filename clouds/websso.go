package clouds

import (
	"context"
	"crypto/tls"
	"fmt"
	"reflect"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
)

// webssoCloud is a cloud with auth_type v3websso.
type webssoCloud struct {
	*cloud
	read     websso.AuthOptions // what the cloud says
	used     websso.AuthOptions // what the functions of WithAuthOptions make of it
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
}

func (c *cloud) parseWebsso() (*webssoCloud, error) {
	c, regionName, err := c.inRegion()
	if err != nil {
		return nil, err
	}
	v, err := values(cloudconf.Keys, c.lookup)
	if err != nil {
		return nil, err
	}
	for _, value := range v {
		if strings.Contains(value.Text, "\x00") {
			return nil, fmt.Errorf("websso: %s has a NUL character, which no name or path can have: remove it", value.From)
		}
	}
	if strings.Contains(regionName, "\x00") {
		return nil, fmt.Errorf("websso: %s has a name with a NUL character: remove it", c.where.Key("regions"))
	}
	where := c.where.String()
	if c.isEnv {
		where = ""
	}
	s, err := v.SignIn(where, c.options.scope)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, c.note())
	}
	if s.AuthURL, err = c.expand(v["auth_url"], regionName); err != nil {
		return nil, err
	}
	if _, err := keystone.ParseEndpoint(s.AuthURL); err != nil {
		return nil, cloudconf.Named(err, c.names)
	}
	iface := v["interface"]
	endpoint := gophercloud.EndpointOpts{Region: regionName, Availability: availability(iface.Text)}
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
	return &webssoCloud{c, read, used, endpoint, tlsConfig}, nil
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

// authenticate signs client in, now and when its token ends. Errors name settings as the
// user has set them: by variable, by option, or by key and file. What a function of
// [WithAuthOptions] has set keeps its field's name.
func (c *webssoCloud) authenticate(ctx context.Context, client *gophercloud.ProviderClient) error {
	before, after := reflect.ValueOf(c.read), reflect.ValueOf(c.used)
	named := func(err error) error {
		return cloudconf.Named(err, func(name cloudconf.Name) (own, place string) {
			key, _ := cloudconf.Find(string(name))
			field, _, _ := strings.Cut(key.Field, ".")
			if f := before.FieldByName(field); f.IsValid() && !reflect.DeepEqual(f.Interface(), after.FieldByName(field).Interface()) {
				return "", ""
			}
			return c.names(name)
		})
	}
	err := websso.Authenticate(ctx, client, c.used)
	if renew := client.ReauthFunc; renew != nil {
		client.ReauthFunc = func(ctx context.Context) error { return named(renew(ctx)) }
	}
	return named(err)
}
