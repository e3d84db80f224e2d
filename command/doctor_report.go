package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// A finding is one line of the doctor's. Its JSON is part of the command's interface.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Found  string `json:"found"`
	Advice string `json:"advice,omitempty"`
	Copy   string `json:"copy,omitempty"` // lines to copy
}

// The states of a finding.
const (
	stateOK        = "ok"
	stateWarning   = "warning"   // it may be wrong, or matter
	stateUnchecked = "unchecked" // it can't be checked from here
	stateFault     = "fault"     // no sign-in can work, or not as the settings say
)

// A diagnosis is all that the doctor found.
type diagnosis struct {
	Faults   int       `json:"faults"`
	Warnings int       `json:"warnings"`
	Checks   []finding `json:"checks"`
}

func newDiagnosis(findings []finding) *diagnosis {
	d := &diagnosis{Checks: findings}
	for _, f := range findings {
		switch f.State {
		case stateFault:
			d.Faults++
		case stateWarning:
			d.Warnings++
		}
	}
	return d
}

// layout is what the place can show that the diagnosis is written to.
type layout struct {
	width   int // 0: lines are not wrapped
	color   bool
	symbols bool
}

func layoutOf(w io.Writer) layout {
	l := layout{symbols: hasSymbols(runtime.GOOS, os.Getenv)}
	if f, ok := w.(*os.File); ok && screen.IsTerminal(f) {
		l.width, l.color = screen.TerminalWidth(f), screen.HasColor(f)
	}
	return l
}

// hasSymbols reports whether a terminal can show more than ASCII, as far as variables tell.
func hasSymbols(system string, getenv func(string) string) bool {
	if system == "windows" {
		return getenv("WT_SESSION") != "" // older consoles lack them in their fonts
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(getenv(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return system == "darwin"
}

const yellow = "\x1b[33m"

// markOf returns the mark of a state, two columns wide.
func (l layout) markOf(state string) string {
	color, symbol, letters := screen.Yellow, "! ", "! "
	switch state {
	case stateOK:
		color, symbol, letters = screen.Green, "✓ ", "ok"
	case stateFault:
		color, symbol, letters = screen.Red, "✗ ", "x "
	}
	if l.symbols {
		letters = symbol
	}
	return screen.Paint(l.color, color, letters)
}

// nameWidth is how wide the names of checks are shown.
const nameWidth = len("keystone.conf ")

// text returns the diagnosis as text for the terminal.
func (d *diagnosis) text(l layout) string {
	var b strings.Builder
	indent := strings.Repeat(" ", 2+1+nameWidth)
	for _, f := range d.Checks {
		words := terminal.Escape(f.Found)
		if f.Advice != "" {
			words += ": " + terminal.Escape(f.Advice)
		}
		if f.Copy != "" {
			words += ":"
		}
		body := indent + " " + words + "\n"
		if l.width >= screen.MinWidth {
			var wrapped strings.Builder
			screen.Fill(&wrapped, indent, indent, words, l.width)
			body = wrapped.String()
		}
		b.WriteString(l.markOf(f.State) + " " + f.Check + strings.Repeat(" ", nameWidth-len(f.Check)) + body[len(indent):])
		for line := range strings.Lines(f.Copy) {
			b.WriteString("    " + terminal.Escape(strings.TrimSuffix(line, "\n")) + "\n")
		}
	}
	if d.Faults == 0 {
		summary := "no fault found"
		if d.Warnings > 0 {
			summary += ", " + count(d.Warnings, "warning")
		}
		b.WriteString("\n" + summary + "\n")
	}
	return b.String()
}

// faultOf returns the finding for an error.
func faultOf(check string, err error) finding {
	f := finding{Check: check, State: stateFault}
	var example screen.Example
	if errors.As(err, &example) {
		f.Found, f.Copy = strings.TrimSuffix(example.Before, ":"), unindented(example.Text)
		return f
	}
	f.Found = oneLine(err)
	var setting *cloudconf.SettingError
	if errors.As(err, &setting) {
		f.Found, f.Advice = setting.Parts()
	}
	return f
}

// unindented removes the indent of the first line from all of them.
func unindented(text string) string {
	indent := "\n" + strings.Repeat(" ", screen.LeadingSpaces(text))
	return strings.TrimPrefix(strings.ReplaceAll(strings.TrimRight("\n"+text, "\n"), indent, "\n"), "\n")
}

// oneLine is an error on one line, without marks.
func oneLine(err error) string {
	var lines []string
	for line := range strings.Lines(screen.Unmarked(err)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, " ")
}

// count returns a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// processName names a process of this computer.
func processName(id int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", id))
	if err != nil {
		return fmt.Sprintf("process %d", id)
	}
	return fmt.Sprintf("%s (process %d)", strings.TrimSpace(string(name)), id)
}

// patient is what is examined.
type patient struct {
	app      *app
	cloud    *cloud // nil if there is none that can be used
	endpoint string // Keystone's, normalized
}

// examination is one of the checks.
type examination struct {
	name  string
	limit time.Duration
	run   func(context.Context) []finding
}
