// Package e2e_test signs people in at a real Keystone through real browsers.
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

// run keeps the package's locks away from those of the person who runs the tests:
// their own sign-in would otherwise be waited for.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "websso-e2e-cache-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	// What opens the browser, and how, is each test's.
	for _, name := range []string{"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"} {
		os.Unsetenv(name)
	}
	if os.Getenv(insideVariable) == "" {
		os.Unsetenv("SSH_CONNECTION") // a test's own counts
	}
	return m.Run()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
