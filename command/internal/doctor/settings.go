package doctor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// settings says which settings are in force, what hides what, and what has no effect.
func (p *Patient) settings() []Finding {
	s := p.Sources
	cloud := Finding{Check: "cloud", State: OK, Found: s.Cloud + ", in " + strings.Join(s.Files, " and ")}
	switch {
	case p.Err != nil:
		cloud = FaultOf("cloud", p.Err)
	case s.Cloud == "":
		cloud.Found = "described by variables and options alone"
	case s.Profile != "":
		cloud.State, cloud.Advice = Warning, "correct it, or describe it there"
		cloud.Found += fmt.Sprintf("; no clouds-public.yaml has its profile %q", s.Profile)
	}
	all := []Finding{cloud}
	if s.Cloud == "" && len(s.Settings) > 0 && len(s.Files) > 0 {
		all = append(all, Finding{"setting", Warning, "OS_AUTH_URL or OS_AUTH_TYPE hides the clouds in " + s.Files[0], "unset it, and name one of them with --cloud", ""})
	}
	for _, path := range s.Others {
		all = append(all, Finding{"file", Warning, fmt.Sprintf("%s has a cloud %s too, but is not read, because %s comes first", path, s.Cloud, s.Files[0]), "if that is the one you want, set OS_CLIENT_CONFIG_FILE to it", ""})
	}
	var inForce []string
	for _, setting := range s.Settings {
		inForce = append(inForce, fmt.Sprintf("%s=%s", p.place(setting.Value.From), shown(setting.Key, setting.Value.Text)))
		for _, hidden := range setting.Hidden {
			all = append(all, p.hides(setting.Key, setting.Value, hidden)...)
		}
	}
	if len(inForce) > 0 {
		all = append(all, Finding{Check: "settings", State: OK, Found: strings.Join(inForce, ", ")})
	}
	return slices.Concat(all, p.Misspelled, p.project())
}

// hides says that one value hides another, unless it is there for that, as options,
// secure.yaml and profiles are.
func (p *Patient) hides(key string, value, hidden cloudconf.Value) []Finding {
	f := Finding{Check: "setting", State: Warning, Found: fmt.Sprintf("%s (%s) hides %s (%s)", p.place(value.From), shown(key, value.Text), p.place(hidden.From), shown(key, hidden.Text))}
	switch {
	case strings.HasPrefix(value.From.Name, "--"):
		return nil
	case value.From.File == "":
		f.Advice = "unset it if that is not what you want"
	case hidden.From.File == "":
		f.Advice = "unset it if that is not what you want, or set an ID"
	case value.From.File == hidden.From.File:
		f.Advice = "remove one of them"
	default:
		return nil
	}
	return []Finding{f}
}

// project says what the token is for, and which name does not count beside an ID.
func (p *Patient) project() (all []Finding) {
	values := make(map[string]cloudconf.Value)
	for _, setting := range p.Sources.Settings {
		values[setting.Key] = setting.Value
	}
	if values["project_id"].Text != "" && values["project_name"].Text != "" {
		all = p.hides("project_id", values["project_id"], values["project_name"])
	}
	switch {
	case p.Err != nil:
	case p.Options.Scope == nil:
		all = append(all, Finding{"scope", Warning, "no project is chosen, and most services need one", "set project_name and project_domain_name", ""})
	default:
		all = append(all, Finding{Check: "scope", State: OK, Found: keystone.DescribeScope(*p.Options.Scope)})
	}
	return all
}

// place says where a setting is, in the words of the user: an option, a variable, or a
// key in a file.
func (p *Patient) place(from cloudconf.Origin) string {
	if from.File == "" {
		return from.Name
	}
	return from.Name + " in " + filepath.Base(from.File)
}

// shown is the value of a setting as a message shows it. An address may have a password.
func shown(key, text string) string {
	if key == string(cloudconf.AuthURL) || strings.Contains(text, "://") {
		text = terminal.Address(text)
	}
	return terminal.Printable(text)
}
