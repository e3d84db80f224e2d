// Package terminal writes what the user reads, and makes text from elsewhere safe to
// print.
package terminal

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Output writes messages to the user. It is safe for concurrent use.
type Output struct {
	w    io.Writer
	mark string
	free chan struct{} // holds one element while nobody writes
}

// NewOutput returns an Output that writes to w, or to os.Stderr if w is nil, in the name
// of program, or of "websso" if that is empty.
func NewOutput(w io.Writer, program string) *Output {
	if w == nil {
		w = os.Stderr
	}
	o := &Output{w: w, mark: cmp.Or(program, "websso") + ": ", free: make(chan struct{}, 1)}
	o.free <- struct{}{}
	return o
}

// Say writes a message, each line of it prefixed with the program's name. A writer that fails
// does not stop a sign-in, and one that blocks holds it up only until ctx is done.
func (o *Output) Say(ctx context.Context, format string, args ...any) {
	text := o.mark + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n"+o.mark) + "\n"
	o.Do(ctx, func() { _, _ = io.WriteString(o.w, text) })
}

// Do calls f while nothing else is written. It does not begin once ctx is done, and waits for
// f only until then.
func (o *Output) Do(ctx context.Context, f func()) {
	select {
	case <-o.free:
	case <-ctx.Done():
		return
	}
	if ctx.Err() != nil { // both were ready
		o.free <- struct{}{}
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { o.free <- struct{}{} }()
		f()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Wait returns when nothing is being written. If every ctx is done by then, nothing will be.
// It does not wait long for a writer that is stuck.
func (o *Output) Wait() {
	select {
	case <-o.free: // as a rule, without a timer
	default:
		select {
		case <-o.free:
		case <-time.After(time.Second):
			return
		}
	}
	o.free <- struct{}{}
}
