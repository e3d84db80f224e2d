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
	user    map[string]string // as the user has set it
	mark    url.Values        // nil if env and exec have set nothing
	marked  []variable        // the variables of the table that are as marked; the others are the user's words
	said    map[kind]bool     // the kinds of which one is set by the user's word
	anew    bool              // the user describes a cloud since
	lost    []string          // the variables that the user had, with values that are not written down

	// Ignored are variables that don't count because they are as marked, although the user
	// may have meant them: openrc files often set them to what they are.
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
	e := &Environment{process: make(map[string]string), said: make(map[kind]bool)}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value != "" { // an empty one is as good as none for all tools
			e.process[fold(name)] = value
		}
	}
	e.mark = parseMark(e.process[Mark])
	handed := named && e.IsHanded()
	for _, v := range table {
		value := e.process[v.name]
		asMarked := hash(v.name, value) == e.mark.Get(markSet+v.name)
		cameAlong := handed && (v.kind != place || isOwnDirectory(filepath.Dir(value)))
		if asMarked || cameAlong {
			e.marked = append(e.marked, v)
			continue
		}
		e.said[v.kind] = e.said[v.kind] || value != ""
		e.anew = e.anew || v.kind == description
	}
	e.user = maps.Clone(e.process)
	delete(e.user, Mark)
	for _, v := range e.marked {
		delete(e.user, v.name)
		if value := e.unspoken(v); value != "" {
			e.user[v.name] = value
			continue
		}
		isLost := !e.anew && slices.Contains(e.mark[markBefore+v.name], "")
		if isLost {
			e.lost = append(e.lost, v.name)
		}
		mayBeMeant := e.anew && v.kind == scope && !e.said[scope] || v.name == "OS_INSECURE" && (e.anew || isLost)
		if mayBeMeant && e.process[v.name] != "" {
			e.Ignored = append(e.Ignored, v.name)
		}
	}
	return e
}

// unspoken returns what the user has of a variable that is as marked.
func (e *Environment) unspoken(v variable) string {
	now, before := e.process[v.name], v.written(e.mark.Get(markBefore+v.name)) // others may have written the mark
	switch {
	case v.kind.isWhole() && e.said[v.kind]:
		return ""
	case v.kind == place, !e.anew:
		return before
	case v.secret || v.name != "OS_AUTH_URL" && !v.kind.connects():
		return ""
	case e.sameKeystone(), v.kind.connects() && before == now:
		return now
	}
	return ""
}

// sameKeystone reports whether the user describes the Keystone of the mark. With OS_CLOUD
// that depends on a file, which then says the rest as well.
func (e *Environment) sameKeystone() bool {
	return e.process["OS_CLOUD"] == "" && hashKeystone(e.process["OS_AUTH_URL"]) == e.mark.Get(markKeystone)
}

// IsHanded reports whether the environment looks like one that env or exec has set, without
// a mark, as a token does that came along with ssh or docker. It is not for a cloud that
// the command line names.
func (e *Environment) IsHanded() bool {
	authType := e.process["OS_AUTH_TYPE"]
	withToken := authType == tokenType && e.process["OS_TOKEN"] != ""
	renewing := authType == credentialType && renewingURL.MatchString(e.process["OS_AUTH_URL"])
	return e.mark == nil && (withToken || renewing)
}

// renewingURL matches the URL of a [Renewing].
var renewingURL = regexp.MustCompile(`^http://127\.0\.0\.1:[0-9]+/[A-Z2-7]{26}/v3$`)

// Variables returns the variables as the user has set them, by name.
func (e *Environment) Variables() map[string]string { return maps.Clone(e.user) }

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

// HandOver returns the changes with which tools use a cloud. dir has the files that
// describe the clouds to them; if it is empty, they find the user's.
func (e *Environment) HandOver(c Cloud, dir string) []Change {
	values := c.values()
	if dir != "" {
		for variable, name := range files {
			values[variable] = filepath.Join(dir, name)
		}
	}
	return e.set(table, values, c.AuthURL)
}

// Withdraw returns the changes that remove what env has set when a new one fails. Tools
// then find no cloud, rather than the one before, and what the user had is still known.
func (e *Environment) Withdraw() []Change {
	if e.mark == nil || e.anew {
		changes, _ := e.Undo() // the user's description is in the shell as it is
		return changes
	}
	changes := e.set(e.marked, nil, "")
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Value == e.process[c.Name] })
}

// set returns the changes that give variables these values or, if they have none, remove
// them, and that note it in a mark. Tools find the user's files if values name no others.
func (e *Environment) set(variables []variable, values map[string]string, authURL string) []Change {
	mark := url.Values{markVersion: {thisVersion}, markKeystone: {hashKeystone(authURL)}}
	var changes []Change
	for _, v := range variables {
		value, user := values[v.name], e.user[v.name]
		if v.kind == place && value == "" {
			value = user
		}
		changes = append(changes, Change{Name: v.name, Value: value})
		if value != "" {
			mark.Set(markSet+v.name, hash(v.name, value))
		}
		if user != "" || slices.Contains(e.lost, v.name) {
			mark.Set(markBefore+v.name, v.written(user))
		}
	}
	return append(changes, Change{Name: Mark, Value: printMark(mark)})
}

// Undo returns the changes that bring back what the user had, and the variables for which
// that is impossible, because their values are never written down.
func (e *Environment) Undo() (changes []Change, lost []string) {
	if e.mark == nil {
		return nil, nil
	}
	for _, v := range e.marked {
		if value := e.user[v.name]; value != e.process[v.name] {
			changes = append(changes, Change{Name: v.name, Value: value, Back: true})
		}
	}
	return append(changes, Change{Name: Mark, Back: true}), e.lost
}

// Apply returns an environment with the changes made, in the form of os.Environ.
func Apply(environ []string, changes []Change) []string {
	environ = slices.Clone(environ)
	for _, c := range changes {
		environ = slices.DeleteFunc(environ, func(entry string) bool {
			name, _, _ := strings.Cut(entry, "=")
			return fold(name) == fold(c.Name)
		})
		if c.Value != "" {
			environ = append(environ, c.Name+"="+c.Value)
		}
	}
	return environ
}
