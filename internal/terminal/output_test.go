package terminal_test

import (
	"bytes"
	"context"
	"testing"

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
