//go:build unix

package loopback_test

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

// TestListenAgain listens on a port that this process has just given back, while it
// starts other programs.
func TestListenAgain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var starting sync.WaitGroup
	defer starting.Wait()
	defer cancel()
	for range 4 {
		starting.Go(func() {
			for ctx.Err() == nil {
				_ = exec.CommandContext(ctx, "true").Run()
			}
		})
	}
	ls, port := listen(t)
	for range 500 {
		for _, l := range ls {
			l.Close()
		}
		var err error
		if ls, err = loopback.Listen(t.Context(), "localhost", port); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range ls {
		l.Close()
	}
}

// TestServeStopsAtOnce stops a server that has hardly begun. Not in parallel: a program
// that starts has copies of its listeners.
func TestServeStopsAtOnce(t *testing.T) {
	for range 200 {
		ls, port := listen(t)
		loopback.Serve(ls, http.NotFoundHandler(), time.Second)()
		// Not Listen, which tries again.
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		must(t, err)
		l.Close()
	}
}
