// Package testcache keeps tests out of the cache directory of whoever runs them, and that
// user's clouds, session and screen out of the tests.
package testcache

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

// users matches the names of the variables that say where a user sits, and at which cloud.
var users = regexp.MustCompile(`^(OS_|XDG_|WEBSSO_(BROWSER|CACHE|ENV)|BROWSER|DBUS_|DISPLAY|SSH_|SSL_CERT_|TMUX|WAYLAND_)`)

// Main runs the tests of a package, and the processes that they start, in a cache and home
// directory of their own and without any variable that tells of the user. Most tests wait for
// something, so more of them run at once than there are processors.
func Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "websso-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); users.MatchString(name) {
			os.Unsetenv(name) //nolint:forbidigo // it is a test binary's process
		}
	}
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		os.Setenv(name, dir) //nolint:forbidigo // it is a test binary's process
	}
	xdg.Reload()
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		f.Value.Set("16") //nolint:errcheck // it is a number
	}
	m.Run()
}
