package handover_test

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

var steps = flag.Int("steps", 4000, "how many steps TestWalk takes")

// The rules of Read once more, in their own words, for a few variables of each kind. Of
// the package the model uses nothing but the results.
type model struct {
	marked map[string]string // what env set, "" for what it removed; nil if it never ran
	host   string            // the Keystone of that, without its spelling
	before map[string]string // what the user had
	secret bool              // a password was among it, which is not in before
}

var (
	describing = []string{"OS_CLOUD", "OS_AUTH_URL", "OS_AUTH_TYPE", "OS_IDENTITY_PROVIDER", "OS_PROTOCOL"}
	personal   = []string{"OS_USERNAME", "OS_PASSWORD", "OS_TOKEN", "OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_SECRET", "OS_PASSCODE"}
	scoping    = []string{"OS_PROJECT_ID", "OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_TENANT_ID", "OS_DOMAIN_ID", "OS_SYSTEM_SCOPE", "OS_TRUST_ID"}
	connecting = []string{"OS_REGION_NAME", "OS_INTERFACE", "OS_ENDPOINT_TYPE", "OS_CACERT", "OS_CERT", "OS_KEY", "OS_IDENTITY_API_VERSION"}
	filing     = []string{"OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"}
	secrets    = []string{"OS_PASSWORD", "OS_TOKEN", "OS_APPLICATION_CREDENTIAL_SECRET", "OS_PASSCODE", "OS_INSECURE"}
	modeled    = slices.Concat(describing, personal, scoping, connecting, filing, []string{"OS_INSECURE"})
)

// user returns the environment that the rules make of env.
func (m model) user(env map[string]string) map[string]string {
	if m.marked == nil {
		return only(env, modeled)
	}
	word := func(name string) bool { return env[name] != m.marked[name] } // 1
	said := func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return word(n) && env[n] != "" })
	}
	user := make(map[string]string)
	if !slices.ContainsFunc(describing, word) { // 2
		maps.Copy(user, m.before)
	} else { // 3
		same := env["OS_CLOUD"] == "" && hostOf(env["OS_AUTH_URL"]) == m.host
		if same {
			user["OS_AUTH_URL"] = env["OS_AUTH_URL"]
		}
		for _, name := range connecting {
			if same || m.before[name] == env[name] {
				user[name] = env[name]
			}
		}
		for _, name := range filing { // neither identity nor scope
			user[name] = m.before[name]
		}
	}
	for _, whole := range [][]string{scoping, {"OS_INTERFACE", "OS_ENDPOINT_TYPE"}} { // 4
		if said(whole) {
			maps.DeleteFunc(user, func(name, _ string) bool { return slices.Contains(whole, name) })
		}
	}
	for _, name := range modeled {
		if word(name) {
			user[name] = env[name]
		}
	}
	return only(user, modeled)
}

func (m model) isAnew(env map[string]string) bool {
	return slices.ContainsFunc(describing, func(n string) bool { return env[n] != m.marked[n] })
}

// isLost reports whether the user had a password that is not known any more.
func (m model) isLost(env map[string]string) bool {
	return m.secret && !m.isAnew(env) && env["OS_PASSWORD"] == m.marked["OS_PASSWORD"]
}

// only returns those of the variables that are set.
func only(env map[string]string, names []string) map[string]string {
	kept := make(map[string]string)
	for _, name := range names {
		if env[name] != "" {
			kept[name] = env[name]
		}
	}
	return kept
}

func without(env map[string]string, names []string) map[string]string {
	kept := maps.Clone(env)
	for _, name := range names {
		delete(kept, name)
	}
	return kept
}

func hostOf(url string) string {
	return strings.TrimSuffix(strings.TrimSuffix(url, "/"), "/v3")
}

// A shell is the environment of one, and what the model knows of it.
type shell struct {
	env map[string]string
	model
}

func (s shell) environ() []string {
	var all []string
	for name, value := range s.env {
		all = append(all, name+"="+value)
	}
	return all
}

func (s *shell) apply(changes []handover.Change) {
	s.env = mapOf(handover.Apply(s.environ(), changes))
}

