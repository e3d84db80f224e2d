package e2e_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestOpenstacksdk checks that this machine's openstacksdk still reads the files and
// variables of package clouds' tests as recorded.
func TestOpenstacksdk(t *testing.T) {
	realCloud(t)
	t.Parallel()
	script, err := filepath.Abs("../clouds/testdata/openstacksdk.py")
	must(t, err)
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", script, "--check").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
