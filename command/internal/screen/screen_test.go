package screen

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"
)

// TestFail shows errors. Each line begins with the program's name, except the lines of an
// Example that are there to be copied.
func TestFail(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{
			errors.Join(fmt.Errorf("websso: one: %w", errors.New("websso: inside:\n  a line to copy")), errors.New("two \x1b[31m\u202e\xff")),
			"websso: one: inside:\nwebsso:   a line to copy\nwebsso: two \\x1b[31m\\u202e\\xff\n",
		},
		{fmt.Errorf("%w", Example{"do this:", "   a: b\n", "then:\n  that"}), "websso: do this:\n   a: b\nwebsso: then:\nwebsso:   that\n"},
	} {
		var out bytes.Buffer
		(&Screen{mark: "websso:", w: &out}).Fail(tt.err)
		if got := out.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestNoTerminal has files that character devices are, and terminals are not.
func TestNoTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	pipe, _, err := os.Pipe()
	null, nullErr := os.Open(os.DevNull)
	if err = errors.Join(err, nullErr); err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	defer null.Close()
	for _, f := range []*os.File{pipe, null} {
		if s := New(f, "websso"); s.terminal {
			t.Errorf("%s: got a terminal, want none", f.Name())
		}
	}
}
