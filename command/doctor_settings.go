package command

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// settingsFindings says where the cloud comes from, what hides what, and what is wrong.
func settingsFindings(a *app, c *cloud, err error) []finding {
	s := sources{clouds.Explain(a.sources()...), a, err}
	all := []finding{s.cloud()}
	all = append(all, s.files()...)
	all = append(all, s.hidden()...)
	all = append(all, s.keys()...)
	all = append(all, s.variables()...)
	if err == nil {
		all = append(all, scopeFinding(c))
	}
	return all
}

// checkSpelling returns an error for a key or variable that means nothing and looks as if
// it should: the sign-in would be another one than the user described.
func checkSpelling(a *app) error {
	s := sources{clouds.Explain(a.sources()...), a, nil}
	for _, f := range slices.Concat(s.keys(), s.variables()) {
		if f.State == stateFault {
			return unusable{errors.New(f.Found + ": " + f.Advice)}
		}
	}
	return nil
}

type sources struct {
	cloudconf.Sources
	app *app
	err error // why the cloud can't be used
}

// used returns the file of a kind that is read, or "".
func (s sources) used(kind string) string {
	for _, f := range s.Files {
		if f.Kind == kind && f.Used {
			return f.Path
		}
	}
	return ""
}

// isSet reports whether the cloud has a setting.
func (s sources) isSet(key string) bool {
	return slices.ContainsFunc(s.Settings, func(o cloudconf.Setting) bool { return o.Key == key })
}

func (s sources) cloud() finding {
	if s.err != nil {
		return faultOf("cloud", s.err)
	}
	f := finding{Check: "cloud", State: stateOK}
	if s.Cloud == "" {
		var from []string
		for _, setting := range s.Settings {
			from = append(from, s.origin(setting.Value.From))
		}
		f.Found = "from the environment and options alone: " + strings.Join(from, ", ")
		return f
	}
	f.Found = s.Cloud + ", in " + s.used(cloudconf.FileClouds)
	for _, kind := range []string{cloudconf.FileSecure, cloudconf.FilePublic} {
		path := s.used(kind)
		if path != "" && slices.ContainsFunc(s.Settings, func(o cloudconf.Setting) bool { return o.Value.From.File == path }) {
			f.Found += " and " + path
		}
	}
	return f
}

// files says which files are not read, and why.
func (s sources) files() []finding {
	var all []finding
	for _, f := range s.Files {
		found := finding{Check: "file", State: stateOK, Found: f.Path}
		first := s.used(f.Kind)
		named := f.Path == s.app.get("OS_CLIENT_CONFIG_FILE") || f.Path == s.app.get("OS_CLIENT_SECURE_FILE")
		switch {
		case f.Err != nil && named:
			found.State = stateFault
			found.Found += fmt.Sprintf(", which %s names, can't be read (%s)", fileVariable(f), reason(f.Err))
			found.Advice = "correct or unset the variable"
		case f.Err != nil && (s.Cloud != "" || s.err != nil):
			found.State = stateWarning
			found.Found += fmt.Sprintf(" can't be read (%s), so it is skipped", reason(f.Err))
			found.Advice = "make it readable, or remove it"
		case s.Cloud == "" && s.err == nil && f.Kind == cloudconf.FileClouds && (f.Used || f.Err != nil):
			found.Found += " is not read, because OS_AUTH_URL or OS_AUTH_TYPE is set and no cloud is named"
		case s.Cloud != "" && !f.Used && slices.Contains(f.Clouds, s.Cloud):
			found.State = stateWarning
			found.Found += fmt.Sprintf(" has a cloud %s, but is not read, because %s comes first", s.Cloud, first)
			found.Advice = "if that is the one you want, set OS_CLIENT_CONFIG_FILE to it"
			if f.Kind != cloudconf.FileClouds {
				found.Advice = "remove one of them"
			}
		case s.Cloud != "" && !f.Used && f.Kind == cloudconf.FileClouds:
			found.Found += fmt.Sprintf(" is not read, because %s comes first", first)
		default:
			continue
		}
		all = append(all, found)
	}
	return all
}

func fileVariable(f cloudconf.File) string {
	if f.Kind == cloudconf.FileSecure {
		return "OS_CLIENT_SECURE_FILE"
	}
	return "OS_CLIENT_CONFIG_FILE"
}

func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	return err.Error()
}

// origin says where a setting is, in the words of the user: an option, a variable, or a
// key in a file.
func (s sources) origin(from cloudconf.Origin) string {
	path := from.File
	switch {
	case path == "":
		return from.Name
	case path == s.used(cloudconf.FileClouds):
		path = filepath.Base(path)
	}
	return from.Name + " in " + path
}

