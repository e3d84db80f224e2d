package surface_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestOptions compares the commands, options and variables with the list of them, hidden
// ones too: scripts use those as well.
func TestOptions(t *testing.T) {
	t.Parallel()
	root := command.New(command.Config{})
	root.InitDefaultVersionFlag()
	root.InitDefaultHelpCmd()
	lines := options(root)
	for _, c := range root.Commands() {
		if c.Runnable() {
			lines = append(lines, options(c)...)
		}
	}
	slices.Sort(lines)
	promised(t, "options.txt", lines)
}

var variable = regexp.MustCompile(`\[\$(\w+)\]$`)

func options(c *cobra.Command) []string {
	c.InitDefaultHelpFlag()
	lines := []string{c.CommandPath() + " \tcommand"}
	for _, alias := range c.Aliases {
		lines = append(lines, c.CommandPath()+" \talias "+alias)
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if c.HasParent() && c.Parent().PersistentFlags().Lookup(f.Name) == f {
			return // each command has the options of all commands
		}
		kind := "option"
		if f.NoOptDefVal == "" {
			kind = "option VALUE"
		}
		lines = append(lines, c.CommandPath()+" --"+f.Name+"\t"+kind)
		if f.Shorthand != "" {
			lines = append(lines, c.CommandPath()+" -"+f.Shorthand+"\t"+kind)
		}
		if match := variable.FindStringSubmatch(f.Usage); match != nil {
			lines = append(lines, c.CommandPath()+" $"+match[1]+"\tvariable of --"+f.Name)
		}
	})
	return lines
}

// TestJSON compares the keys of every command's JSON with the list of them: those that are
// printed here and, by their tags, those that are left out if they are empty.
func TestJSON(t *testing.T) {
	u := newUser(t)
	u.signIn(t)
	runs := [][]string{{"kube-credential"}}
	for _, c := range command.New(command.Config{}).Commands() {
		if !c.Runnable() || c.Flags().Lookup("output") == nil {
			continue
		}
		runs = append(runs, []string{c.Name(), "-o", "json"})
		// These options add keys.
		for _, option := range []string{"all", "check"} {
			if c.LocalFlags().Lookup(option) != nil {
				runs = append(runs, []string{c.Name(), "-o", "json", "--" + option})
			}
		}
	}
	var lines []string
	for _, run := range runs {
		text, status := u.run(t, run...)
		var value any
		// (doctor reports what it found by its status as well.)
		if err := json.Unmarshal([]byte(text), &value); err != nil || status > 1 {
			t.Errorf("websso %s: got %q, status %d, %v, want JSON", strings.Join(run, " "), text, status, err)
			continue
		}
		name := strings.TrimSuffix(strings.Join(run, " "), " --check")
		for _, key := range keys(value, "") {
			lines = append(lines, name+": "+key)
		}
	}
	shown := shownInPlugins(t, u.cloud)
	for name, args := range map[string][]string{
		"credential":                          shown,
		"credential, and nobody is signed in": append(shown, "--username=nobody"),
	} {
		text, _ := u.run(t, args...)
		var value map[string]any
		must(t, json.Unmarshal([]byte(text), &value))
		if value["token"] != nil {
			value["token"] = "Keystone's own"
		}
		for _, key := range keys(value, "") {
			lines = append(lines, name+": "+key)
		}
	}
	lines = append(lines, append(leftOut(t, "command/*.go"), leftOut(t, "command/internal/doctor/doctor.go")...)...)
	slices.Sort(lines)
	promised(t, "json.txt", slices.Compact(lines))
}

// leftOut lists the keys of JSON in source files that are left out if they are empty.
func leftOut(t *testing.T, pattern string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern))
	must(t, err)
	seen := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, tag := range regexp.MustCompile("`json:\"(\\w+),omit").FindAllSubmatch(text, -1) {
			seen[string(tag[1])]++
			lines = append(lines, fmt.Sprintf("left out if empty: %s\tkey %d of this name", tag[1], seen[string(tag[1])]))
		}
	}
	return lines
}

// shownInPlugins returns the arguments of the command line in docs/plugins.md, for a cloud,
// and looks for the options that are named there.
func shownInPlugins(t *testing.T, cloud *webssotest.Keystone) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "plugins.md"))
	must(t, err)
	credential, _, err := command.New(command.Config{}).Find([]string{"credential"})
	must(t, err)
	for _, match := range regexp.MustCompile("`--([a-z-]+)").FindAllStringSubmatch(string(text), -1) {
		if credential.Flag(match[1]) == nil {
			t.Errorf("got --%s in docs/plugins.md, which credential does not have", match[1])
		}
	}
	_, line, _ := strings.Cut(string(text), "\n    websso ")
	line, _, _ = strings.Cut(line, "\n\n")
	return strings.Fields(strings.NewReplacer("\\\n", "", "https://identity.example.com", cloud.URL(), "0123", cloud.Project("demo").ID).Replace(line))
}

