package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	turn    = 150 * time.Millisecond // of the spinner
	remind  = 30 * time.Second       // between two lines where there is no spinner
	columns = 79                     // of a line that must not wrap
)

// screen is where the person reads. On a terminal its last line may be one that says
// how long they have been waited for; whatever else is written goes above it.
type screen struct {
	w        io.Writer
	terminal bool
	colour   bool

	mu    sync.Mutex
	line  string        // stands in the last line
	spoke chan struct{} // closed by the first Write; nil where nobody waits
}

func newScreen(f *os.File) *screen {
	return &screen{w: f, terminal: isTerminal(f), colour: hasColour(f)}
}

// isTerminal tells whether f is one on which a line can be written again.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// hasColour follows no-color.org.
func hasColour(f *os.File) bool {
	// The older consoles of Windows show the codes instead of the colours.
	old := runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" && os.Getenv("TERM") == ""
	return isTerminal(f) && os.Getenv("NO_COLOR") == "" && !old
}

const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	plain = "\x1b[0m"
)

func paint(on bool, colour, text string) string {
	if !on {
		return text
	}
	return colour + text + plain
}

// Write implements io.Writer, for the messages of the library.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spoke != nil {
		close(s.spoke)
		s.spoke = nil
	}
	s.show("")
	return s.w.Write(p)
}

// say writes a message, each line of it marked as this program's.
func (s *screen) say(format string, args ...any) {
	s.mark("websso:", fmt.Sprintf(format, args...))
}

// fail writes an error.
func (s *screen) fail(err error) {
	s.mark(paint(s.colour, red, "websso:"), err.Error())
}

func (s *screen) mark(mark, text string) {
	var marked strings.Builder
	for line := range strings.Lines(text) {
		line = printable(strings.TrimSuffix(strings.TrimPrefix(line, "websso: "), "\n"))
		marked.WriteString(mark + " " + line + "\n")
	}
	_, _ = io.WriteString(s, marked.String())
}

// printable escapes what a terminal would obey, or not show: an error may hold what the
// network sent.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// during shows how long what has taken, from its first message to stop: that message
// says what is waited for. What takes no person says nothing, and shows nothing.
func (s *screen) during(what string) (stop func()) {
	spoke, done := make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	s.spoke = spoke
	s.mu.Unlock()
	var shown sync.WaitGroup
	shown.Go(func() {
		select {
		case <-spoke:
			s.count("waiting for "+what, done)
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

// count counts the time until done.
func (s *screen) count(what string, done <-chan struct{}) {
	every := remind
	if s.terminal {
		every = turn
	}
	start := time.Now()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		text := fmt.Sprintf("%s, %s", what, time.Since(start).Round(time.Second))
		if !s.terminal {
			s.say("still %s", text)
			continue
		}
		s.mu.Lock()
		s.show(fmt.Sprintf("%c %s", `|/-\`[n%4], printable(text)))
		s.mu.Unlock()
	}
}

// show puts text into the last line, in the place of what was there. The caller holds
// s.mu.
func (s *screen) show(text string) {
	if text == s.line {
		return
	}
	if r := []rune(text); len(r) > columns {
		text = string(r[:columns])
	}
	blank := strings.Repeat(" ", len([]rune(s.line)))
	fmt.Fprint(s.w, "\r"+blank+"\r"+text)
	s.line = text
}
