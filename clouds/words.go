package clouds

import (
	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// inOwnWords makes an error of the library name settings as the user has set them: by
// variable, by option, or by key and file. read is what the cloud says, and used is what
// the functions of [WithAuthOptions] made of it.
func (c *cloud) inOwnWords(err error, read, used websso.AuthOptions, o *options) error {
	names := c.names(o)
	return cloudconf.Named(err, func(key cloudconf.Name) (name, place string) {
		if field(read, key) != field(used, key) {
			return "", "" // the program has set this one
		}
		return names(key)
	})
}

// field returns the value of the option for key.
func field(ao websso.AuthOptions, key cloudconf.Name) any {
	switch key {
	case cloudconf.AuthURL:
		return ao.IdentityEndpoint
	case cloudconf.IdentityProvider:
		return ao.IdentityProvider
	case cloudconf.Protocol:
		return ao.Protocol
	case cloudconf.RedirectHost:
		return ao.RedirectHost
	case cloudconf.RedirectPort:
		return ao.RedirectPort
	case cloudconf.LoginTimeout:
		return ao.Timeout
	case cloudconf.ProjectDomainName:
		if ao.Scope != nil {
			return *ao.Scope
		}
	}
	return nil
}

// names returns what settings are called where they are set, or, if one is not, where it
// can be set.
func (c *cloud) names(o *options) cloudconf.Names {
	return func(name cloudconf.Name) (own, place string) {
		key, ok := cloudconf.Find(string(name))
		if !ok {
			return "", ""
		}
		value, isSet, _ := c.lookup(key, o)
		switch {
		case !isSet && c.isEnv && len(key.Variables) > 0:
			return key.Variables[0], ""
		case !isSet:
			return c.where.Key(key.Name).Parts()
		}
		return value.From.Parts()
	}
}