// keys lists the keys of a JSON value, and what kind of value each has. The elements of an
// array are taken together.
func keys(value any, path string) []string {
	var lines []string
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			if strings.Contains(key, "://") {
				key = "*" // the address of a sign-in
			}
			lines = append(lines, keys(element, strings.TrimPrefix(path+"."+key, "."))...)
		}
	case []any:
		for _, element := range value {
			lines = append(lines, keys(element, path+"[]")...)
		}
	default:
		return []string{fmt.Sprintf("%s\t%T", path, value)}
	}
	return lines
}

// TestStatuses compares the exit statuses of what can go wrong with the list of them.
func TestStatuses(t *testing.T) {
	u, lonely, gone, late := newUser(t), newUser(t), newUser(t), newUser(t)
	u.signIn(t)
	gone.cloud.Close()
	port, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(lonely.cloud.AuthOptions().RedirectPort)))
	must(t, err)
	defer port.Close()
	var lines []string
	for _, tt := range []struct {
		what string
		user *user
		args []string
	}{
		{"a result", u, []string{"token"}},
		{"an option that there is not", u, []string{"token", "--no-such-option"}},
		{"a command that there is not", u, []string{"no-such-command"}},
		{"a cloud that there is not", u, []string{"token", "--cloud", "no-such-cloud"}},
		{"nobody is signed in, and no browser may open", gone, []string{"--non-interactive", "token"}},
		{"status, and nobody is signed in", late, []string{"status"}},
		{"a project that is not the user's", u, []string{"--project-name", "no-such-project", "--project-domain-name", "Default", "token"}},
		{"Keystone can't be reached", gone, []string{"--no-browser", "--timeout", "5s", "token"}},
		{"nobody signs in in time", late, []string{"--no-browser", "--timeout", "50ms", "token"}},
		{"the port is taken", lonely, []string{"--no-browser", "token"}},
		{"exec: the command succeeds", u, []string{"exec", "--", "true"}},
		{"exec: the command ends with 42", u, []string{"exec", "--", "sh", "-c", "exit 42"}},
		{"exec: a command that can't be run", u, []string{"exec", "--", filepath.Join(u.dir, "clouds.yaml")}},
		{"exec: a command that there is not", u, []string{"exec", "--", "no-such-command"}},
		{"logout, and nobody is signed in", late, []string{"logout"}},
	} {
		_, status := tt.user.run(t, tt.args...)
		lines = append(lines, fmt.Sprintf("status %3d: %s", status, tt.what))
	}
	promised(t, "statuses.txt", lines)
}

// TestCacheFormat compares the keys of what a sign-in leaves in the cache with the list
// of them: another version of this package reads it.
func TestCacheFormat(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.signIn(t)
	files, err := filepath.Glob(filepath.Join(u.cache, "*"))
	must(t, err)
	var lines []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		// The first line describes the answer of Keystone's that follows.
		head, _, _ := bytes.Cut(text, []byte("\n"))
		var value map[string]any
		if json.Unmarshal(head, &value) != nil {
			continue // a lock
		}
		lines = append(lines, append(keys(value, ""), fmt.Sprintf("version %v", value["version"]))...)
	}
	lines = append(lines, leftOut(t, "entry.go")...)
	slices.Sort(lines)
	promised(t, "cache.txt", slices.Compact(lines))
}

func TestMain(m *testing.M) { testcache.Main(m) }

// A user has a cloud and folders of their own.
type user struct {
	cloud      *webssotest.Keystone
	dir, cache string
}

func newUser(t *testing.T) *user {
	t.Helper()
	u := &user{cloud: webssotest.NewKeystone(t), dir: t.TempDir(), cache: filepath.Join(t.TempDir(), "cache")}
	must(t, os.WriteFile(filepath.Join(u.dir, "clouds.yaml"), []byte(u.cloud.CloudsYAML()), 0o600))
	return u
}

// signIn signs the user in as the command would, with a scripted browser.
func (u *user) signIn(t *testing.T) {
	t.Helper()
	opts := u.cloud.AuthOptions()
	opts.Cache = websso.NewFileCache(u.cache)
	_, err := websso.AuthenticatedClient(t.Context(), opts)
	must(t, err)
}

// run runs the command, and returns its standard output and exit status.
func (u *user) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	t.Chdir(u.dir)
	for name, value := range map[string]string{"OS_CLOUD": "websso", "WEBSSO_CACHE_DIR": u.cache, "BROWSER": "false"} {
		t.Setenv(name, value)
	}
	var stdout, stderr bytes.Buffer
	root := command.New(command.Config{})
	root.SetArgs(args)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	status := command.ExitStatus(root.ExecuteContext(t.Context()))
	t.Logf("websso %s: status %d\n%s", strings.Join(args, " "), status, &stderr)
	return stdout.String(), status
}
