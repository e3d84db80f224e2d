package command

import (
	"os"
	"testing"

	"github.com/adrg/xdg"
)

// TestMain keeps the locks of sign-ins out of the cache directory of whoever runs the tests.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "websso-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	xdg.CacheHome = dir
	m.Run()
}
