package command

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// explainParse says what to do about a description of a cloud that can't be used.
func (a *app) explainParse(name string, err error) error {
	names, namesErr := clouds.Names(a.sources()...)
	list := strings.Join(names, ", ")
	fromVariables := name == "" && a.describesCloud()
	switch {
	case errors.Is(err, clouds.ErrAuthType) && a.user.IsHanded():
		return fmt.Errorf("%w, which an earlier env or exec has set; choose the cloud with --cloud", err)
	case fromVariables:
		if missing := a.missingVariables(); len(missing) > 0 && (a.get("OS_AUTH_TYPE") == "" || !errors.Is(err, clouds.ErrAuthType)) {
			err = errors.New(strings.Join(missing, "; "))
		}
		if len(names) > 0 && !a.isSet("auth-url") {
			err = fmt.Errorf("%w.\nAs OS_AUTH_URL or OS_AUTH_TYPE is set, no cloud of clouds.yaml is used. To use one, unset it, and name the cloud with --cloud: %s", err, list)
		}
	case errors.Is(err, fs.ErrNotExist) && errors.Is(namesErr, fs.ErrNotExist):
		return a.noCloudsYAML()
	case namesErr != nil:
	case name == "" && len(names) == 0:
		return errors.New("clouds.yaml describes no cloud: add yours")
	case name == "" && len(names) > 1:
		return fmt.Errorf("choose a cloud with --cloud or OS_CLOUD: %s", list)
	case name != "" && !slices.Contains(names, name):
		if a.option("OS_CLOUD") == "" && a.env["OS_CLOUD"] == name {
			err = errors.New("OS_CLOUD: " + screen.Unmarked(err))
		}
		if near := nearest(name, names); near != "" {
			return fmt.Errorf("%w. Did you mean %s?", err, near)
		}
	}
	return err
}

// missingVariables says what is missing of a cloud that options and variables describe. A
// cloud may have no identity provider, but one that lacks something else likely has.
func (a *app) missingVariables() (missing []string) {
	if a.get("OS_AUTH_URL") == "" {
		missing = append(missing, "add --auth-url (or set OS_AUTH_URL), the URL of Keystone")
	}
	if a.get("OS_PROTOCOL") == "" {
		missing = append(missing, "add --protocol (or set OS_PROTOCOL), Keystone's name for the protocol, such as openid or saml2")
	}
	if len(missing) > 0 && a.get("OS_IDENTITY_PROVIDER") == "" {
		missing = append(missing, "and --identity-provider (or OS_IDENTITY_PROVIDER), its name for the identity provider. Ask the cloud's operator for them")
	}
	return missing
}

// sayHowToSignIn adds the command to an error that only a sign-in can resolve.
func sayHowToSignIn(a *app, err error) error {
	login := a.again("login")
	if !errors.Is(err, websso.ErrLoginRequired) || login == "" || a.cacheKind() == cacheMemory {
		return err
	}
	if a.cmd.Name() != "login" && a.bool("all") {
		login += " --cloud NAME"
	}
	return advised{err, login}
}

// again returns the line that runs another command with the same cloud, scope and cache, or ""
// if there is no such command.
func (a *app) again(command string) string {
	line := a.beside[command]
	if line == "" {
		return ""
	}
	if a.asked {
		line += " --cloud " + word(a.defaultCloud)
	}
	for _, o := range a.options {
		switch {
		case !a.isSet(o.name) || !o.isSetting() && o.name != "cache" && o.name != "cache-dir":
		case o.value != false:
			line += " --" + o.name + " " + word(a.text(o.name))
		case a.bool(o.name):
			line += " --" + o.name
		}
	}
	return line + map[bool]string{true: " --switch"}[command == "login" && a.bool("switch")]
}

// advised is an error with a command line that resolves it.
type advised struct {
	error
	run string
}

func (e advised) Error() string { return e.error.Error() + "\nRun:\n  " + e.run }
func (e advised) Unwrap() error { return e.error }

// noCloudsYAML says how to begin.
func (a *app) noCloudsYAML() error {
	if path := a.get("OS_CLIENT_CONFIG_FILE"); path != "" {
		return errors.New("there is no file " + path + ", which OS_CLIENT_CONFIG_FILE names: correct or unset it")
	}
	place := "~/.config/openstack/clouds.yaml"
	if runtime.GOOS == "windows" {
		place = `%USERPROFILE%\.config\openstack\clouds.yaml`
	}
	return screen.Example{
		Before: "no cloud is described yet. Create the file " + place + " with the values of your cloud, which its operator knows:",
		Text:   "   " + strings.ReplaceAll(helpText("clouds.yaml"), "\n", "\n   ") + "\n",
		After:  prefixed("Then run:\n  ", strings.TrimSpace(a.beside["login"]+" --cloud mycloud")),
	}
}

// names says what a setting is called where the user has set it, or can set it.
func (c *cloud) names(key cloudconf.Name) (name, place string) {
	switch a := c.app; {
	case key == cloudconf.LoginTimeout && a.isSet("timeout"):
		return "--timeout", ""
	case key == cloudconf.LoginTimeout && a.duration("timeout") != 0:
		return "WEBSSO_TIMEOUT", ""
	case key == cloudconf.ProjectDomainName && a.anyScope():
		return "--project-domain-name", ""
	}
	if described := c.settings().Names; described != nil {
		return described(key)
	}
	return "", ""
}

// rename makes an error call a setting by its option, its variable or its key in
// clouds.yaml, whichever the user has to change.
func (c *cloud) rename(err error) error { return cloudconf.Named(err, c.names) }

// nameOf is what the user calls a setting.
func (c *cloud) nameOf(key cloudconf.Name) string {
	name, place := c.names(key)
	return strings.TrimSpace(cmp.Or(name, string(key)) + " " + place)
}

// scopeOrigin says where the user has set the scope.
func (c *cloud) scopeOrigin() string {
	names := []string{"project-id", "project-name", "domain-id", "domain-name", "trust-id", "system-scope"} // the first counts
	if i := slices.IndexFunc(names, c.app.isSet); i >= 0 {
		return "--" + names[i]
	}
	var places []string
	for _, setting := range c.settings().Settings {
		key := strings.ReplaceAll(setting.Key, "_", "-")
		isDomain := strings.HasPrefix(key, "project-domain") && setting.Value.From.File == "" && c.opts.Scope.DomainID+c.opts.Scope.DomainName != ""
		if len(places) == 0 && slices.Contains(names, key) || len(places) == 1 && isDomain {
			places = append(places, c.nameOf(cloudconf.Name(setting.Key)))
		}
	}
	return cmp.Or(strings.Join(places, " and "), "the program")
}

// settings says which settings the cloud has, and where they come from.
func (c *cloud) settings() cloudconf.Sources {
	return clouds.Explain(append(c.app.sources(), clouds.WithCloudName(c.name))...)
}
