package handover_test

import (
	"bytes"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

var demo = handover.Cloud{
	AuthURL: "https://one/v3", Token: "gAAAAA", ProjectID: "id-demo",
	Region: "south", Interface: "internal",
}

// runtimeDir makes a runtime directory of the test's own, and returns it.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o700)) //nolint:gosec // a directory
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

func write(t *testing.T, d handover.Description, c handover.Cloud) (dir string, remove func()) {
	t.Helper()
	dir, remove, err := d.Write(t.Context(), c)
	must(t, err)
	return dir, remove
}

// read decodes a file.
func read(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	var all map[string]any
	if err := yaml.Unmarshal(text, &all); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return all
}

// usersClouds is a file with what YAML allows.
//
//go:embed testdata/clouds.yaml
var usersClouds string

// TestFiles writes files for tools: the cloud is replaced, and the others are as before,
// also one that takes values from the cloud.
func TestFiles(t *testing.T) {
	dir := runtimeDir(t)
	d := handover.Description{Cloud: "mine", Clouds: []byte(usersClouds), Secure: []byte("clouds: {mine: {auth: {password: old}}, other: {auth: {password: theirs}}}")}
	written, remove := write(t, d, demo)
	file, secure := filepath.Join(written, "clouds.yaml"), filepath.Join(written, "secure.yaml")
	got := read(t, file)
	var before map[string]any
	must(t, yaml.Unmarshal(bytes.Replace([]byte(strings.TrimPrefix(usersClouds, "%YAML 1.1\n")), []byte("  mine:\n    <<: *mine\n    interface: public\n"), nil, 1), &before))
	clouds := got["clouds"].(map[string]any)
	checkEqual(t, "mine", clouds["mine"], map[string]any{
		"auth_type": "v3token", "auth": map[string]any{"auth_url": "https://one/v3", "token": "gAAAAA", "project_id": "id-demo"}, "token": "gAAAAA",
		"region_name": "south", "interface": "internal", "identity_api_version": "3", "compute_api_version": "2.79", "image_format": "raw",
		"networks": []any{map[string]any{"name": "ext", "routes_externally": "yes"}},
		"regions":  []any{map[string]any{"name": "south", "values": map[string]any{"volume_api_version": 3}}, map[string]any{"name": "north", "values": map[string]any{}}},
	})
	for _, name := range []string{"other", "third", "fourth"} {
		checkEqual(t, name, clouds[name], before["clouds"].(map[string]any)[name])
	}
	checkEqual(t, "client", got["client"], before["client"])
	checkEqual(t, "secure.yaml", read(t, secure), map[string]any{"clouds": map[string]any{"other": map[string]any{"auth": map[string]any{"password": "theirs"}}}})
	text, err := os.ReadFile(file)
	must(t, err)
	for _, plain := range []string{"routes_externally: yes", "on: yes", "port: 0o17", "when: 2024-01-01", `note: "2024-01-01"`} {
		if !strings.Contains(string(text), plain) {
			t.Errorf("got a file without %q as it was:\n%s", plain, text)
		}
	}

	// Renewing, without any file of the user's.
	renewing := handover.Cloud{AuthURL: demo.AuthURL, Region: demo.Region, Interface: demo.Interface}
	renewing.Renewing = handover.Renewing{URL: "http://127.0.0.1:4711/X/v3", ID: "i", Secret: "s"}
	renewing.Insecure = true
	second, removeSecond := write(t, handover.Description{Cloud: "new"}, renewing)
	checkEqual(t, "new", read(t, filepath.Join(second, "clouds.yaml"))["clouds"].(map[string]any)["new"], map[string]any{
		"auth_type": "v3applicationcredential", "auth": map[string]any{"auth_url": "http://127.0.0.1:4711/X/v3", "application_credential_id": "i", "application_credential_secret": "s"},
		"region_name": "south", "interface": "internal", "identity_api_version": "3", "verify": false,
	})

	for _, path := range []string{file, secure, filepath.Join(second, "clouds.yaml")} {
		checkMode(t, path, 0o600)
		checkMode(t, filepath.Dir(path), 0o700)
	}
	handover.RemoveAbandoned(t.Context()) // they are in use
	read(t, file)
	if locks, err := filepath.Glob(filepath.Join(dir, "*", "*.lock")); len(locks) != 2 || err != nil {
		t.Errorf("got the locks %q, want those of two directories in use", locks)
	}
	remove()
	removeSecond()
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) > 0 || err != nil {
		t.Errorf("got %q left, want nothing", left)
	}
}

func checkEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	text := func(v any) string {
		b, err := yaml.Marshal(v)
		must(t, err)
		return string(b)
	}
	if got, want := text(got), text(want); got != want {
		t.Errorf("%s: got\n%swant\n%s", what, got, want)
	}
}

func checkMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	if got := info.Mode().Perm(); got != want && os.PathSeparator == '/' {
		t.Errorf("%s: got mode %o, want %o", path, got, want)
	}
}

// TestFilesRefused has files that can't be written for tools.
func TestFilesRefused(t *testing.T) {
	runtimeDir(t)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		name := string(rune('b' + i))
		bomb += name + ": &" + name + " [" + strings.Repeat("*"+string(rune('a'+i))+", ", 9) + "x]\n"
	}
	for name, text := range map[string]string{"not YAML": "{", "a bomb": bomb, "itself": "clouds: &a {b: *a}"} {
		if _, _, err := (handover.Description{Cloud: "x", Clouds: []byte(text)}).Write(t.Context(), demo); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	if _, _, err := (handover.Description{Cloud: "x"}).Write(t.Context(), demo); err == nil {
		t.Error("got no error without a directory in memory, want one")
	}
}

// TestAbandoned leaves a directory whose lock nobody holds, as a program that was killed does.
func TestAbandoned(t *testing.T) {
	dir := runtimeDir(t)
	written, remove := write(t, handover.Description{Cloud: "mine"}, demo)
	remove()
	parent := filepath.Dir(written)
	must(t, os.MkdirAll(filepath.Join(parent, "ABANDONED"), 0o700))
	for _, name := range []string{"ABANDONED/clouds.yaml", "ABANDONED/secure.yaml", "ABANDONED/x.tmp", "ABANDONED.lock", "REMOVED.lock"} {
		must(t, os.WriteFile(filepath.Join(parent, name), []byte("token"), 0o600))
	}
	handover.RemoveAbandoned(t.Context())
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) > 0 || err != nil {
		t.Errorf("got %q left, want nothing", left)
	}
}

// TestTogether writes files in several programs, which look for what others have left.
func TestTogether(t *testing.T) {
	if os.Getenv("WEBSSO_TEST_TOGETHER") != "" {
		for range 100 {
			handover.RemoveAbandoned(t.Context())
			dir, remove := write(t, handover.Description{Cloud: "mine"}, demo)
			read(t, filepath.Join(dir, "clouds.yaml"))
			remove()
		}
		return
	}
	runtimeDir(t)
	t.Setenv("WEBSSO_TEST_TOGETHER", "1")
	var programs sync.WaitGroup
	for range 4 {
		programs.Go(func() {
			out, err := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTogether$").CombinedOutput()
			if err != nil {
				t.Errorf("got %v\n%s", err, out)
			}
		})
	}
	programs.Wait()
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