// hidden says which settings hide others.
func (s sources) hidden() []finding {
	var all []finding
	for _, setting := range s.Settings {
		origin := s.origin(setting.Value.From)
		for _, hidden := range setting.Hidden {
			f := finding{Check: "setting", State: stateWarning}
			what := fmt.Sprintf("%s (%s)", s.origin(hidden.From), shownValue(hidden.Text))
			switch {
			case strings.HasPrefix(origin, "--"):
				continue // that is what options are for
			case setting.Value.From.File == "":
				f.Found = fmt.Sprintf("%s=%s hides %s", setting.Value.From.Name, shownValue(setting.Value.Text), what)
				f.Advice = "unset it if that is not what you want"
			case hidden.From.File == setting.Value.From.File:
				f.Found = fmt.Sprintf("%s (%s) hides %s", origin, shownValue(setting.Value.Text), what)
				f.Advice = "remove one of them"
			default:
				continue // that is what secure.yaml and profiles are for
			}
			all = append(all, f)
		}
	}
	return all
}

// shownValue is a value as a message shows it. An address may have a password.
func shownValue(text string) string {
	if u, err := url.Parse(text); err == nil && u.User != nil {
		text = u.Redacted()
	}
	return terminal.Printable(text)
}

// otherNames are what people call some keys.
var otherNames = map[string]string{
	"region": "region_name", "project": "project_name", "tenant": "project_name",
	"idp": "identity_provider", "provider": "identity_provider", "url": "auth_url", "ca_file": "cacert", "cafile": "cacert",
}

// intended returns the key that an unknown one most likely should have been, or "".
func intended(unknown string) string {
	unknown = strings.ToLower(unknown)
	if key, ok := otherNames[unknown]; ok {
		return key
	}
	var names []string
	for _, key := range cloudconf.Keys {
		names = append(names, key.Name)
	}
	return nearest(unknown, names)
}

// keys says which keys mean nothing and look as if they should. Most unknown keys are for
// other programs.
func (s sources) keys() []finding {
	var all []finding
	for _, u := range s.Unknown {
		place := s.origin(u.From)
		if u.Line > 0 {
			place += fmt.Sprintf(", line %d", u.Line)
		}
		f := finding{Check: "key", State: stateFault}
		key := intended(u.Key)
		switch {
		case u.Known:
			f.Found, f.Advice = place+", has no effect below auth", "move it beside auth"
			key = u.Key
		case key == "":
			continue
		default:
			f.Found, f.Advice = place+", has no effect", "did you mean "+key+"?"
		}
		if s.isSet(key) {
			f.State = stateWarning
		}
		all = append(all, f)
	}
	return all
}

// variables says which variables mean nothing and look as if they should.
func (s sources) variables() []finding {
	var all []finding
	for name, value := range s.app.env {
		rest, ours := strings.CutPrefix(strings.ToUpper(name), "OS_")
		if !ours || value == "" {
			continue
		}
		if name == "OS_INSECURE" && s.Cloud != "" && strings.EqualFold(value, "true") {
			all = append(all, finding{Check: "variable", State: stateWarning, Found: "OS_INSECURE has no effect on a cloud in clouds.yaml", Advice: "unset it, and name the cloud's CA with cacert"})
		}
		if isVariable(name) {
			continue
		}
		key, _ := cloudconf.Find(intended(rest))
		if len(key.Variables) == 0 || isVariable("OS_"+rest) && name == "OS_"+rest {
			continue
		}
		f := finding{Check: "variable", State: stateFault, Found: name + " has no effect", Advice: "did you mean " + key.Variables[0] + "?"}
		if s.Cloud != "" || s.isSet(key.Name) {
			f.State = stateWarning
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b finding) int { return strings.Compare(a.Found, b.Found) })
	return all
}

// isVariable reports whether some OpenStack tool reads the variable.
func isVariable(name string) bool {
	if strings.HasSuffix(name, "_API_VERSION") || slices.Contains(cloudconf.Selectors, name) {
		return true
	}
	for _, key := range slices.Concat(cloudconf.Keys, cloudconf.Credentials) {
		if slices.Contains(key.Variables, name) {
			return true
		}
	}
	return slices.ContainsFunc(slices.Concat(cloudFlags, scopeFlags), func(f cloudFlag) bool { return f.variable == name })
}

func scopeFinding(c *cloud) finding {
	if c.opts.Scope == nil {
		return finding{Check: "scope", State: stateWarning, Found: "no project is chosen, and most services need one", Advice: "set project_name and project_domain_name; websso projects lists yours"}
	}
	return finding{Check: "scope", State: stateOK, Found: keystone.DescribeScope(*c.opts.Scope)}
}
