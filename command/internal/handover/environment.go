package handover

import (
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Environment is an environment as its user has set it: without what env and exec have
// set in it, and with what the user had before.
type Environment struct {
	process map[string]string // as it is
	user    map[string]string // the variables of the table, as the user has set them
	mark    url.Values        // nil if env and exec have set nothing
	words   map[string]bool   // the variables of the table that are not as marked

	// anew says that the user describes a cloud since.
	anew bool

	// Ignored are variables that don't count because they are as marked, although the user
	// may have meant them.
	Ignored []string
}

// Read reads an environment such as that of os.Environ. named says that the command line
// names a cloud.
//
// A variable that is not as marked is the user's word. If none that describes a cloud is,
// what is marked does not count and what the user had before does, with their words over
// it. Otherwise their description is a whole, to which nothing of before belongs. Then
// Keystone's URL and what the connection needs may be as marked because the description
// says the same of the same Keystone, as each openrc file of a cloud does, or because the
// user had it before. A project never counts for that reason, because nothing tells it
// from one that was left over.
func Read(environ []string, named bool) *Environment {
	e := &Environment{process: make(map[string]string), user: make(map[string]string), words: make(map[string]bool)}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value != "" { // an empty one is as good as none for all tools
			e.process[fold(name)] = value
		}
	}
	e.mark = parseMark(e.process[Mark])
	handed := named && e.IsHanded()
	for _, v := range table {
		value, marked := e.process[v.name], e.mark.Get(markSet+v.name)
		switch {
		case value == "" && marked == "", value != "" && marked == hash(v.name, value):
		case handed && (v.kind != place || isOwnDirectory(filepath.Dir(value))):
		default:
			e.words[v.name] = true
			e.anew = e.anew || v.kind == description
		}
	}
	for _, v := range table {
		value := e.process[v.name]
		if !e.words[v.name] {
			value = e.unspoken(v)
		}
		if value != "" {
			e.user[v.name] = value
		}
	}
	e.findIgnored()
	return e
}

// unspoken returns what the user has of a variable that is as marked.
func (e *Environment) unspoken(v variable) string {
	now, before := e.process[v.name], e.mark.Get(markBefore+v.name)
	switch {
	case v.kind == place:
		return before
	case v.kind == scope && e.speaksOf(scopes), slices.Contains(interfaces, v.name) && e.speaksOf(interfaces):
		return ""
	case !e.anew:
		return before
	case v.secret || v.name != "OS_AUTH_URL" && v.kind != connection:
		return ""
	case e.sameKeystone(), v.kind == connection && before == now:
		return now
	}
	return ""
}

// sameKeystone reports whether the user describes the Keystone of the mark. With OS_CLOUD
// that depends on a file, which then says the rest as well.
func (e *Environment) sameKeystone() bool {
	return e.process["OS_CLOUD"] == "" && hashKeystone(e.process["OS_AUTH_URL"]) == e.mark.Get(markKeystone)
}

// speaksOf reports whether one of the variables is set in the user's own words.
func (e *Environment) speaksOf(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return e.words[name] && e.process[name] != "" })
}

// findIgnored finds the variables that openrc files often set, to what they are.
func (e *Environment) findIgnored() {
	if e.process["OS_INSECURE"] != "" && e.user["OS_INSECURE"] == "" && (e.anew || slices.Contains(e.mark[markLost], "OS_INSECURE")) {
		e.Ignored = append(e.Ignored, "OS_INSECURE")
	}
	if !e.anew || e.speaksOf(scopes) {
		return
	}
	for _, name := range scopes {
		if e.process[name] != "" {
			e.Ignored = append(e.Ignored, name)
		}
	}
}

// IsHanded reports whether the environment looks like one that env or exec has set, without
// a mark, as a token does that came along with ssh or docker. It is not for a cloud that
// the command line names.
func (e *Environment) IsHanded() bool {
	switch {
	case e.mark != nil:
		return false
	case e.process["OS_AUTH_TYPE"] == tokenType:
		return e.process["OS_TOKEN"] != ""
	}
	return e.process["OS_AUTH_TYPE"] == credentialType && renewingURL.MatchString(e.process["OS_AUTH_URL"])
}

