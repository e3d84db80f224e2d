package e2e_test

import (
	"os"
	"sync"
	"testing"
)

var artifactsDir = sync.OnceValues(func() (string, error) {
	return os.MkdirTemp("", "websso-e2e-pages-")
})

// artifacts returns the folder for screenshots, which is not removed after the tests.
func artifacts(t *testing.T) string {
	t.Helper()
	dir, err := artifactsDir()
	must(t, err)
	return dir
}
