// Package surface_test lists what users of this project depend on: the exported names,
// the command's options, the keys of its JSON, its exit statuses, the keys of
// clouds.yaml, the format of cached entries; and what the library may do on their
// computers. Each list is a file in golden, a line for each thing.
package surface_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

var update = flag.Bool("update", false, "write the golden files")

// listed compares lines with a golden file.
func listed(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("golden", name)
	if *update {
		must(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
		return
	}
	golden, err := os.ReadFile(path)
	must(t, err)
	before := split(string(golden))
	for _, line := range removed(before, lines) {
		t.Errorf("%s: got no line %q", name, line)
	}
	for _, line := range removed(lines, before) {
		t.Errorf("%s: got a new line %q", name, line)
	}
	if t.Failed() {
		t.Errorf("packaging/surface/golden/%s: if the change is meant, run packaging/update", name)
	}
}

// promised does the same for lines that are a promise, and compares them with what users
// have: the golden file of the last release, or of the commit that WEBSSO_BASE names,
// such as the branch that a change is for.
func promised(t *testing.T, name string, lines []string) {
	t.Helper()
	listed(t, name, lines)
	base := os.Getenv("WEBSSO_BASE")
	if base == "" {
		tag, err := git(t, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
		if err != nil {
			return // nothing is released
		}
		base = strings.TrimSpace(tag)
	}
	golden, err := git(t, "show", base+":packaging/surface/golden/"+name)
	if err != nil {
		t.Logf("%s has no %s", base, name)
		return
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	must(t, err)
	for _, line := range unannounced(string(changelog), removed(split(golden), lines)) {
		t.Errorf("incompatible with %s: got no line %q\nwant it back, or an entry in CHANGELOG.md under Unreleased:\n- **Breaking:** `%s` …", base, line, called(line))
	}
}

func git(t *testing.T, args ...string) (string, error) {
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	return string(out), err
}

func split(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

// removed returns the lines of before that after lacks. A line that changed is one of
// them: what it said is true no more.
func removed(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(before), func(line string) bool { return slices.Contains(after, line) })
}

// unannounced returns those of lines that CHANGELOG.md does not announce: in its section
// of unreleased changes, an entry that begins with "**Breaking:**" has to contain the
// name of each, between backquotes.
func unannounced(changelog string, lines []string) []string {
	_, section, _ := strings.Cut(changelog, "\n## [Unreleased]\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var announced []string
	for entry := range strings.SplitSeq(section, "\n- ") {
		if entry, _, _ = strings.Cut(entry, "\n\n"); strings.HasPrefix(entry, "**Breaking:**") {
			for _, match := range quoted.FindAllStringSubmatch(entry, -1) {
				announced = append(announced, match[1])
			}
		}
	}
	return slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(announced, called(line)) })
}

var quoted = regexp.MustCompile("`([^`]+)`")

// called returns what an announcement has to call a line's thing: the last part of a Go
// name, such as Timeout for websso.AuthOptions.Timeout, else all that is before the tab.
func called(line string) string {
	name, _, _ := strings.Cut(line, "\t")
	if strings.HasPrefix(name, "-") || strings.Contains(name, " ") {
		return name
	}
	return name[strings.LastIndex(name, ".")+1:]
}

func TestUnannounced(t *testing.T) {
	t.Parallel()
	before := []string{"websso.AuthOptions.Timeout\tfield time.Duration", "websso --cache-dir\toption VALUE", "token -o json: auth_url\tstring", "websso.Kept\tfunc()"}
	after := []string{"websso.AuthOptions.Timeout\tfield int", "websso.New\tfunc()", "websso.Kept\tfunc()"}
	for _, tt := range []struct {
		name, changelog string
		want            int
	}{
		{"nothing", "", 3},
		{"all", "\n## [Unreleased]\n\n- Other.\n- **Breaking:** `Timeout` is a number,\n  `websso --cache-dir` is gone, and so is\n  `token -o json: auth_url`.\n", 0},
		{"one", "\n## [Unreleased]\n\n- **Breaking:** `Timeout`\n", 2},
		{"not marked", "\n## [Unreleased]\n\n- `Timeout` is gone. **Breaking:** `Timeout`\n", 3},
		{"another name", "\n## [Unreleased]\n\n- **Breaking:** `TimeoutX`, `AuthOptions`, Timeout.\n", 3},
		{"of the last release", "\n## [Unreleased]\n\n- No.\n\n## [0.1.0]\n\n- **Breaking:** `Timeout`\n", 3},
	} {
		if got := unannounced(tt.changelog, removed(before, after)); len(got) != tt.want {
			t.Errorf("%s: got %q unannounced, want %d", tt.name, got, tt.want)
		}
	}
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
