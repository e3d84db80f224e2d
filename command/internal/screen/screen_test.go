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
	out.Reset()
	s.color = true
	s.Fail(errors.New("one"))
	if got := out.String(); got != Red+"websso:"+plain+" one\n" {
		t.Errorf("%q", got)
	}
}

func TestNoColor(t *testing.T) {
	for _, color := range []bool{true, false} {
		if got := Paint(color, Green, "*"); strings.Contains(got, "\x1b") != color {
			t.Errorf("%q", got)
		}
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
		if s := New(f, "websso"); s.terminal != nil || s.color {
			t.Errorf("%s: got a terminal or color, want neither", f.Name())
		}
	}
}

func TestExampleHasNoMarks(t *testing.T) {
	var out bytes.Buffer
	(&Screen{mark: "websso:", w: &out, color: true}).Fail(fmt.Errorf("%w", Example{"do this:", "   a: b\n", "then:\n  that"}))
	painted := Red + "websso:" + plain
	if got, want := strings.TrimLeft(out.String(), " "), painted+" do this:\n   a: b\n"+painted+" then:\n"+painted+"   that\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
