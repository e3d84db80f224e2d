// Package screen writes messages for the user to standard error.
package screen

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Screen is standard error, where the user reads messages. On a terminal, they are wrapped
// between words.
type Screen struct {
	w        io.Writer
	mark     string   // in front of every message
	terminal *os.File // nil if w is none

	mu    sync.Mutex
	heard string // the library's messages so far
}

// New returns a Screen that writes to w. Each message begins with the name of the program.
func New(w io.Writer, name string) *Screen {
	s := &Screen{w: w, mark: name + ":"}
	if f, ok := w.(*os.File); ok && IsTerminal(f) {
		s.terminal = f
	}
	return s
}

// IsTerminal reports whether f is a terminal that does more than type.
func IsTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// IsTerminal reports whether messages go to a terminal.
func (s *Screen) IsTerminal() bool { return s.terminal != nil }

// Write implements io.Writer for the library's messages. Each call writes whole lines.
func (s *Screen) Write(p []byte) (int, error) {
	text := s.marked(string(p))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard += text
	if _, err := io.WriteString(s.w, s.wrapped(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// wrapped fits marked lines to the terminal, if there is one.
func (s *Screen) wrapped(text string) string {
	if s.terminal == nil {
		return text
	}
	width, _, _ := term.GetSize(int(s.terminal.Fd())) // 0 if it does not tell
	return wrap(text, s.mark, width)
}

// Say writes a message.
func (s *Screen) Say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.w, s.wrapped(s.marked(fmt.Sprintf(format, args...))))
}

// Fail writes an error. An example stays without marks, ready to copy.
func (s *Screen) Fail(err error) {
	text := s.marked(Unmarked(err))
	var example Example
	if errors.As(err, &example) {
		text = s.marked(example.Before) + example.Text + s.marked(example.After)
	}
	text = s.wrapped(text)
	if s.terminal != nil {
		text = "\r" + text // over the ^C that a terminal shows
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.w, text)
}

// Heard reports whether the library has said an error already.
func (s *Screen) Heard(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains("\n"+s.heard, "\n"+s.marked(err.Error()))
}

// Example is an error that shows what should be there.
type Example struct{ Before, Text, After string }

func (e Example) Error() string { return e.Before + "\n" + e.Text + e.After }

// libraryMark is in front of the errors of the library.
const libraryMark = "websso: "

// marked puts the mark in front of each line, in place of the library's.
func (s *Screen) marked(text string) string {
	var marked strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), s.mark+" "), libraryMark)
		marked.WriteString(s.mark + " " + terminal.Escape(line) + "\n")
	}
	return marked.String()
}

// Unmarked returns the text of an error without the library's marks.
func Unmarked(err error) string {
	return strings.NewReplacer("\n"+libraryMark, "\n", ": "+libraryMark, ": ").Replace(strings.TrimPrefix(err.Error(), libraryMark))
}
