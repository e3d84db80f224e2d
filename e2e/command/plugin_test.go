package command_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestPlugin runs the tests of the plugin for Python, with the system's Python and its
// keystoneauth.
func TestPlugin(t *testing.T) {
	const python = "/usr/bin/python3"
	if exec.CommandContext(t.Context(), python, "-c", "import keystoneauth1, pytest").Run() != nil {
		t.Skip("no keystoneauth, or no pytest")
	}
	cmd := exec.CommandContext(t.Context(), python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "python")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
