package screen

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestFail(t *testing.T) {
	var out bytes.Buffer
	s := &Screen{mark: "websso:", w: &out}
	s.Fail(errors.Join(errors.New("websso: one:\n  a line to copy"), errors.New("two \x1b[31m\u202e\xff")))
	want := "websso: one:\nwebsso:   a line to copy\nwebsso: two \\x1b[31m\\u202e\\xff\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoTerminal has files that character devices are, and terminals are not.
func TestNoTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	pipe, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, f := range []*os.File{pipe, null} {
		if s := New(f, "websso"); s.terminal != nil {
			t.Errorf("%s: got a terminal, want none", f.Name())
		}
	}
}

func TestExampleHasNoMarks(t *testing.T) {
	var out bytes.Buffer
	(&Screen{mark: "websso:", w: &out}).Fail(fmt.Errorf("%w", Example{"do this:", "   a: b\n", "then:\n  that"}))
	painted := "websso:"
	if got, want := strings.TrimLeft(out.String(), " "), painted+" do this:\n   a: b\n"+painted+" then:\n"+painted+"   that\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
