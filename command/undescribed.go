package command

import (
	"errors"
	"slices"
	"strconv"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
)

// undescribed returns the clouds of the cached sign-ins that none of the described ones has:
// of clouds that no file describes any more, and of other accounts.
func (a *app) undescribed(described []*cloud) ([]*cloud, error) {
	if _, err := a.cloudOptions(); err != nil { // makes the cache
		return nil, err
	}
	cache := a.cache
	if len(described) > 0 {
		cache = described[0].opts.Cache // of a program that has a Cache of its own
	}
	signIns, err := websso.SignIns(cache)
	if err != nil {
		a.screen.Say("left out: %s", screen.Unmarked(err))
	}
	var all []*cloud
	for _, s := range signIns {
		if slices.ContainsFunc(described, func(c *cloud) bool { return sameSignIn(c.opts, s.Options) }) {
			continue
		}
		c, err := a.ofSignIn(s, s.Options.TLSFiles)
		if err != nil { // a file is gone; the sign-in can still be forgotten
			a.screen.Say("%s", screen.Unmarked(err))
			c, err = a.ofSignIn(s, websso.TLSFiles{})
		}
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(described, func(c *cloud) bool { return sameCloud(c.opts, s.Options) }); i >= 0 {
			c.name = described[i].name // another account there
		}
		all = append(all, c)
	}
	return all, nil
}

// ofSignIn returns a cloud that is described by a cached sign-in alone.
func (a *app) ofSignIn(s websso.SignIn, files websso.TLSFiles) (*cloud, error) {
	v := map[string]string{
		"OS_AUTH_TYPE": cloudconf.AuthType, "OS_AUTH_URL": s.Options.IdentityEndpoint,
		"OS_IDENTITY_PROVIDER": s.Options.IdentityProvider, "OS_PROTOCOL": s.Options.Protocol, "OS_USERNAME": s.Options.Username,
		"OS_CACERT": files.CACert, "OS_CERT": files.Cert, "OS_KEY": files.Key, "OS_INSECURE": strconv.FormatBool(s.Unverified),
	}
	return a.parse("", []clouds.ParseOption{
		clouds.WithEnv(func(name string) (string, bool) { text := v[name]; return text, text != "" }),
		clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Cache = s.Options.Cache }),
	})
}

// sameSignIn reports whether two options name the same sign-in.
func sameSignIn(a, b websso.AuthOptions) bool { return sameCloud(a, b) && a.Username == b.Username }

func sameCloud(a, b websso.AuthOptions) bool {
	one, oneErr := keystone.ParseEndpoint(a.IdentityEndpoint)
	two, twoErr := keystone.ParseEndpoint(b.IdentityEndpoint)
	return errors.Join(oneErr, twoErr) == nil && one == two &&
		a.IdentityProvider == b.IdentityProvider && a.Protocol == b.Protocol
}
