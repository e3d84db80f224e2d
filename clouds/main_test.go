package clouds_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestMain(m *testing.M) { testcache.Main(m) }

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

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

// pemFiles are the names and contents of files with a certificate, its key and its authority.
type pemFiles map[string]string

// newPEM returns files that no other call does.
func newPEM(t *testing.T) pemFiles {
	t.Helper()
	ca, cert, key := webssotest.NewTLSKeystone(t).TLSFiles()
	files := pemFiles{}
	for name, path := range map[string]string{"ca.pem": ca, "cert.pem": cert, "key.pem": key} {
		files[name] = readFile(t, path)
	}
	files["other.pem"], files["both.pem"] = files["ca.pem"], files["cert.pem"]+files["key.pem"]
	return files
}

// write writes the files to dir.
func (p pemFiles) write(t *testing.T, dir string) {
	t.Helper()
	for name, text := range p {
		writeFile(t, filepath.Join(dir, name), text)
	}
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
