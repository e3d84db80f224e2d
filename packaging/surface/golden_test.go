package surface_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/adrg/xdg"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/packaging/commandline"
	"github.com/gophercloud-websso/websso/packaging/surface"
	"github.com/gophercloud-websso/websso/webssotest"
)

var (
	update = flag.Bool("update", false, "write the golden files, unless a change is incompatible and CHANGELOG.md does not say so")
	accept = flag.Bool("accept", false, "with -update, before the first release: write the golden files whatever changed")
)

const root = "../.."

// TestAPI compares the exported names with the list of them.
func TestAPI(t *testing.T) {
	t.Parallel()
	public, err := surface.Packages(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "api.txt", surface.API(public))
}

// TestAPISinceRelease has apidiff compare the exported names with those of the last
// release, or of the commit that WEBSSO_BASE names.
func TestAPISinceRelease(t *testing.T) {
	t.Parallel()
	base := baseline(t)
	if base == "" {
		t.Skip("nothing has been released, and WEBSSO_BASE is not set")
	}
	tree := filepath.Join(t.TempDir(), "base")
	git(t, "worktree", "add", "--detach", tree, base)
	defer git(t, "worktree", "remove", "--force", tree)
	before, err := surface.Packages(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	after, err := surface.Packages(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range surface.Unannounced(changelog(t), surface.Incompatible(before, after)) {
		t.Errorf("incompatible with %s: got %s\nwant it back, or an entry in CHANGELOG.md under Unreleased:\n- **Breaking:** `%s` …", base, change, surface.Name(change))
	}
}

// TestOptions compares the commands, options and variables with the list of them.
func TestOptions(t *testing.T) {
	t.Parallel()
	golden(t, "options.txt", surface.Options(described()))
}

// TestKeys compares the keys of clouds.yaml, and the variables, with the list of them.
// The list is that of docs/reference.md, which package clouds tests against its code.
func TestKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "reference.md"))
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		// The last cell is prose.
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for _, cell := range cells[:len(cells)-1] {
			for _, match := range quoted.FindAllStringSubmatch(cell, -1) {
				lines = append(lines, match[1])
			}
		}
	}
	slices.Sort(lines)
	golden(t, "keys.txt", slices.Compact(lines))
}

// TestDependencies compares what a program that imports the library compiles in, beside
// the standard library, with the list of it.
func TestDependencies(t *testing.T) {
	t.Parallel()
	systems := map[string][]string{}
	for _, system := range []string{"darwin", "linux", "windows"} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".", "./clouds")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v", system, err)
		}
		for _, path := range surface.Lines(string(out)) {
			if !strings.HasPrefix(path, "github.com/gophercloud-websso/websso") {
				systems[path] = append(systems[path], system)
			}
		}
	}
	var lines []string
	for path, on := range systems {
		if len(on) < 3 {
			path += "\tonly on " + strings.Join(on, ", ")
		}
		lines = append(lines, path)
	}
	slices.Sort(lines)
	listed(t, "dependencies.txt", lines)
}

