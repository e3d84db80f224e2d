// Package e2e_test signs in to a real Keystone through real browsers.
package e2e_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/adrg/xdg"
)

func TestMain(m *testing.M) {
	if play := roles[os.Getenv(roleVariable)]; play != nil {
		if err := play(os.Getenv(urlVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(run(m))
}

// run runs the tests with a cache folder of their own. Otherwise they would wait for
// the locks of the developer's own sign-ins.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "websso-e2e-cache-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	// Each test decides itself what opens the browser.
	for _, name := range []string{"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"} {
		os.Unsetenv(name)
	}
	if os.Getenv(insideVariable) == "" {
		os.Unsetenv("SSH_CONNECTION") // tests set their own
	}
	return m.Run()
}

// tempDir makes a folder below the system's, removed at the end of a test that passes.
// Unlike t.TempDir's, its removal does not fail the test if a process that is about to
// end still writes there, and its parents are open to other users.
func tempDir(t testing.TB, purpose string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "websso-e2e-"+purpose+"-") //nolint:usetesting // see above
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s is left for inspection", dir)
			return
		}
		_ = os.RemoveAll(dir)
	})
	return dir
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
