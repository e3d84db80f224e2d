package websso_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestNextProcessTakesOver kills the process that signs in: the one that waits for it
// signs in at once.
func TestNextProcessTakesOver(t *testing.T) {
	t.Parallel()
	env := cacheIn(t.TempDir())
	ks := webssotest.NewKeystone(t)
	first := start(t, env, ks, "")
	first.opened(t)
	next := start(t, env, ks, "alice")
	await(t, &next.output, fmt.Sprintf(`waiting [^\n]* port %d [^\n]*\(process %d\)`, ks.AuthOptions().RedirectPort, first.Process.Pid))
	must(t, first.Process.Kill())
	first.Wait()
	if opened := signedIn(t, next); opened != 1 {
		t.Errorf("got %d browsers, want 1", opened)
	}
}

// TestKilledAtAnyMoment kills processes while they sign in and write to the cache.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env, dir := cacheIn(home), filepath.Join(home, "gophercloud-websso")
	ks := webssotest.NewKeystone(t)
	began := time.Now()
	signedIn(t, start(t, env, ks, "alice"))
	whole := time.Since(began)
	must(t, os.RemoveAll(dir))
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	if os.Getenv("WEBSSO_TEST_LONG") != "" {
		rounds = 200
	}
	for i := range rounds {
		p := start(t, env, ks, "alice")
		time.Sleep(rand.N(whole)) // the moment is what is tested
		p.Process.Kill()
		p.Wait()
		if i%10 == 0 {
			must(t, os.RemoveAll(dir)) // so that many of them sign in
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
				t.Fatalf("%s: got mode %v, %v; want 0600", e.Name(), info.Mode(), err)
			}
		}
	}
	p := start(t, env, ks, "alice")
	signedIn(t, p)
	ks.ResetRequests()
	again := start(t, env, ks, "alice")
	if opened := signedIn(t, again); opened != 0 || len(ks.APIRequests()) != 0 {
		t.Errorf("got %d browsers and requests %v, want none", opened, ks.APIRequests())
	}
	for _, out := range []string{p.output.String(), again.output.String()} {
		if strings.Contains(out, "not used") || strings.Contains(out, "another sign-in") {
			t.Errorf("got a cache or lock that is left unusable, want none:\n%s", out)
		}
	}
}
