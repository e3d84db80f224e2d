package keyring_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/adrg/xdg"
)

// The test binary is also the other processes that tests need.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		os.Exit(0)
	}
	os.Exit(inOwnCache(m))
}

// inOwnCache runs the tests away from the cache directory of whoever runs them.
func inOwnCache(m *testing.M) int {
	dir, err := os.MkdirTemp("", "websso-keyring-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	return m.Run()
}
