package keyring_test

import (
	"os"
	"testing"

	"github.com/gophercloud-websso/websso/internal/testcache"
)

// The test binary is also the other processes that tests need.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		os.Exit(0)
	}
	testcache.Main(m)
}
