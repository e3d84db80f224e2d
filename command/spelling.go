package command

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/doctor"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// checkSpelling returns an error for a key or variable that means nothing and looks as if
// it should: the sign-in would be another one than the user described.
func (a *app) checkSpelling() error {
	for _, f := range a.misspelled(clouds.Explain(a.sources()...)) {
		if f.State == doctor.Fault {
			return unusable(errors.New(f.Found + ": " + f.Advice))
		}
	}
	return nil
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

// misspelled says which keys and variables mean nothing and look as if they should: a
// fault if the sign-in is another one than the user described. Most unknown ones are for
// other programs.
func (a *app) misspelled(s cloudconf.Sources) (all []doctor.Finding) {
	add := func(check, what, advice, key string, matters bool) {
		state := doctor.Fault
		if !matters || slices.ContainsFunc(s.Settings, func(o cloudconf.Setting) bool { return o.Key == key }) {
			state = doctor.Warning
		}
		all = append(all, doctor.Finding{Check: check, State: state, Found: what, Advice: advice})
	}
	for _, u := range s.Unknown {
		place := u.From.Name + " in " + filepath.Base(u.From.File)
		if u.Line > 0 {
			place += fmt.Sprintf(", line %d", u.Line)
		}
		if u.Twice {
			add("key", place+", has no effect, because it is given again below", "remove one of them", "", false)
		} else if u.Known {
			add("key", place+", has no effect below auth", "move it beside auth", u.Key, true)
		} else if key := intended(u.Key); key != "" {
			add("key", place+", has no effect", "did you mean "+key+"?", key, true)
		}
	}
	known := slices.Clone(cloudconf.Selectors)
	for _, key := range cloudconf.All {
		known = append(known, key.Variables...)
	}
	for _, o := range slices.Concat(a.options, []option{minValidity}) {
		known = append(known, o.variable)
	}
	for _, name := range slices.Sorted(maps.Keys(a.env)) {
		rest, ours := strings.CutPrefix(name, "OS_")
		key, _ := cloudconf.Find(intended(rest))
		switch near := nearest(name, known); {
		case strings.HasSuffix(name, "_API_VERSION") || near == name:
		case ours && len(key.Variables) > 0:
			add("variable", name+" has no effect", "did you mean "+key.Variables[0]+"?", key.Name, s.Cloud == "")
		case strings.HasPrefix(name, "WEBSSO_") && near != "":
			add("variable", name+" has no effect", "did you mean "+near+"?", "", false)
		}
	}
	return all
}
