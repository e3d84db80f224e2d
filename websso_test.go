//go:build unix

package websso_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/adrg/xdg"
	"github.com/gophercloud-websso/websso"
)

// The test binary is also the other processes that tests need.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WEBSSO_TEST_SET"); dir != "" {
		if err := websso.NewFileCache(dir).Set("key", "value"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(childVariable) != "" {
		child()
		os.Exit(0)
	}
	os.Exit(inOwnCache(m))
}

// inOwnCache runs the tests away from the cache directory of whoever runs them.
func inOwnCache(m *testing.M) int {
	dir, err := os.MkdirTemp("", "websso-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	return m.Run()
}
