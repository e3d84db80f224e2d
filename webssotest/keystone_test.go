package webssotest_test

import (
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestOtherProcess has another process be the first to ask, as a test of a command does. The
// race detector then sees whether its request comes after what NewKeystone writes.
func TestOtherProcess(t *testing.T) {
	const variable = "WEBSSOTEST_URL"
	if url := os.Getenv(variable); url != "" {
		resp, err := http.Get(url)
		must(t, err)
		resp.Body.Close()
		return
	}
	ks := webssotest.NewKeystone(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOtherProcess$")
	cmd.Env = append(os.Environ(), variable+"="+ks.URL()+"/v3/auth/OS-FEDERATION/identity_providers/acme/protocols/openid/websso")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("got %v: %s", err, out)
	}
}

func TestAuthOptionsAreReady(t *testing.T) {
	first, second := webssotest.NewKeystone(t), webssotest.NewKeystone(t)
	a, again, b := first.AuthOptions(), first.AuthOptions(), second.AuthOptions()
	if a.RedirectPort == b.RedirectPort {
		t.Errorf("got port %d for two clouds, want two ports", a.RedirectPort)
	}
	if a.RedirectPort != again.RedirectPort || a.Cache != again.Cache {
		t.Errorf("got port %d, then %d, and cache %p, then %p; want the same", a.RedirectPort, again.RedirectPort, a.Cache, again.Cache)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(a.RedirectPort)))
		if err != nil {
			if host == "::1" && !strings.Contains(err.Error(), "in use") {
				continue // no IPv6
			}
			t.Error(err)
			continue
		}
		l.Close()
	}
	for range 2 {
		must(t, websso.Authenticate(t.Context(), newClient(t, first), first.AuthOptions()))
	}
	if got, other := first.Browser().Opened(), second.Browser().Opened(); got != 1 || other != 0 {
		t.Errorf("got %d and %d tabs, want 1 and 0", got, other)
	}
}

func TestApplyTo(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	want := cloud.AuthOptions()
	got := websso.AuthOptions{IdentityProvider: "other", RedirectPort: 1, AllowReauth: true, NonInteractive: true}
	cloud.ApplyTo(&got)
	if got.Cache != want.Cache || got.Output != want.Output || got.Timeout != want.Timeout || got.OpenURL == nil {
		t.Errorf("got %+v, want Cache, Output, Timeout and OpenURL of %+v", got, want)
	}
	if got.IdentityProvider != "other" || got.RedirectPort != 1 || !got.AllowReauth || !got.NonInteractive || got.Scope != nil {
		t.Errorf("got %+v, want the other fields as they were", got)
	}
}

// Tests must not fill the cache directory of the user who runs them.
func TestSignInLeavesNoFiles(t *testing.T) {
	before := xdg.CacheHome
	t.Cleanup(func() { xdg.CacheHome = before })
	xdg.CacheHome = t.TempDir()
	temp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // Windows has the last two
		t.Setenv(name, temp)
	}
	for _, cloud := range []*webssotest.Keystone{webssotest.NewKeystone(t), webssotest.NewTLSKeystone(t)} {
		client := newClient(t, cloud)
		for range 2 {
			must(t, websso.Authenticate(t.Context(), client, cloud.AuthOptions()))
		}
		cloud.Close()
	}
	for _, dir := range []string{xdg.CacheHome, os.TempDir()} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				t.Errorf("got file %s, want none", path)
			}
			return err
		})
		must(t, err)
	}
}

// A handler that waits must not make Close wait.
func TestCloseEndsRequests(t *testing.T) {
	for name, configure := range map[string]func(*webssotest.Config, chan struct{}){
		"Intercept": func(c *webssotest.Config, entered chan struct{}) {
			c.Intercept = func(*http.Request) http.Handler {
				return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					close(entered)
					<-r.Context().Done()
				})
			}
		},
		"Delay": func(c *webssotest.Config, entered chan struct{}) {
			c.Delay = func(*http.Request) time.Duration {
				close(entered)
				return time.Hour
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, err := webssotest.StartKeystone()
			must(t, err)
			entered := make(chan struct{})
			cloud.Configure(func(c *webssotest.Config) { configure(c, entered) })
			failed := make(chan error, 1)
			go func() {
				_, err := http.Get(cloud.URL())
				failed <- err
			}()
			<-entered
			cloud.Close()
			cloud.Close()
			if err := <-failed; err == nil {
				t.Error("got an answer from a Keystone that was closed meanwhile, want an error")
			}
			if _, err := http.Get(cloud.URL()); err == nil {
				t.Error("got an answer from a closed Keystone, want an error")
			}
		})
	}
}
