package command

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// names says what settings are called where the user has set them, or can set them.
func (a *app) names(cloud string) cloudconf.Names {
	where := a.explain(cloud).Names
	return func(key cloudconf.Name) (name, place string) {
		switch {
		case key == cloudconf.LoginTimeout && a.isSet("timeout"):
			return "--timeout", ""
		case key == cloudconf.LoginTimeout && a.duration("timeout") != 0:
			return "WEBSSO_TIMEOUT", ""
		case key == cloudconf.ProjectDomainName && a.anyScope():
			return "--project-domain-name", ""
		case where == nil:
			return "", ""
		}
		return where(key)
	}
}

// rename makes an error call a setting by its option, its variable or its key in
// clouds.yaml, whichever the user has to change.
func (c *cloud) rename(err error) error {
	var setting *cloudconf.SettingError
	if !errors.As(err, &setting) {
		return err
	}
	return cloudconf.Named(err, c.app.names(c.name))
}

// nameOf is what the user calls a setting.
func (c *cloud) nameOf(key cloudconf.Name) string {
	name, place := c.app.names(c.name)(key)
	return strings.TrimSpace(cmp.Or(name, string(key)) + " " + place)
}

// classify gives an error of the library its exit status, and calls settings by the name
// under which the user has set them.
func (c *cloud) classify(err error) error {
	if err == nil {
		return nil
	}
	var mistake *cloudconf.SettingError
	if errors.As(err, &mistake) && mistake.Err == nil {
		return unusable(c.rename(err))
	}
	return c.rename(err)
}

// scopeOrigin says where the user has set the scope.
func (c *cloud) scopeOrigin() string {
	names := []string{"project-id", "project-name", "domain-id", "domain-name", "trust-id", "system-scope"} // the first counts
	for _, name := range names {
		if c.app.isSet(name) {
			return "--" + name
		}
	}
	for _, setting := range c.app.explain(c.name).Settings {
		if slices.Contains(names, strings.ReplaceAll(setting.Key, "_", "-")) {
			name, place := setting.Value.From.Parts()
			return strings.TrimSpace(name + " " + place)
		}
	}
	return "the program"
}

// explain says where the settings of a cloud come from.
func (a *app) explain(cloud string) cloudconf.Sources {
	opts := a.sources()
	if cloud != "" {
		opts = append(opts, clouds.WithCloudName(cloud))
	}
	return clouds.Explain(opts...)
}
