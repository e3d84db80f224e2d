package screen

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// display is what a person sees: it obeys carriage returns.
type display struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *display) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *display) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for _, line := range strings.Split(t.text.String(), "\n") {
		var cells []rune
		for _, part := range strings.Split(line, "\r") {
			r := []rune(part)
			if len(r) > len(cells) {
				cells = append(cells, make([]rune, len(r)-len(cells))...)
			}
			copy(cells, r)
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

func TestWaitingOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out display
		s := &Screen{mark: "websso:", w: &out, rewrite: true}
		stop := s.During("the sign-in to cloud.example")
		time.Sleep(time.Minute)
		if got := out.shown(); got != "" {
			t.Errorf("nothing was said, and it shows %q", got)
		}
		s.Say("open this")
		time.Sleep(12*time.Second + spinInterval/2)
		if got := out.shown(); !strings.HasPrefix(got, "websso: open this\n") || !strings.HasSuffix(got, " waiting for the sign-in to cloud.example, 12s") {
			t.Errorf("it shows %q", got)
		}
		s.Say("the browser is there")
		if got := out.shown(); got != "websso: open this\nwebsso: the browser is there\n" {
			t.Errorf("it shows %q", got)
		}
		time.Sleep(time.Minute)
		if got := out.shown(); !strings.HasSuffix(got, ", 1m12s") || strings.Count(got, "waiting") != 1 {
			t.Errorf("it shows %q", got)
		}
		stop()
		s.Say("done")
		if got := out.shown(); got != "websso: open this\nwebsso: the browser is there\nwebsso: done\n" {
			t.Errorf("it shows %q", got)
		}
		time.Sleep(time.Minute)
		if got := out.shown(); strings.Contains(got, "waiting") {
			t.Errorf("after the end it shows %q", got)
		}
	})
}

func TestWaitingElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out display
		s := &Screen{mark: "websso:", w: &out}
		stop := s.During("the sign-in to cloud.example")
		s.Say("open this")
		time.Sleep(2*remindInterval + time.Second)
		stop()
		want := "websso: open this\nwebsso: still waiting for the sign-in to cloud.example, 30s\nwebsso: still waiting for the sign-in to cloud.example, 1m0s\n"
		if got := out.text.String(); got != want {
			t.Errorf("it shows %q", got)
		}
	})
}

func TestLongLineDoesNotWrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out display
		s := &Screen{mark: "websso:", w: &out, rewrite: true}
		stop := s.During("the sign-in to " + strings.Repeat("é", 200))
		s.Say("open this")
		time.Sleep(time.Second)
		lines := strings.Split(out.shown(), "\n")
		if n := len([]rune(lines[1])); n != defaultWidth-1 {
			t.Errorf("a line of %d characters", n)
		}
		stop()
		if got := out.shown(); got != "websso: open this\n" {
			t.Errorf("it leaves %q", got)
		}
	})
}

func TestFail(t *testing.T) {
	var out display
	s := &Screen{mark: "websso:", w: &out}
	s.Fail(errors.Join(errors.New("websso: one:\n  a line to copy"), errors.New("two \x1b[31m\u202e\xff")))
	want := "websso: one:\nwebsso:   a line to copy\nwebsso: two \\x1b[31m\\u202e\\xff\n"
	if got := out.text.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	out.text.Reset()
	s.color = true
	s.Fail(errors.New("one"))
	if got := out.text.String(); got != Red+"websso:"+plain+" one\n" {
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
		if s := New(f, "websso"); s.rewrite || s.color || s.width() != defaultWidth {
			t.Errorf("%s: got rewrite %t, color %t, width %d, want none of that and width %d", f.Name(), s.rewrite, s.color, s.width(), defaultWidth)
		}
	}
}

func TestExampleHasNoMarks(t *testing.T) {
	var out display
	(&Screen{mark: "websso:", w: &out, rewrite: true, color: true}).Fail(fmt.Errorf("%w", Example{"do this:", "   a: b\n", "then:\n  that"}))
	painted := Red + "websso:" + plain
	if got, want := strings.TrimLeft(out.text.String(), "\r "), painted+" do this:\n   a: b\n"+painted+" then:\n"+painted+"   that\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
