package websso_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/webssotest"
)

// holdLocks holds the locks that concern entries of a cache.
func holdLocks(t *testing.T, dir string, entries []string) {
	t.Helper()
	names := make(map[string]bool)
	for _, entry := range entries {
		names["cache-"+filepath.Base(entry)[:2]] = true
		names["scope-"+filepath.Base(entry)[:2]] = true
	}
	for name := range names {
		release, err := private.Lock{Dir: dir, Name: name}.Take(t.Context())
		must(t, err)
		t.Cleanup(release)
	}
}

// TestStoreLocksHeld has another process hold the locks of all entries of a sign-in, and
// never release them: the wait is told, and there is one.
func TestStoreLocksHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ks := webssotest.NewKeystone(t)
	signedIn(t, start(t, cacheIn(dir), ks, "alice"))
	entries, err := filepath.Glob(filepath.Join(dir, "gophercloud-websso", "*.signin"))
	if err != nil || len(entries) != 3 {
		t.Fatalf("got entries %v, %v; want two and the list", entries, err)
	}
	holdLocks(t, filepath.Join(dir, "gophercloud-websso"), entries)
	ks.RevokeAll()
	again := start(t, cacheIn(dir), ks, "alice", func(o *websso.AuthOptions) { o.Scope = project("lab") })
	signedIn(t, again)
	if out := again.output.String(); strings.Count(out, "which is using the same sign-in") != 1 {
		t.Errorf("got output %q, want it to say once what it waits for", out)
	}
}

// alone runs the test in a process with a cache of its own, so that nobody else waits for
// its locks, and reports whether this is that process.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "WEBSSO_TEST_ALONE"
	if os.Getenv(variable) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), variable+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("got error %v, want the test to pass\n%s", err, out)
	}
	return false
}

// TestLogoutLocksHeld has the locks of the sign-in and of one without verification held by
// others that never release them: Logout waits once, and signs out all the same.
func TestLogoutLocksHeld(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	dir := filepath.Join(t.TempDir(), "cache")
	opts.Cache = websso.NewFileCache(dir)
	client, _ := authenticate(t, ks, opts)
	insecure := unverified(t, ks)
	must(t, websso.Authenticate(t.Context(), insecure, opts))
	entries, err := filepath.Glob(filepath.Join(dir, "*.signin"))
	if err != nil || len(entries) != 5 {
		t.Fatalf("got entries %v, %v; want four and the list", entries, err)
	}
	holdLocks(t, private.CacheDir("gophercloud-websso"), entries)
	must(t, websso.Logout(t.Context(), newClient(t, ks), opts))
	if n := strings.Count(ks.Terminal().String(), "which is using the same sign-in"); n != 1 {
		t.Errorf("got output %q, want it to say once what it waits for", ks.Terminal())
	}
	for _, token := range []string{client.Token(), insecure.Token()} {
		if validate(t, ks, token) == http.StatusOK {
			t.Error("got a token that lives, want it revoked")
		}
	}
}
