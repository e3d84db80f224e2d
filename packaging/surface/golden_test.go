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
	"slices"
	"strings"
	"testing"
)

// root is the work tree; tests change the directory.
var root, _ = filepath.Abs("../..")

var update = flag.Bool("update", false, "write the golden files")

// listed compares lines with a golden file.
func listed(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join(root, "packaging", "surface", "golden", name)
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
	for _, line := range removed(split(golden), lines) {
		if !announces(string(changelog), called(line)) {
			t.Errorf("incompatible with %s: got no line %q\nwant it back, or an entry in CHANGELOG.md under Unreleased:\n- **Breaking:** `%s` …", base, line, called(line))
		}
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

// announces reports whether CHANGELOG.md names a thing, between backquotes, in an entry that
// begins with "**Breaking:**" in its section of unreleased changes.
func announces(changelog, name string) bool {
	_, section, _ := strings.Cut(changelog, "\n## [Unreleased]\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for entry := range strings.SplitSeq(section, "\n- ") {
		if strings.HasPrefix(entry, "**Breaking:**") && strings.Contains(entry, "`"+name+"`") {
			return true
		}
	}
	return false
}

// called returns what an announcement has to call a line's thing: the last part of a Go
// name, such as Timeout for websso.AuthOptions.Timeout, else all that is before the tab.
func called(line string) string {
	name, _, _ := strings.Cut(line, "\t")
	if strings.HasPrefix(name, "-") || strings.Contains(name, " ") {
		return name
	}
	return name[strings.LastIndex(name, ".")+1:]
}

func TestAnnounces(t *testing.T) {
	t.Parallel()
	for changelog, want := range map[string]bool{
		"": false,
		"\n## [Unreleased]\n\n- Other.\n- **Breaking:** `cache-dir` is gone,\n  and `Timeout` is a number.\n": true,
		"\n## [Unreleased]\n\n- `Timeout` is gone. **Breaking:** `Timeout`\n":                                 false,
		"\n## [Unreleased]\n\n- **Breaking:** `TimeoutX`, `AuthOptions`, Timeout.\n":                          false,
		"\n## [Unreleased]\n\n- No.\n\n## [0.1.0]\n\n- **Breaking:** `Timeout`\n":                             false,
	} {
		if got := announces(changelog, called("websso.AuthOptions.Timeout\tfield int")); got != want {
			t.Errorf("%q: got it announced %t, want %t", changelog, got, want)
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
