package websso_test

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestLocksAreRemoved wants no lock file left after a sign-in.
func TestLocksAreRemoved(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	authenticate(t, ks, opts)
	lock := filepath.Join(xdg.CacheHome, "gophercloud-websso", "signin-"+strconv.Itoa(opts.RedirectPort)+".lock")
	if _, err := os.Lstat(lock); !os.IsNotExist(err) {
		t.Errorf("got error %v, want no file %s", err, lock)
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
		t.Fatalf("got entries %v, %v; want three", entries, err)
	}
	for _, entry := range entries {
		release, err := private.Lock{Dir: filepath.Dir(entry), Name: strings.TrimSuffix(filepath.Base(entry), ".signin")}.Take(t.Context())
		must(t, err)
		defer release()
	}
	ks.RevokeAll()
	again := start(t, cacheIn(dir), ks, "alice", func(o *websso.AuthOptions) { o.Scope = project("lab") })
	signedIn(t, again)
	if out := again.output.String(); strings.Count(out, "which is using the same sign-in") != 1 {
		t.Errorf("got output %q, want it to say once what it waits for", out)
	}
}

// TestLogoutLocksHeld has the locks of the sign-in and of one without verification held by
// others that never release them: Logout waits once, and signs out all the same.
func TestLogoutLocksHeld(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	dir := filepath.Join(t.TempDir(), "cache")
	opts.Cache = websso.NewFileCache(dir)
	out := &webssotest.Terminal{}
	opts.Output = out
	client, _ := authenticate(t, ks, opts)
	insecure := newClient(t, ks)
	insecure.HTTPClient.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	must(t, websso.Authenticate(t.Context(), insecure, opts))
	entries, err := filepath.Glob(filepath.Join(dir, "*.signin"))
	if err != nil || len(entries) != 6 {
		t.Fatalf("got entries %v, %v; want six", entries, err)
	}
	for _, entry := range entries {
		name := strings.TrimSuffix(filepath.Base(entry), ".signin")
		release, err := private.Lock{Dir: private.CacheDir("gophercloud-websso"), Name: name}.Take(t.Context())
		must(t, err)
		defer release()
	}
	must(t, websso.Logout(t.Context(), newClient(t, ks), opts))
	if n := strings.Count(out.String(), "which is using the same sign-in"); n != 1 {
		t.Errorf("got output %q, want it to say once what it waits for", out)
	}
	for _, token := range []string{client.Token(), insecure.Token()} {
		if status := validate(t, ks, token); status == http.StatusOK {
			t.Error("got a token that lives, want it revoked")
		}
	}
}