func mapOf(environ []string) map[string]string {
	env := make(map[string]string)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// userOf returns what the package makes of an environment.
func userOf(e *handover.Environment) map[string]string {
	return only(e.Variables(), modeled)
}

// openrcs are files that users source: of two Keystones, with equal values, without a
// project, with an ID in place of a name; some unset what they don't set.
var openrcs = []map[string]string{
	{"OS_AUTH_URL": "https://one", "OS_AUTH_TYPE": "v3websso", "OS_PROTOCOL": "openid", "OS_IDENTITY_PROVIDER": "acme", "OS_PROJECT_NAME": "demo", "OS_PROJECT_DOMAIN_NAME": "Default", "OS_REGION_NAME": "r1"},
	{"OS_AUTH_URL": "https://one/v3", "OS_AUTH_TYPE": "v3websso", "OS_PROTOCOL": "openid", "OS_PROJECT_ID": "id-demo", "OS_REGION_NAME": "r1", "OS_INTERFACE": "public", "OS_CACERT": "/ca1"},
	{"OS_AUTH_URL": "https://one/v3", "OS_AUTH_TYPE": "v3websso", "OS_PROTOCOL": "saml2", "OS_REGION_NAME": "r2", "OS_TENANT_ID": ""},
	{"OS_AUTH_URL": "https://two", "OS_AUTH_TYPE": "v3websso", "OS_PROTOCOL": "openid", "OS_PROJECT_NAME": "lab", "OS_PROJECT_DOMAIN_NAME": "Default", "OS_INTERFACE": "internal", "OS_USERNAME": "bob"},
	{"OS_AUTH_URL": "https://two/v3", "OS_AUTH_TYPE": "v3websso", "OS_PROTOCOL": "openid", "OS_INSECURE": "true", "OS_REGION_NAME": "r1", "OS_CACERT": ""},
	{"OS_AUTH_URL": "https://two/v3", "OS_AUTH_TYPE": "password", "OS_USERNAME": "bob", "OS_PASSWORD": "secret", "OS_PROJECT_ID": "id-lab"},
	{"OS_CLOUD": "one"},
	{"OS_CLOUD": "two", "OS_REGION_NAME": "r2"},
}

// values are those that users give to a variable alone.
var values = map[string][]string{
	"OS_CLOUD": {"one", "two", "three"}, "OS_AUTH_URL": {"https://one/v3", "https://one", "https://two/v3"}, "OS_AUTH_TYPE": {"v3websso", "v3token"},
	"OS_PROTOCOL": {"openid", "saml2"}, "OS_IDENTITY_PROVIDER": {"acme"}, "OS_USERNAME": {"alice", "bob"}, "OS_PASSWORD": {"secret"}, "OS_PASSCODE": {"123456"},
	"OS_PROJECT_ID": {"id-demo", "id-lab"}, "OS_PROJECT_NAME": {"demo", "lab"}, "OS_PROJECT_DOMAIN_NAME": {"Default"}, "OS_TENANT_ID": {"id-demo"},
	"OS_DOMAIN_ID": {"d"}, "OS_SYSTEM_SCOPE": {"all"}, "OS_TRUST_ID": {"t"}, "OS_REGION_NAME": {"r1", "r2"}, "OS_INTERFACE": {"public", "internal"},
	"OS_ENDPOINT_TYPE": {"public", "internalURL"}, "OS_CACERT": {"/ca1", "/ca2"}, "OS_CERT": {"/cert"}, "OS_KEY": {"/key"}, "OS_INSECURE": {"true", "1"},
	"OS_CLIENT_CONFIG_FILE": {"/home/me/clouds.yaml", "clouds.yaml"}, "OS_TOKEN": {"other"},
}

// cloud returns the cloud that a user's environment asks for, or another one.
func cloud(r *rand.Rand, user map[string]string, token string) handover.Cloud {
	c := handover.Cloud{
		AuthURL: hostOf(user["OS_AUTH_URL"]) + "/v3", Token: token,
		Region: user["OS_REGION_NAME"], Interface: user["OS_INTERFACE"], CACert: user["OS_CACERT"], Insecure: user["OS_INSECURE"] != "",
	}
	if name := user["OS_CLOUD"]; name != "" || user["OS_AUTH_URL"] == "" {
		c.AuthURL = "https://" + pick(r, "one", "two") + "/v3"
	}
	switch r.IntN(6) {
	case 0:
	case 1:
		c.DomainID = "d"
	case 2:
		c.System = true
	default:
		c.ProjectID = pick(r, "id-demo", "id-lab")
	}
	if r.IntN(4) == 0 {
		c.Region, c.CACert = pick(r, "r1", "r2"), pick(r, "", "/ca1") // options
	}
	c.Interface = pick(r, c.Interface, c.Interface, "public")
	if r.IntN(4) == 0 {
		c.Token, c.ProjectID, c.DomainID, c.System = "", "", "", false
		c.Renewing = handover.Renewing{URL: "http://127.0.0.1:4711/ABCDEFGHIJKLMNOPQRSTUVWXYZ/v3", ID: "id", Secret: token}
	}
	return c
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// TestWalk does what users do in shells, in any order, and compares what the package makes
// of each environment with the model.
func TestWalk(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // no secret depends on it
	shells := []*shell{{env: make(map[string]string)}}
	var log []string
	for step := range *steps {
		log = append(log, walk(t, r, &shells))
		s := shells[len(shells)-1]
		e := handover.Read(s.environ(), false)
		got, want := userOf(e), s.user(s.env)
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d, step %d: got %v, want %v, in %v after\n%s", seed, step, got, want, s.env, strings.Join(log[max(0, len(log)-12):], "\n"))
		}
		if s.marked != nil {
			checkPromises(t, e, s)
		}
		if t.Failed() {
			t.Fatalf("seed %d, step %d: in %v after\n%s", seed, step, s.env, strings.Join(log[max(0, len(log)-12):], "\n"))
		}
	}
}

// checkPromises checks what must hold whatever the rules say in detail.
func checkPromises(t *testing.T, e *handover.Environment, s *shell) {
	t.Helper()
	user := userOf(e)
	for _, name := range []string{"OS_INSECURE", "OS_TOKEN", "OS_APPLICATION_CREDENTIAL_SECRET"} {
		if user[name] != "" && s.env[name] == s.marked[name] {
			t.Errorf("%s is the user's although env has set it", name)
		}
	}
	// Undo leaves the user's environment and nothing of ours.
	undone := *s
	changes, lost := e.Undo()
	undone.apply(changes)
	if _, ok := undone.env[handover.Mark]; ok || !maps.Equal(only(undone.env, modeled), user) {
		t.Errorf("got %v after --unset, want %v", only(undone.env, modeled), user)
	}
	for _, name := range lost {
		if user[name] != "" || !slices.Contains(secrets, name) {
			t.Errorf("%s is called lost, but is there or may be written down", name)
		}
	}
	if got, want := slices.Contains(lost, "OS_PASSWORD"), s.isLost(s.env); got != want {
		t.Errorf("OS_PASSWORD is called lost: got %t, want %t", got, want)
	}
	// A failure leaves no cloud but the user's own description, and forgets nothing.
	failed := *s
	failed.apply(e.Withdraw())
	for _, name := range slices.Concat(describing, personal, scoping, []string{"OS_INSECURE"}) {
		isTheirs := name == "OS_AUTH_URL" && user[name] == s.env[name] && s.isAnew(s.env)
		if failed.env[name] != "" && failed.env[name] == s.marked[name] && !isTheirs {
			t.Errorf("%s is still what env has set, after a failure", name)
		}
	}
	if got := userOf(handover.Read(failed.environ(), false)); !maps.Equal(got, user) {
		t.Errorf("got %v after a failure, want %v", got, user)
	}
}

// walk does one thing in the innermost shell and says what.
func walk(t *testing.T, r *rand.Rand, shells *[]*shell) string {
	t.Helper()
	s := (*shells)[len(*shells)-1]
	env := func(oneOff map[string]string, dir string) {
		process := shell{env: maps.Clone(s.env), model: s.model}
		maps.Copy(process.env, oneOff)
		e := handover.Read(process.environ(), false)
		user := userOf(e)
		c := cloud(r, user, "token"+pick(r, "1", "2"))
		changes := e.HandOver(c, dir)
		s.apply(changes)
		if kept := only(s.env, filing); dir == "" && !maps.Equal(kept, only(user, filing)) {
			t.Errorf("got the files %v after env, want the user's: %v", kept, only(user, filing))
		}
		secret := user["OS_PASSWORD"] != "" || s.isLost(process.env)
		s.model = model{marked: make(map[string]string), host: hostOf(c.AuthURL), before: without(user, secrets), secret: secret}
		for _, change := range changes {
			if change.Name != handover.Mark {
				s.marked[change.Name] = change.Value
			}
		}
	}
	names := slices.Sorted(maps.Keys(values))
	switch r.IntN(14) {
	case 0, 1, 2, 3:
		env(nil, "")
		return "env"
	case 4:
		name := pick(r, names...)
		value := pick(r, values[name]...)
		env(map[string]string{name: value}, "")
		return name + "=" + value + " env"
	case 5, 6, 7:
		i := r.IntN(len(openrcs))
		for name, value := range openrcs[i] {
			s.env[name] = value
			if value == "" {
				delete(s.env, name)
			}
		}
		return "openrc " + openrcs[i]["OS_AUTH_URL"] + openrcs[i]["OS_CLOUD"] + " " + openrcs[i]["OS_PROTOCOL"]
	case 8, 9:
		name := pick(r, names...)
		s.env[name] = pick(r, values[name]...)
		return "export " + name + "=" + s.env[name]
	case 10:
		name := pick(r, names...)
		delete(s.env, name)
		return "unset " + name
	case 11:
		if len(*shells) > 5 {
			*shells = (*shells)[:len(*shells)-1]
			return "exit"
		}
		inner := &shell{env: maps.Clone(s.env), model: s.model}
		*shells = append(*shells, inner)
		s = inner
		env(nil, "/run/1")
		return "exec -- sh"
	case 12:
		if len(*shells) > 1 {
			*shells = (*shells)[:len(*shells)-1]
		}
		return "exit"
	}
	if r.IntN(3) > 0 {
		return "true"
	}
	changes, _ := handover.Read(s.environ(), false).Undo()
	s.apply(changes)
	s.model = model{}
	return "env --unset"
}
