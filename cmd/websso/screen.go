package main

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

// screen is standard error, where the user reads messages. On a terminal, messages are
// wrapped between words, and the last line may say how long the user has been waited
// for; messages go above that line.
type screen struct {
	w       io.Writer
	rewrite bool // it is a terminal, where a line can be overwritten
	color   bool
	size    func() (width int) // of the terminal, which may change; nil for defaultWidth

	mu    sync.Mutex
	line  string        // the last line, if it is one to overwrite
	heard string        // the library's messages so far
	spoke chan struct{} // closed by the first Write; nil if nobody waits for it
}

func newScreen(f *os.File) *screen {
	return &screen{w: f, rewrite: isTerminal(f), color: hasColor(f), size: func() int { return terminalWidth(f) }}
}

func terminalWidth(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return defaultWidth
	}
	return width
}

// isTerminal reports whether f is a terminal on which a line can be overwritten.
func isTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// hasColor follows no-color.org.
func hasColor(f *os.File) bool {
	// Older Windows consoles print the codes instead of obeying them.
	old := runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" && os.Getenv("TERM") == ""
	return isTerminal(f) && os.Getenv("NO_COLOR") == "" && !old
}

const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	plain = "\x1b[0m"
)

func paint(on bool, color, text string) string {
	if !on {
		return text
	}
	return color + text + plain
}

// Write implements io.Writer for the library's messages. Each call writes whole lines.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.heard += string(p)
	s.mu.Unlock()
	if err := s.write(string(p), mark); err != nil {
		return 0, err
	}
	return len(p), nil
}

// write writes lines above the last one, and shows the mark of each as given.
func (s *screen) write(text, shownMark string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spoke != nil {
		close(s.spoke)
		s.spoke = nil
	}
	s.show("")
	if s.rewrite {
		text = wrap(text, s.width())
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		if rest, marked := strings.CutPrefix(line, mark); marked {
			line = shownMark + rest
		}
		out.WriteString(line)
	}
	_, err := io.WriteString(s.w, out.String())
	return err
}

func (s *screen) width() int {
	if s.size == nil {
		return defaultWidth
	}
	return s.size()
}

// say writes a message.
func (s *screen) say(format string, args ...any) {
	_ = s.write(withMark(fmt.Sprintf(format, args...)), mark)
}

// fail writes an error, unless the library has said the same. An example stays without
// marks, ready to copy.
func (s *screen) fail(err error) {
	text := withMark(err.Error())
	var example exampleError
	if errors.As(err, &example) {
		text = withMark(example.before) + example.example + withMark(example.after)
	}
	s.mu.Lock()
	heard := strings.Contains("\n"+s.heard, "\n"+text)
	s.mu.Unlock()
	if heard {
		return
	}
	_ = s.write(text, paint(s.color, red, mark))
}

// exampleError is an error that shows what should be there.
type exampleError struct{ before, example, after string }

func (e exampleError) Error() string { return e.before + "\n" + e.example + e.after }

// withMark puts the mark in front of each line that has none.
func withMark(text string) string {
	var marked strings.Builder
	for line := range strings.Lines(text) {
		line = terminal.Escape(strings.TrimSuffix(strings.TrimPrefix(line, mark+" "), "\n"))
		marked.WriteString(mark + " " + line + "\n")
	}
	return marked.String()
}

// during shows how long what has taken, from the first message, which says what the user
// has to do, until stop is called. If there is no message, nothing is shown.
func (s *screen) during(what string) (stop func()) {
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
func (s *screen) countTime(what string, done <-chan struct{}) {
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
			s.say("still %s", text)
			continue
		}
		s.mu.Lock()
		s.show(fmt.Sprintf("%c %s", `|/-\`[n%4], terminal.Escape(text)))
		s.mu.Unlock()
	}
}

// show replaces the last line with text, which is cut off so that it does not wrap: only
// one line can be overwritten. The caller holds s.mu.
func (s *screen) show(text string) {
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
