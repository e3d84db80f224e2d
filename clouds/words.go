package clouds

import (
	"fmt"
	"strings"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// inOwnWords makes an error of the library name settings as the user has set them: by
// variable, by option, or by key and file. read is what the cloud says, and used is what
// the functions of [WithAuthOptions] made of it.
func (c *cloud) inOwnWords(err error, read, used websso.AuthOptions, o *options) error {
	return cloudconf.Named(err, func(key cloudconf.Name) (name, place string) {
		if field(read, key) != field(used, key) {
			return "", "" // the program has set this one
		}
		return c.nameOf(string(key), o)
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

// nameOf returns what a setting is called where it is set, or, if it is not, where it
// can be set; and that place, if it is in a file.
func (c *cloud) nameOf(name string, o *options) (own, place string) {
	key, ok := cloudconf.Find(name)
	if !ok {
		return name, ""
	}
	value, isSet, _ := c.lookup(key, o)
	from := value.From
	switch {
	case !isSet && c.isEnv && len(key.Variables) > 0:
		return key.Variables[0], ""
	case !isSet:
		from = c.where + ": " + name
	}
	// "FILE: cloud NAME: KEY", unless a variable or an option has set it.
	file, rest, isFile := strings.Cut(from, ": cloud ")
	i := strings.LastIndex(rest, ": ")
	if !isFile || i < 0 {
		return from, ""
	}
	return rest[i+2:], terminal.Escape(fmt.Sprintf("of cloud %s in %s", rest[:i], file))
}
