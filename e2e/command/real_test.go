package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestRealTools runs testdata/tools and testdata/real against the Keystone that e2e/up
// started.
func TestRealTools(t *testing.T) {
	if os.Getenv("WEBSSO_E2E_KEYSTONE") == "" {
		t.Skip("there is no Keystone here; e2e/run sets one up")
	}
	program := build(t)
	// Each script has its own sign-ins, but all share the port and its lock.
	locks := t.TempDir()
	for _, dir := range []string{"tools", "real"} {
		runScripts(t, filepath.Join("testdata", dir), func(env *testscript.Env) error { return atReal(env, program, locks) })
	}
}

// atReal gives a script the shared Keystone, with a port that no other test uses.
func atReal(env *testscript.Env, program, locks string) error {
	asUser(env, program)
	endpoint, ca := os.Getenv("WEBSSO_E2E_KEYSTONE"), os.Getenv("WEBSSO_E2E_CA")
	env.Vars = append(env.Vars, "XDG_CACHE_HOME="+locks, "WEBSSO_CACHE_DIR="+filepath.Join(env.WorkDir, "kept"),
		"PERSON=dwho:dwho", "ME=dwho", "IDP=lemon", "PORT=9991", "AUTH_URL="+endpoint, "BROWSER_CA="+ca)
	file := "clouds:\n"
	for name, in := range map[string]struct{ provider, project string }{
		"websso":  {"lemon", "demo"},
		"vault":   {"lemon", "secret"},
		"lasting": {"citrus", "demo"}, // has an authorization_ttl
	} {
		file += fmt.Sprintf("  %s: {auth_type: v3websso, identity_provider: %s, protocol: openid, redirect_port: 9991, region_name: RegionOne, cacert: '%s',\n    auth: {auth_url: '%s', project_name: %s, project_domain_name: Default}}\n",
			name, in.provider, ca, endpoint, in.project)
	}
	return os.WriteFile(filepath.Join(env.WorkDir, "clouds.yaml"), []byte(file), 0o600)
}
