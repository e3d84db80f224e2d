package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestOpenTofu runs testdata/opentofu: OpenTofu itself with the real OpenStack provider.
func TestOpenTofu(t *testing.T) {
	folder := os.Getenv("WEBSSO_E2E_OPENTOFU")
	if folder == "" || os.Getenv("WEBSSO_E2E_KEYSTONE") == "" {
		t.Skip("there is no OpenTofu here; e2e/run --opentofu builds it")
	}
	program := build(t)
	locks := t.TempDir()
	runScripts(t, "testdata/opentofu", func(env *testscript.Env) error {
		if err := atReal(env, program, locks); err != nil {
			return err
		}
		env.Setenv("PATH", filepath.Join(folder, "bin")+string(os.PathListSeparator)+env.Getenv("PATH"))
		env.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(folder, "tofurc"))
		env.Setenv("TF_IN_AUTOMATION", "1")
		return nil
	})
}
