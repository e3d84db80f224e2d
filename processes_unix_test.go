//go:build unix

package websso_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// The one who asks dies: the next one asks, at once.
func TestHolderKilled(t *testing.T) {
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	holder := start(t, ks, "")
	if got := holder.line(); got != "opened" {
		t.Fatalf("the holder says %q: %s", got, &holder.stderr)
	}
	var out transcript
	opts := ks.AuthOptions()
	opts.Cache, opts.Output = nil, &out
	done := make(chan error, 1)
	go func() { done <- websso.Authenticate(t.Context(), newClient(t, ks), opts) }()
	out.await(t, fmt.Sprintf(`waiting up to 30s for another sign-in on port %d to finish \(process %d\)`, opts.RedirectPort, holder.Process.Pid))
	must(t, holder.Process.Kill())
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(limit):
		t.Fatal("still waiting")
	}
	holder.Wait()
}

// The one who asks is stopped: the others end, and say which process it is.
func TestHolderStopped(t *testing.T) {
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	holder := start(t, ks, "")
	if got := holder.line(); got != "opened" {
		t.Fatalf("the holder says %q: %s", got, &holder.stderr)
	}
	must(t, holder.Process.Signal(syscall.SIGSTOP))
	opts := ks.AuthOptions()
	opts.Cache, opts.OpenURL, opts.Timeout = nil, noBrowser(t), 100*time.Millisecond
	err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
	if !errors.Is(err, websso.ErrTimeout) || !strings.Contains(err.Error(), fmt.Sprint("process ", holder.Process.Pid)) {
		t.Errorf("error %v", err)
	}
	// Another port is another matter.
	opts = ks.AuthOptions()
	opts.RedirectPort = webssotest.NewKeystone(t).AuthOptions().RedirectPort
	trust(ks, opts.RedirectPort)
	must(t, websso.Authenticate(t.Context(), newClient(t, ks), opts))
	must(t, holder.Process.Kill())
	holder.Wait()
}

// TestKilledAtAnyMoment ends processes while they sign in and keep what they got.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := ownCache(t)
	ks := webssotest.NewKeystone(t)
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	if os.Getenv("WEBSSO_TEST_LONG") != "" {
		rounds = 200
	}
	for i := range rounds {
		p := start(t, ks, "alice")
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond) // the moment is the test's subject
		p.Process.Kill()
		p.Wait()
		if i%10 == 0 {
			os.RemoveAll(dir) // so that most of them begin cold
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("%s has mode %v, %v", e.Name(), info.Mode(), err)
			}
		}
	}
	opts := ks.AuthOptions()
	opts.Cache = nil
	var out transcript
	opts.Output = &out
	authenticate(t, ks, opts)
	opts.OpenURL = noBrowser(t)
	if _, n := authenticate(t, ks, opts); len(n) != 0 {
		t.Errorf("%v", n)
	}
	if strings.Contains(out.String(), "not used") || strings.Contains(out.String(), "another sign-in") {
		t.Errorf("something is stuck:\n%s", &out)
	}
}
