//go:build unix

package websso_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestWaitForStoppedProcess stops the process that signs in: one that waits for it times
// out and names it, while one on another port does not wait.
func TestWaitForStoppedProcess(t *testing.T) {
	t.Parallel()
	env := cacheIn(t.TempDir())
	ks := webssotest.NewKeystone(t)
	first := start(t, env, ks, "")
	first.opened(t)
	must(t, first.Process.Signal(syscall.SIGSTOP))

	next := start(t, env, ks, "alice", func(o *websso.AuthOptions) { o.Timeout = 100 * time.Millisecond })
	out, err := next.end()
	if pid := fmt.Sprint("process ", first.Process.Pid); err == nil || strings.Contains(out, "opened") ||
		!strings.Contains(out, "timed out\n") || !strings.Contains(out, pid) {
		t.Errorf("got %q, %v; want a time-out that names %s", out, err, pid)
	}

	other := webssotest.NewKeystone(t).AuthOptions().RedirectPort // is free
	trust(ks, other)
	signedIn(t, start(t, env, ks, "alice", func(o *websso.AuthOptions) { o.RedirectPort = other }))
	must(t, first.Process.Kill())
	first.Wait()
}
