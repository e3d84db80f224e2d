package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
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
	c := realCloud(b)
	dir := b.TempDir()
	command := filepath.Join(dir, "websso")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", command, "./cmd/websso")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	b.Cleanup(xdg.Reload)
	opts := c.options()
	opts.Cache = nil
	opts.OpenURL = (&webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls}).Open
	agent := newAgent()
	client := c.client(b, agent)
	must(b, websso.Authenticate(b.Context(), client, opts))

	environment := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_CACHE_HOME=" + dir,
		"OS_AUTH_URL=" + c.endpoint, "OS_CACERT=" + env(b, "CA"),
		"OS_PROJECT_NAME=demo", "OS_PROJECT_DOMAIN_NAME=Default", "OS_IDENTITY_API_VERSION=3",
	}
	run := func(more []string, name string, args ...string) time.Duration {
		cmd := exec.CommandContext(b.Context(), name, args...)
		cmd.Env = append(environment, more...)
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", name, err, out)
		}
		return time.Since(began)
	}
	before := len(c.log(b))
	var ours, theirs time.Duration
	for b.Loop() {
		ours += run([]string{"OS_AUTH_TYPE=v3websso", "OS_IDENTITY_PROVIDER=lemon", "OS_PROTOCOL=openid"}, command, "token")
		b.StopTimer()
		if asked := len(c.log(b)) - before; asked != 0 {
			b.Fatalf("got %d bytes more in Keystone's access log, want none: the warm command made a request", asked)
		}
		theirs += run([]string{"OS_AUTH_TYPE=v3token", "OS_TOKEN=" + client.Token()}, "/usr/bin/openstack", "token", "issue")
		before = len(c.log(b))
		b.StartTimer()
	}
	b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "ms/openstack")
	b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
}

// log returns Keystone's access log.
func (c *cloud) log(tb testing.TB) []byte {
	tb.Helper()
	content, err := os.ReadFile(env(tb, "LOG"))
	must(tb, err)
	return content
}
