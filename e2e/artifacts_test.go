package e2e_test

import (
	"os"
	"sync"
	"testing"
)

var artifactsDir = sync.OnceValues(func() (string, error) {
	return os.MkdirTemp(os.Getenv("WEBSSO_E2E_PAGES"), "websso-e2e-pages-")
})

// artifacts returns the folder for screenshots, which is not removed after the tests.
// WEBSSO_E2E_PAGES names another place for it than the one of temporary files.
func artifacts(t *testing.T) string {
	t.Helper()
	dir, err := artifactsDir()
	must(t, err)
	return dir
}
