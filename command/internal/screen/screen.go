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

// Screen is standard error, where the user reads messages.
type Screen struct {
	w        io.Writer
	mark     string // in front of every message
	terminal bool   // w is one that does more than type

	mu    sync.Mutex
	heard string // the library's messages so far
}

// New returns a Screen that writes to w. Each message begins with the name of the program.
func New(w io.Writer, name string) *Screen {
	f, ok := w.(*os.File)
	return &Screen{w: w, mark: name + ":", terminal: ok && IsTerminal(f)}
}

// IsTerminal reports whether f is a terminal that does more than type.
func IsTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// IsTerminal reports whether messages go to a terminal.
func (s *Screen) IsTerminal() bool { return s.terminal }

// Write implements io.Writer for the library's messages. Each call writes whole lines.
func (s *Screen) Write(p []byte) (int, error) {
	text := s.marked(string(p))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard += text
	if _, err := io.WriteString(s.w, text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Say writes a message.
func (s *Screen) Say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.w, s.marked(fmt.Sprintf(format, args...)))
}

// Fail writes an error. An example stays without marks, ready to copy.
func (s *Screen) Fail(err error) {
	text := s.marked(Unmarked(err))
	var example Example
	if errors.As(err, &example) {
		text = s.marked(example.Before) + example.Text + s.marked(example.After)
	}
	if s.terminal {
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
