// Package command_test runs the command websso as users and tools do, as a program.
package command_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"browser":      browser,
		"clientconfig": clientconfigTool,
		"cloudsparse":  cloudsParseTool,
		"gophercloud":  gophercloudTool,
		"try":          tryCredential,
		"terraform":    terraformTool,
	})
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
