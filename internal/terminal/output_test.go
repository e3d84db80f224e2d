package terminal_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// TestNothingAfterCancel writes when nothing keeps it from doing so but a ctx that is done.
func TestNothingAfterCancel(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	o := terminal.NewOutput(&b, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		o.Say(ctx, "late")
	}
	if o.Wait(); b.Len() > 0 {
		t.Errorf("got %q, want nothing", &b)
	}
}

// blocked is a writer that nobody reads.
type blocked chan struct{}

func (b blocked) Write(p []byte) (int, error) { <-b; return len(p), nil }

// TestStuckWriter wants ctx to end the wait for a writer that is stuck, and for the next turn.
func TestStuckWriter(t *testing.T) {
	t.Parallel()
	w := make(blocked)
	defer close(w)
	o := terminal.NewOutput(w, "")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	o.Say(ctx, "one")
	o.Say(ctx, "two")
	o.Wait()
}
