package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unicode"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// rename makes an error call a setting by its option, its variable or its key in
// clouds.yaml, whichever the user has to change.
func (c *cloud) rename(err error) error {
	return cloudconf.Named(err, func(key cloudconf.Name) (name, place string) { return c.nameOf(string(key)), "" })
}

func (c *cloud) nameOf(key string) string {
	flag, variable := optionFor(key)
	isScope := strings.HasPrefix(key, "project_") || strings.HasPrefix(key, "domain_")
	switch {
	case flag == "":
		return key
	case c.app.isSet(flag), isScope && c.app.anyScope():
		return "--" + flag
	case isFromEnvironment(c.name), variable != "" && os.Getenv(variable) != "" && os.Getenv(variable) == c.value(key):
		return variable
	}
	return key + " in clouds.yaml"
}

// optionFor returns the option for a key of clouds.yaml, and its variable.
func optionFor(key string) (flag, variable string) {
	flag = strings.ReplaceAll(key, "_", "-")
	switch key {
	case "region_name":
		flag = "region"
	case "login_timeout":
		return "timeout", "OS_LOGIN_TIMEOUT"
	}
	for _, s := range cloudFlags {
		if s.flag == flag {
			return flag, s.variable
		}
	}
	for _, s := range scopes {
		if s.flag == flag {
			return flag, s.variable
		}
	}
	return "", ""
}

// value returns what came of a setting, if there is a variable that overrides the file.
func (c *cloud) value(key string) string {
	switch key {
	case "auth_url":
		return c.opts.IdentityEndpoint
	case "identity_provider":
		return c.opts.IdentityProvider
	case "protocol":
		return c.opts.Protocol
	case "username":
		return c.opts.Username
	case "redirect_host":
		return c.opts.RedirectHost
	case "redirect_port":
		return strconv.Itoa(c.opts.RedirectPort)
	case "cacert":
		return c.cacert
	}
	return ""
}

// explainParse says what to do about a description of a cloud that can't be used.
func explainParse(name string, err error) error {
	authType := os.Getenv("OS_AUTH_TYPE")
	if errors.Is(err, clouds.ErrAuthType) && (authType != "" || !isFromEnvironment(name)) {
		if isHandedOver() {
			return fmt.Errorf("%w, which websso env has set; choose the cloud with --cloud", err)
		}
		return err
	}
	if missing := missingVariables(name); len(missing) > 0 {
		return errors.New(strings.Join(missing, "; "))
	}
	if isFromEnvironment(name) {
		return err
	}
	names, namesErr := clouds.Names()
	switch {
	case errors.Is(err, fs.ErrNotExist) && errors.Is(namesErr, fs.ErrNotExist):
		return noCloudsYAML()
	case namesErr != nil:
		return err
	case name == "" && len(names) == 0:
		return errors.New("clouds.yaml describes no cloud: add yours, as websso help clouds shows")
	case name == "" && len(names) > 1:
		return fmt.Errorf("choose a cloud with --cloud or OS_CLOUD: %s", strings.Join(names, ", "))
	case name != "" && nearest(name, names) != "" && nearest(name, names) != name:
		return fmt.Errorf("%w. Did you mean %s?", err, nearest(name, names))
	}
	return err
}

// missingVariables says what is missing of a cloud that options and variables describe.
func missingVariables(name string) []string {
	if !isFromEnvironment(name) {
		return nil
	}
	var missing []string
	for _, required := range []struct{ flag, variable, what string }{
		{"auth-url", "OS_AUTH_URL", "the URL of Keystone"},
		{"protocol", "OS_PROTOCOL", "Keystone's name for the protocol, such as openid or saml2"},
	} {
		if os.Getenv(required.variable) == "" {
			missing = append(missing, fmt.Sprintf("add --%s (or set %s), %s", required.flag, required.variable, required.what))
		}
	}
	if len(missing) > 0 && os.Getenv("OS_IDENTITY_PROVIDER") == "" {
		missing = append(missing, "and --identity-provider (or OS_IDENTITY_PROVIDER), its name for the identity provider. Ask the cloud's operator for them")
	}
	return missing
}

// sayHowToSignIn adds the command to an error that only a sign-in can resolve.
func sayHowToSignIn(a *app, err error) error {
	if !errors.Is(err, websso.ErrLoginRequired) {
		return err
	}
	login := a.path("login")
	switch name := a.text("cloud"); {
	case a.cmd.Name() != "login" && a.bool("all"):
		login += " --cloud NAME"
	case a.isSet("cloud") && strings.IndexFunc(name, needsQuotes) < 0:
		login += " --cloud " + name
	case a.isSet("cloud"):
		login += " --cloud " + strconv.Quote(name)
	}
	return fmt.Errorf("%w\nRun:\n  %s", err, login)
}

func needsQuotes(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:@/", r)
}

// exampleCloud is a clouds.yaml.
const exampleCloud = `clouds:
  mycloud:
    auth_type: v3websso
    identity_provider: acme
    protocol: openid
    auth:
      auth_url: https://identity.example.com/v3
      project_name: demo
      project_domain_name: Default
`

// indented indents each line of a text.
func indented(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by)
}

// noCloudsYAML says how to begin.
func noCloudsYAML() error {
	if path := os.Getenv("OS_CLIENT_CONFIG_FILE"); path != "" {
		return errors.New("there is no file " + path + ", which OS_CLIENT_CONFIG_FILE names, nor another clouds.yaml")
	}
	place := filepath.Join("~", ".config", "openstack", "clouds.yaml")
	if runtime.GOOS == "windows" {
		place = `%USERPROFILE%\.config\openstack\clouds.yaml`
	}
	return screen.Example{
		Before: "no cloud is described yet. Create the file " + place + " with the values of your cloud, which its operator knows:",
		Text:   indented(exampleCloud, "   ") + "\n",
		After:  "Then run:\n  websso login --cloud mycloud",
	}
}
