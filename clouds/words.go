package clouds

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// inOwnWords makes an error of the library name settings as the user has set them: by
// variable, by option, or by key and file. ao are the options that the library was
// given.
func (c *cloud) inOwnWords(err error, ao websso.AuthOptions, o *options) error {
	var setting *cloudconf.SettingError
	if !errors.As(err, &setting) {
		return err
	}
	parsed, _, _, parseErr := c.readWebsso(o)
	keys := setting.Keys()
	slices.SortFunc(keys, func(a, b string) int {
		return strings.Index(setting.Text, "{"+a+"}") - strings.Index(setting.Text, "{"+b+"}")
	})
	before := ""
	for _, key := range keys {
		// A function of the program's has set this one, so it keeps the field's name.
		if parseErr != nil || field(ao, key) != field(parsed, key) {
			continue
		}
		name, place := c.nameOf(key, o)
		if place != "" && place != before {
			name += " " + place
		}
		before = place
		setting.Rename(key, name)
	}
	return err
}

// field returns the value of the option for key.
func field(ao websso.AuthOptions, key string) any {
	switch key {
	case "auth_url":
		return ao.IdentityEndpoint
	case "identity_provider":
		return ao.IdentityProvider
	case "protocol":
		return ao.Protocol
	case "username":
		return ao.Username
	case "redirect_host":
		return ao.RedirectHost
	case "redirect_port":
		return ao.RedirectPort
	case "login_timeout":
		return ao.Timeout
	case "project_name", "project_domain_name":
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