// TestHelp compares every help text with the file of them.
func TestHelp(t *testing.T) {
	t.Parallel()
	commands := [][]string{{}}
	for _, c := range described().Visible() {
		commands = append(commands, []string{c.Name})
	}
	u := newUser(t)
	version := regexp.MustCompile(`(?m)^VERSION:\n.*$`)
	var text strings.Builder
	for _, c := range commands {
		got, status := u.run(t, append(c, "--help")...)
		if status != 0 {
			t.Errorf("websso %s --help: got status %d, want 0", strings.Join(c, " "), status)
		}
		fmt.Fprintf(&text, "$ websso %s\n%s\n", strings.Join(append(c, "--help"), " "), version.ReplaceAllString(got, "VERSION:\n   …"))
	}
	listed(t, "help.txt", strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n"))
}

// TestJSON compares the keys of every command's -o json with the list of them.
func TestJSON(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.signIn(t)
	runs := [][]string{{"kube-credential"}}
	for _, c := range described().Visible() {
		if !has(c, "output") {
			continue
		}
		runs = append(runs, []string{c.Name, "-o", "json"})
		// These options add keys, or leave some out.
		for _, option := range []string{"all", "check", "unscoped"} {
			if has(c, option) {
				runs = append(runs, []string{c.Name, "--" + option, "-o", "json"})
			}
		}
	}
	var lines []string
	for _, run := range runs {
		name := strings.Join(run, " ")
		text, status := u.run(t, run...)
		// (doctor reports what it found by its status as well.)
		if status > 1 {
			t.Errorf("websso %s: got status %d, want 0\n%s", name, status, text)
			continue
		}
		found, err := surface.Keys([]byte(text))
		if err != nil {
			t.Errorf("websso %s: got %q, want JSON: %v", name, text, err)
			continue
		}
		for _, key := range found {
			lines = append(lines, name+": "+key)
		}
	}
	lines = append(lines, credential(t, u)...)
	slices.Sort(lines)
	golden(t, "json.txt", lines)
}

// credential lists the keys of what credential answers to plugins.
func credential(t *testing.T, u *user) []string {
	t.Helper()
	opts := u.cloud.AuthOptions()
	cloud := []string{"--auth-url=" + opts.IdentityEndpoint, "--identity-provider=" + opts.IdentityProvider, "--protocol=" + opts.Protocol}
	var lines []string
	for _, tt := range []struct {
		name   string
		args   []string
		status int
	}{
		{"credential", append(cloud, "--unscoped", "--non-interactive"), 0},
		{"credential, and nobody is signed in", append(cloud, "--username=nobody", "--non-interactive"), 3},
	} {
		text, status := u.run(t, append([]string{"credential"}, tt.args...)...)
		found, err := surface.Keys([]byte(text))
		if err != nil || status != tt.status {
			t.Errorf("websso credential: got status %d, %q, want %d, JSON: %v", status, text, tt.status, err)
		}
		for _, key := range found {
			if strings.HasPrefix(key, "token.") {
				key = "token\tKeystone's own"
			}
			lines = append(lines, tt.name+": "+key)
		}
	}
	return slices.Compact(lines)
}

func has(c commandline.Command, option string) bool {
	return slices.ContainsFunc(c.Flags, func(f commandline.Flag) bool { return slices.Contains(f.Names, option) })
}

// TestStatuses compares the exit statuses of what can go wrong with the list of them.
func TestStatuses(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	lonely := newUser(t)
	u.signIn(t)
	port, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(lonely.cloud.AuthOptions().RedirectPort)))
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	gone := newUser(t)
	gone.cloud.Close()
	late := newUser(t)
	notExecutable := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notExecutable, nil, 0o600); err != nil {
		t.Fatal(err)
	}
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
		{"exec: a command that can't be run", u, []string{"exec", "--", notExecutable}},
		{"exec: a command that there is not", u, []string{"exec", "--", "no-such-command"}},
		{"logout, and nobody is signed in", late, []string{"logout"}},
	} {
		_, status := tt.user.run(t, tt.args...)
		lines = append(lines, fmt.Sprintf("status %3d: %s", status, tt.what))
	}
	golden(t, "statuses.txt", lines)
}