// renewingURL matches the URL of a [Renewing].
var renewingURL = regexp.MustCompile(`^http://127\.0\.0\.1:[0-9]+/[A-Z2-7]{26}/v3$`)

// Variables returns the variables as the user has set them, by name.
func (e *Environment) Variables() map[string]string {
	all := maps.Clone(e.process)
	delete(all, Mark)
	for _, v := range table {
		delete(all, v.name)
	}
	maps.Copy(all, e.user)
	return all
}

// IsKept reports whether a variable is the user's only in the mark.
func (e *Environment) IsKept(name string) bool {
	return e.user[name] != "" && e.process[name] != e.user[name]
}

// fold returns the one spelling of a variable's name. On Windows case makes no difference.
func fold(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

// A Change sets a variable or, if its value is empty, removes it.
type Change struct {
	Name, Value string

	// Back says that the variable becomes again what it was. A shell that has another one
	// of that name may show that.
	Back bool
}

// HandOver returns the changes with which tools use a cloud. Files are those that describe
// the clouds to them; if it is the zero Files, they find the user's.
func (e *Environment) HandOver(c Cloud, files Files) []Change {
	values := c.values()
	files.addTo(values, e.user)
	next := newMark(c.AuthURL)
	var changes []Change
	for _, v := range table {
		value := values[v.name]
		changes = append(changes, Change{Name: v.name, Value: value})
		if value != "" {
			next.Set(markSet+v.name, hash(v.name, value))
		}
		e.keep(next, v)
	}
	return append(changes, e.marking(next))
}

// keep notes in a mark what the user has of a variable that is replaced.
func (e *Environment) keep(next url.Values, v variable) {
	if value := e.user[v.name]; value != "" && v.mayKeep(value) {
		next.Set(markBefore+v.name, value)
	} else if value != "" || e.isLost(v.name) {
		next.Add(markLost, v.name)
	}
}

// isLost reports whether the user had a variable of which nothing is written down.
func (e *Environment) isLost(name string) bool {
	return !e.anew && !e.words[name] && slices.Contains(e.mark[markLost], name)
}

func (e *Environment) marking(next url.Values) Change {
	return Change{Name: Mark, Value: printMark(next)}
}

// Undo returns the changes that bring back what the user had, and the variables for which
// that is impossible, because their values are never written down.
func (e *Environment) Undo() (changes []Change, lost []string) {
	if e.mark == nil {
		return nil, nil
	}
	for _, v := range table {
		if !e.words[v.name] && e.process[v.name] != e.user[v.name] {
			changes = append(changes, Change{Name: v.name, Value: e.user[v.name], Back: true})
		}
		if e.isLost(v.name) {
			lost = append(lost, v.name)
		}
	}
	return append(changes, Change{Name: Mark, Back: true}), lost
}

// Withdraw returns the changes that remove what env has set when a new one fails. Tools
// then find no cloud, rather than the one before, and what the user had is still known.
func (e *Environment) Withdraw() []Change {
	if e.mark == nil {
		return nil
	}
	if e.anew {
		changes, _ := e.Undo() // the user's description is in the shell as it is
		return changes
	}
	next := newMark("")
	var changes []Change
	for _, v := range table {
		if e.words[v.name] {
			continue
		}
		e.keep(next, v)
		if !e.mark.Has(markSet + v.name) {
			continue
		}
		change := Change{Name: v.name}
		if v.kind == place && e.user[v.name] != "" {
			change.Value = e.user[v.name]
			next.Set(markSet+v.name, hash(v.name, change.Value))
		}
		changes = append(changes, change)
	}
	return append(changes, e.marking(next))
}

// Apply returns an environment with the changes made, in the form of os.Environ.
func Apply(environ []string, changes []Change) []string {
	values := make(map[string]string)
	for _, c := range changes {
		values[fold(c.Name)] = c.Value
	}
	environ = slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, changed := values[fold(name)]
		return changed
	})
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != "" {
			environ = append(environ, name+"="+values[name])
		}
	}
	return environ
}
