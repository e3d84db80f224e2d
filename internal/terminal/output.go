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
	mark string
	free chan struct{} // holds one element while nobody writes
}

// NewOutput returns an Output that writes to w, or to os.Stderr if w is nil, in the name
// of program, or of "websso" if that is empty.
func NewOutput(w io.Writer, program string) *Output {
	if program == "" {
		program = "websso"
	}
	if w == nil {
		w = os.Stderr
	}
	o := &Output{w: w, mark: program + ": ", free: make(chan struct{}, 1)}
	o.free <- struct{}{}
	return o
}

// Say writes a message, each line of it prefixed with the program's name. A writer that fails
// does not stop a sign-in, and one that blocks holds it up only until ctx is done.
func (o *Output) Say(ctx context.Context, format string, args ...any) {
	text := o.mark + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n"+o.mark) + "\n"
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
