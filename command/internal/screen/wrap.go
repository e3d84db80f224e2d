package screen

import (
	"strings"
)

// wrap breaks the lines of messages between words, so that they fit width columns. Items
// of a list are wrapped as a whole. Other lines that are indented are there to be copied
// and stay as they are, as do words that are longer than a line.
func wrap(text, mark string, width int) string {
	if width < MinWidth {
		return text
	}
	var b strings.Builder
	lines := strings.SplitAfter(text, "\n")
	for len(lines) > 0 {
		body, marked := strings.CutPrefix(lines[0], mark+" ")
		n := 1
		indent := LeadingSpaces(body)
		switch {
		case !marked:
			b.WriteString(lines[0])
		case strings.HasPrefix(body[indent:], "- "):
			for n < len(lines) && continues(lines[n], mark, indent+2) {
				body = strings.TrimSuffix(body, "\n") + " " + strings.TrimPrefix(lines[n], mark+" ")
				n++
			}
			Fill(&b, mark+strings.Repeat(" ", indent), strings.Repeat(" ", len(mark)+indent+2), body, width)
		case indent > 0:
			b.WriteString(lines[0])
		default:
			Fill(&b, mark, strings.Repeat(" ", len(mark)), body, width)
		}
		lines = lines[n:]
	}
	return b.String()
}

// continues reports whether a line goes on with the item of a list whose text is indented
// by that much.
func continues(line, mark string, indent int) bool {
	body, marked := strings.CutPrefix(line, mark+" ")
	return marked && LeadingSpaces(body) == indent && !strings.HasPrefix(body[indent:], "- ")
}

// LeadingSpaces counts the spaces that a text begins with.
func LeadingSpaces(text string) int {
	return len(text) - len(strings.TrimLeft(text, " "))
}

// Fill writes the words of text behind first, and behind rest on further lines. The last
// column stays free: some terminals go on to the next line when it is filled.
func Fill(b *strings.Builder, first, rest, text string, width int) {
	b.WriteString(first)
	column, start := len(first), len(first)
	for word := range strings.FieldsSeq(text) {
		n := len([]rune(word))
		if column > start && column+1+n >= width {
			b.WriteString("\n" + rest)
			column, start = len(rest), len(rest)
		}
		if column > 0 {
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteString("\n")
}

// MinWidth is the width below which lines are left to the terminal to wrap.
const MinWidth = 40
