// Package screen writes messages for the user to standard error.
package screen

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

const (
	spinInterval   = 150 * time.Millisecond // between two states of the spinner
	remindInterval = 30 * time.Second       // between two reminders if there is no spinner
	defaultWidth   = 80                     // of a terminal that does not tell its width
)

// Screen is standard error, where the user reads messages. On a terminal, messages are
// wrapped between words, and the last line may say how long the user has been waited
// for; messages go above that line.
type Screen struct {
	w       io.Writer
	mark    string // in front of every message
	rewrite bool   // it is a terminal, where a line can be overwritten
	color   bool
	size    func() (width int) // of the terminal, which may change; nil for defaultWidth

	mu    sync.Mutex
	line  string        // the last line, if it is one to overwrite
	heard string        // the library's messages so far
	spoke chan struct{} // closed by the first Write; nil if nobody waits for it
}

// New returns a Screen that writes to w. Each message begins with the name of the program.
func New(w io.Writer, name string) *Screen {
	s := &Screen{w: w, mark: name + ":"}
	if f, ok := w.(*os.File); ok {
		s.rewrite, s.color = IsTerminal(f), HasColor(f)
		s.size = func() int { return TerminalWidth(f) }
	}
	return s
}

// TerminalWidth returns the number of columns of a terminal.
func TerminalWidth(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return defaultWidth
	}
	return width
}

// IsTerminal reports whether f is a terminal on which a line can be overwritten.
func IsTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// HasColor follows no-color.org.
func HasColor(f *os.File) bool {
	// Older Windows consoles print the codes instead of obeying them.
	old := runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" && os.Getenv("TERM") == ""
	return IsTerminal(f) && os.Getenv("NO_COLOR") == "" && !old
}

// Colors.
const (
	Red    = "\x1b[31m"
	Green  = "\x1b[32m"
	Yellow = "\x1b[33m"

	plain = "\x1b[0m"
)

// Paint colors a text, if on is set.
func Paint(on bool, color, text string) string {
	if !on {
		return text
	}
	return color + text + plain
}

// Write implements io.Writer for the library's messages. Each call writes whole lines.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.heard += s.marked(string(p))
	s.mu.Unlock()
	if err := s.write(s.marked(string(p)), s.mark); err != nil {
		return 0, err
	}
	return len(p), nil
}

// write writes lines above the last one, and shows the mark of each as given.
func (s *Screen) write(text, shownMark string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spoke != nil {
		close(s.spoke)
		s.spoke = nil
	}
	s.show("")
	if s.rewrite {
		text = wrap(text, s.mark, s.width())
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		if rest, marked := strings.CutPrefix(line, s.mark); marked {
			line = shownMark + rest
		}
		out.WriteString(line)
	}
	_, err := io.WriteString(s.w, out.String())
	return err
}

func (s *Screen) width() int {
	if s.size == nil {
		return defaultWidth
	}
	return s.size()
}

// Say writes a message.
func (s *Screen) Say(format string, args ...any) {
	_ = s.write(s.marked(fmt.Sprintf(format, args...)), s.mark)
}

// Fail writes an error, unless the library has said the same. An example stays without
// marks, ready to copy.
func (s *Screen) Fail(err error) {
	if s.Heard(err) {
		return
	}
	text := s.marked(err.Error())
	var example Example
	if errors.As(err, &example) {
		text = s.marked(example.Before) + example.Text + s.marked(example.After)
	}
	_ = s.write(text, Paint(s.color, Red, s.mark))
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

// libraryMark is in front of the messages and errors of the library.
const libraryMark = "websso: "

// marked puts the mark in front of each line, in place of the library's.
func (s *Screen) marked(text string) string {
	var marked strings.Builder
	for line := range strings.Lines(text) {
		line = terminal.Escape(strings.TrimSuffix(strings.TrimPrefix(line, libraryMark), "\n"))
		marked.WriteString(s.mark + " " + line + "\n")
	}
	return marked.String()
}

// Unmarked returns the text of an error without the library's mark.
func Unmarked(err error) string {
	return strings.ReplaceAll(strings.TrimPrefix(err.Error(), libraryMark), "\n"+libraryMark, "\n")
}

// During shows how long what has taken, from the first message, which says what the user
// has to do, until stop is called. If there is no message, nothing is shown.
func (s *Screen) During(what string) (stop func()) {
	spoke, done := make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	s.spoke = spoke
	s.mu.Unlock()
	var shown sync.WaitGroup
	shown.Go(func() {
		select {
		case <-spoke:
			s.countTime("waiting for "+what, done)
		case <-done:
		}
	})
	return func() {
		close(done)
		shown.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.spoke = nil
		s.show("")
	}
}

// countTime shows the time that has passed until done is closed.
func (s *Screen) countTime(what string, done <-chan struct{}) {
	interval := remindInterval
	if s.rewrite {
		interval = spinInterval
	}
	start := time.Now()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		text := fmt.Sprintf("%s, %s", what, time.Since(start).Round(time.Second))
		if !s.rewrite {
			s.Say("still %s", text)
			continue
		}
		s.mu.Lock()
		s.show(fmt.Sprintf("%c %s", `|/-\`[n%4], terminal.Escape(text)))
		s.mu.Unlock()
	}
}

// show replaces the last line with text, which is cut off so that it does not wrap: only
// one line can be overwritten. The caller holds s.mu.
func (s *Screen) show(text string) {
	if text == s.line {
		return
	}
	if r, limit := []rune(text), s.width()-1; len(r) > limit {
		text = string(r[:limit])
	}
	blank := strings.Repeat(" ", len([]rune(s.line)))
	fmt.Fprint(s.w, "\r"+blank+"\r"+text)
	s.line = text
}
