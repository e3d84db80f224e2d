package command_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestScripts runs testdata/script. Each script has its own Keystone, a clouds.yaml for
// it, a home directory and a browser.
func TestScripts(t *testing.T) {
	program := build(t)
	runScripts(t, "testdata/script", func(env *testscript.Env) error { return atDouble(env, program) })
}

// TestTools runs testdata/tools, in which real tools use such a Keystone.
func TestTools(t *testing.T) {
	program := build(t)
	runScripts(t, "testdata/tools", func(env *testscript.Env) error { return atDouble(env, program) })
}

// conditions are programs in Python that succeed if the condition holds.
var conditions = map[string]string{
	"v3websso": "from keystoneauth1.identity import V3WebSSO",
	// The collection openstack.cloud of Debian 12 refuses the openstacksdk of Debian 12.
	"openstack.cloud": `
from ansible_collections.openstack.cloud.plugins.module_utils import openstack as collection
from openstack.version import __version__
getattr(collection, "ensure_compatibility", str)(__version__)`,
}

func runScripts(t *testing.T, dir string, setup func(*testscript.Env) error) {
	testscript.Run(t, testscript.Params{
		Dir:   dir,
		Setup: setup,
		Condition: func(name string) (bool, error) {
			program := conditions[name]
			if program == "" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", program).Run() == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"keystone":   keystone,
			"exits":      exits,
			"alive":      alive,
			"revoke":     revoke,
			"waitfor":    waitFor,
			"kubernetes": kubernetes,
		},
	})
}

// build builds the command from the module that this one tests, and beside it the plugin
// for Python.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "websso")
	builds := [][]string{{"go", "build", "-o", path, "./cmd/websso"}}
	if python, err := exec.LookPath("python3"); err == nil {
		builds = append(builds, []string{python, "python/backend.py", filepath.Join(filepath.Dir(path), "python")})
	}
	for _, args := range builds {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = filepath.Join("..", "..")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return path
}

// asUser gives a script what every user has.
func asUser(env *testscript.Env, program string) {
	env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Vars = append(env.Vars, "HOME="+filepath.Join(env.WorkDir, "home"), "BROWSER=browser", "PLUGIN="+filepath.Join(filepath.Dir(program), "python"))
}

// atDouble gives a script its own Keystone.
func atDouble(env *testscript.Env, program string) error {
	k, err := webssotest.StartKeystone()
	if err != nil {
		return err
	}
	env.Defer(k.Close)
	env.Values[keystoneKey{}] = k
	asUser(env, program)
	port := strconv.Itoa(k.AuthOptions().RedirectPort)
	env.Vars = append(env.Vars, "ME=alice", "AUTH_URL="+k.URL()+"/v3", "IDP="+webssotest.IdentityProvider, "PORT="+port,
		"DEMO="+k.Project("demo").ID, "LAB="+k.Project("lab").ID,
		fmt.Sprintf("CLOUD=--auth-url=%s/v3 --identity-provider=%s --protocol=%s --redirect-port=%s", k.URL(), webssotest.IdentityProvider, webssotest.Protocol, port))
	return os.WriteFile(filepath.Join(env.WorkDir, "clouds.yaml"), []byte(k.CloudsYAML()+moreClouds(k)), 0o600)
}

// moreClouds are more clouds at the same Keystone: one at its other identity provider,
// one without a scope, and one with a project that alice has no role on.
func moreClouds(k *webssotest.Keystone) string {
	var text strings.Builder
	for _, c := range []struct{ name, idp, more string }{
		{"citrus", webssotest.OtherIdentityProvider, "    project_name: demo\n    project_domain_name: Default\n"},
		{"unscoped", webssotest.IdentityProvider, ""},
		{"vault", webssotest.IdentityProvider, "    project_name: vault\n    project_domain_name: Default\n"},
	} {
		fmt.Fprintf(&text, "  %s:\n    auth_type: v3websso\n    auth_url: %s\n    identity_provider: %s\n    protocol: %s\n    redirect_port: %d\n%s",
			c.name, k.URL(), c.idp, webssotest.Protocol, k.AuthOptions().RedirectPort, c.more)
	}
	return text.String()
}

// exits runs a program that must exit with the given status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if neg || got != want {
		ts.Fatalf("got exit status %d, want %d", got, want)
	}
}

// waitFor waits until a file matches an expression.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	re := regexp.MustCompile(args[1])
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && re.Match(text) {
			return
		}
	}
	ts.Fatalf("%s does not match %s within 20 seconds (negated: %t)", args[0], args[1], neg)
}
