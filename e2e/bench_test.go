package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/adrg/xdg"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// BenchmarkWarmCommand times two processes in turn: the command, which finds its token
// in the cache, and Debian's openstackclient, which gets one. Only the ratio carries
// over to other machines.
func BenchmarkWarmCommand(b *testing.B) {
	w := newWarm(b)
	before := len(w.log(b))
	var ours, theirs time.Duration
	for b.Loop() {
		ours += w.run(b, v3websso, w.command, "token")
		b.StopTimer()
		if asked := len(w.log(b)) - before; asked != 0 {
			b.Fatalf("got %d bytes more in Keystone's access log, want none: the warm command made a request", asked)
		}
		theirs += w.run(b, []string{"OS_AUTH_TYPE=v3token", "OS_TOKEN=" + w.token}, "/usr/bin/openstack", "token", "issue")
		before = len(w.log(b))
		b.StartTimer()
	}
	b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "ms/openstack")
	b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
}

// BenchmarkPlugin times openstackclient, with a sign-in that is cached, in turn with the
// plugin for Python and under websso exec, and counts the requests to Keystone.
// WEBSSO_E2E_OTHER_PLUGIN can be a directory with another plugin for v3websso.
func BenchmarkPlugin(b *testing.B) {
	w := newWarm(b)
	plugin := filepath.Join(w.dir, "plugin")
	if out, err := exec.CommandContext(b.Context(), "/usr/bin/python3", "../python/backend.py", plugin).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	ways := []struct {
		name string
		env  []string
		args []string
	}{
		{"plugin", append(v3websso, "PYTHONPATH="+plugin), nil},
		{"exec", v3websso, []string{w.command, "exec", "--"}},
	}
	if other := os.Getenv("WEBSSO_E2E_OTHER_PLUGIN"); other != "" {
		ways = append(ways, ways[0])
		ways[2].name, ways[2].env = "other", append(v3websso, "PYTHONPATH="+other)
	}
	took, asked := make([]time.Duration, len(ways)), make([]int, len(ways))
	for round := range b.N + 1 {
		for i, way := range ways {
			before := bytes.Count(w.log(b), []byte("\n"))
			args := append(way.args, "/usr/bin/openstack", "token", "issue")
			each := w.run(b, way.env, args[0], args[1:]...)
			if round > 0 { // the first may sign in
				took[i] += each
				asked[i] += bytes.Count(w.log(b), []byte("\n")) - before
			}
		}
	}
	for i, way := range ways {
		b.ReportMetric(float64(took[i].Milliseconds())/float64(b.N), "ms/"+way.name)
		b.ReportMetric(float64(asked[i])/float64(b.N), "requests/"+way.name)
	}
}

var v3websso = []string{"OS_AUTH_TYPE=v3websso", "OS_IDENTITY_PROVIDER=lemon", "OS_PROTOCOL=openid"}

// warm is a user who has signed in.
type warm struct {
	*cloud
	dir, command, token string
	environment         []string
}

func newWarm(b *testing.B) *warm {
	b.Helper()
	c := realCloud(b)
	dir := b.TempDir()
	b.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	b.Cleanup(xdg.Reload)
	opts := c.options()
	opts.Cache = nil
	opts.OpenURL = (&webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls}).Open
	client := c.client(b, newAgent())
	must(b, websso.Authenticate(b.Context(), client, opts))
	command := buildCommand(b)
	self, err := os.Executable()
	must(b, err)
	return &warm{c, dir, command, client.Token(), []string{
		"PATH=" + filepath.Dir(command) + ":" + os.Getenv("PATH"), "HOME=" + dir, "XDG_CACHE_HOME=" + dir,
		"OS_AUTH_URL=" + c.endpoint, "OS_CACERT=" + env(b, "CA"), "WEBSSO_E2E_CA=" + env(b, "CA"),
		"OS_PROJECT_NAME=demo", "OS_PROJECT_DOMAIN_NAME=Default", "OS_IDENTITY_API_VERSION=3",
		"BROWSER=" + self + " %s &", roleVariable + "=dwho's browser", // for another plugin
	}}
}

func (w *warm) run(b *testing.B, more []string, name string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), name, args...)
	cmd.Env = append(slices.Clone(w.environment), more...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
	return time.Since(began)
}

// log returns Keystone's access log.
func (c *cloud) log(tb testing.TB) []byte {
	tb.Helper()
	content, err := os.ReadFile(env(tb, "LOG"))
	must(tb, err)
	return content
}
