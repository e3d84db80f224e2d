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
func (a *app) misspelled(s cloudconf.Sources) []doctor.Finding {
	var all []doctor.Finding
	var variables []string
	add := func(check, what, advice, key string, matters bool) {
		f := doctor.Finding{Check: check, State: doctor.Fault, Found: what, Advice: advice}
		if !matters || slices.ContainsFunc(s.Settings, func(o cloudconf.Setting) bool { return o.Key == key }) {
			f.State = doctor.Warning
		}
		all = append(all, f)
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
	for _, key := range cloudconf.All {
		variables = append(variables, key.Variables...)
	}
	variables = slices.Concat(variables, cloudconf.Selectors)
	for _, name := range slices.Sorted(maps.Keys(a.env)) {
		rest, ours := strings.CutPrefix(name, "OS_")
		if !ours || a.env[name] == "" || strings.HasSuffix(name, "_API_VERSION") || slices.Contains(variables, name) {
			continue
		}
		if key, _ := cloudconf.Find(intended(rest)); len(key.Variables) > 0 {
			add("variable", name+" has no effect", "did you mean "+key.Variables[0]+"?", key.Name, s.Cloud == "")
		}
	}
	return all
}

// nearest returns the name that text most likely is a misspelling of, or "" if none is
// close: what takes changes to more than a third of its letters is another word.
func nearest(text string, names []string) string {
	best, fewest := "", 0
	for _, name := range names {
		letters := len(strings.Trim(name, `-"`))
		if n := editDistance(text, name); n*3 <= letters && (best == "" || n < fewest) {
			best, fewest = name, n
		}
	}
	return best
}

// editDistance counts the letters to insert, drop, replace or swap with their neighbor
// to get from a to b.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1) // d[i][j] is the distance of s[:i] and t[:j]
	for i := range d {
		d[i] = make([]int, len(t)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
			case s[i-1] == t[j-1]:
				d[i][j] = d[i-1][j-1]
			case i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1]:
				d[i][j] = 1 + min(d[i-2][j-2], d[i-1][j-1], d[i-1][j], d[i][j-1])
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
		}
	}
	return d[len(s)][len(t)]
}
