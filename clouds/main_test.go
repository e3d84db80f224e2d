package clouds_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/testcache"
)

// TestMain hides the developer's own clouds from the examples.
func TestMain(m *testing.M) {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OS_") {
			os.Unsetenv(name)
		}
	}
	testcache.Main(m)
}

// cleanEnv makes vars the only OS_* variables and changes to an empty directory, which
// is the home directory too. It returns that directory.
func cleanEnv(t *testing.T, vars map[string]string) string {
	t.Helper()
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "OS_") || strings.HasPrefix(name, "XDG_") {
			t.Setenv(name, value) // restores it after the test
			os.Unsetenv(name)
		}
	}
	for name, value := range vars {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Chdir(dir)
	return dir
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(text))
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