// TestCacheFormat compares the keys of what a sign-in leaves in the cache with the list
// of them: another version of this package reads it.
func TestCacheFormat(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.signIn(t)
	var lines []string
	err := filepath.WalkDir(u.cache, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// The first line describes the answer of Keystone's that follows.
		head, _, _ := bytes.Cut(text, []byte("\n"))
		found, err := surface.Keys(head)
		if err != nil {
			return nil //nolint:nilerr // a lock
		}
		for _, key := range found {
			if strings.HasPrefix(key, "version\t") {
				key += regexp.MustCompile(`"version":(\d+)`).FindString(string(head))
			}
			lines = append(lines, key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	golden(t, "cache.txt", slices.Compact(lines))
}

// golden compares lines with a golden file whose lines are promises.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	if len(lines) == 0 {
		t.Fatalf("%s: got nothing", name)
	}
	path := filepath.Join("golden", name)
	bases := []string{path}
	var silent []string
	before, err := os.ReadFile(path)
	switch {
	case err == nil:
		silent = surface.Unannounced(changelog(t), surface.Removed(surface.Lines(string(before)), lines))
	case !errors.Is(err, os.ErrNotExist):
		t.Fatal(err)
	}
	if base := baseline(t); base != "" {
		cmd := exec.CommandContext(t.Context(), "git", "show", base+":packaging/surface/golden/"+name)
		if released, err := cmd.Output(); err == nil {
			bases = append(bases, base)
			silent = append(silent, surface.Unannounced(changelog(t), surface.Removed(surface.Lines(string(released)), lines))...)
		}
	}
	if *update && *accept && len(bases) == 1 {
		silent = nil
	}
	slices.Sort(silent)
	for _, line := range slices.Compact(silent) {
		t.Errorf("incompatible with %s: got no line %q\nwant it back, or an entry in CHANGELOG.md under Unreleased:\n- **Breaking:** `%s` …", strings.Join(bases, " and "), line, surface.Name(line))
	}
	if !t.Failed() {
		listed(t, name, lines)
	}
}

// listed compares lines with a golden file.
func listed(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("golden", name)
	text := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	before, err := os.ReadFile(path)
	if err != nil || string(before) != text {
		want := strings.Split(strings.TrimSuffix(string(before), "\n"), "\n")
		for _, line := range surface.Removed(want, lines) {
			t.Errorf("%s: got no line %q", path, line)
		}
		for _, line := range surface.Removed(lines, want) {
			t.Errorf("%s: got a new line %q", path, line)
		}
		t.Errorf("%s is out of date (%v); if the change is meant, run packaging/update", path, err)
	}
}

var changelog = func(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// baseline is what users have: WEBSSO_BASE if set, such as the branch that a change is
// for, else the last release, "" if there is none.
func baseline(t *testing.T) string {
	t.Helper()
	if base := os.Getenv("WEBSSO_BASE"); base != "" {
		return base
	}
	cmd := exec.CommandContext(t.Context(), "git", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "git", args...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func described() commandline.Command { return commandline.Load() }

// built is the command, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(xdg.CacheHome, "bin", "websso")
	// A release is built the same way. Otherwise, in a Git clone, version -o json has one
	// more key, the commit.
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/websso")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	// The command is built here, and sign-ins take their locks here.
	dir, err := os.MkdirTemp("", "websso-surface-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	xdg.CacheHome = dir
	m.Run()
}

// A user has the command, a cloud and folders of their own.
type user struct {
	cloud            *webssotest.Keystone
	dir, cache, path string
}

func newUser(t *testing.T) *user {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	u := &user{cloud: webssotest.NewKeystone(t), dir: t.TempDir(), cache: filepath.Join(t.TempDir(), "cache"), path: path}
	if err := os.WriteFile(filepath.Join(u.dir, "clouds.yaml"), []byte(u.cloud.CloudsYAML()), 0o600); err != nil {
		t.Fatal(err)
	}
	return u
}

// signIn signs the user in as the command would, with a scripted browser.
func (u *user) signIn(t *testing.T) {
	t.Helper()
	opts := u.cloud.AuthOptions()
	opts.Cache = websso.NewFileCache(u.cache)
	if _, err := websso.AuthenticatedClient(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
}

// run runs the command, and returns its standard output and exit status.
func (u *user) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), u.path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = u.dir, &stdout, &stderr
	cmd.Env = []string{
		"HOME=" + u.dir, "PATH=" + os.Getenv("PATH"), "OS_CLOUD=websso",
		"WEBSSO_CACHE_DIR=" + u.cache, "XDG_CACHE_HOME=" + filepath.Join(u.dir, "xdg"), "BROWSER=false",
	}
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("websso %s: %v", strings.Join(args, " "), err)
	}
	t.Logf("websso %s: status %d\n%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), &stderr)
	return stdout.String(), cmd.ProcessState.ExitCode()
}
