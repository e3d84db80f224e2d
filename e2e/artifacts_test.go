package e2e_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var artifactsDir = sync.OnceValues(func() (string, error) {
	return os.MkdirTemp("", "websso-e2e-pages-")
})

// artifacts is where screenshots are kept: a folder that stays.
func artifacts(t *testing.T) string {
	t.Helper()
	dir, err := artifactsDir()
	must(t, err)
	return dir
}

func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(artifacts(t), name), content, 0o600))
}
