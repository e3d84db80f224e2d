// Package terminal writes what the user reads, and makes text from elsewhere safe to
// print.
package terminal

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// Output writes messages to the user. It is safe for concurrent use.
type Output struct {
	w    io.Writer
	free chan struct{} // holds one element while nobody writes
}

// NewOutput returns an Output that writes to w, or to os.Stderr if w is nil.
func NewOutput(w io.Writer) *Output {
	if w == nil {
		w = os.Stderr
	}
	o := &Output{w: w, free: make(chan struct{}, 1)}
	o.free <- struct{}{}
	return o
}

// Say writes a message, each line of it prefixed with "websso: ". A writer that fails
// does not stop a sign-in, and one that blocks holds it up only until ctx is done.
func (o *Output) Say(ctx context.Context, format string, args ...any) {
	text := "websso: " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\nwebsso: ") + "\n"
	select {
	case <-o.free:
	case <-ctx.Done():
		return
	}
	written := make(chan struct{})
	go func() {
		defer func() { o.free <- struct{}{} }()
		defer close(written)
		_, _ = io.WriteString(o.w, text)
	}()
	select {
	case <-written:
	case <-ctx.Done():
	}
}
