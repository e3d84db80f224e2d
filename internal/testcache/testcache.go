// Package testcache keeps tests out of the cache directory of whoever runs them.
package testcache

import (
	"flag"
	"os"
	"testing"

	"github.com/adrg/xdg"
)

// Main runs the tests of a package in a cache and home directory of their own, and so do the
// processes that they start. Most tests wait for something, so more of them run at once than
// there are processors.
func Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "websso-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
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
