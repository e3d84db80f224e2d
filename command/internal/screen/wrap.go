package screen

import (
	"strings"
)

// wrap breaks the lines of messages between words, so that they fit width columns. Lines
// that are indented, except items of a list, are there to be copied and stay as they are,
// as do words that are longer than a line.
func wrap(text, mark string, width int) string {
	if width < minWidth {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		body, marked := strings.CutPrefix(line, mark+" ")
		item := strings.TrimLeft(body, " ")
		indent := strings.Repeat(" ", len(body)-len(item))
		isItem := strings.HasPrefix(item, "- ")
		if !marked || indent != "" && !isItem {
			b.WriteString(line)
			continue
		}
		hang := strings.Repeat(" ", len(mark)) + indent
		if isItem {
			hang += "  "
		}
		fill(&b, mark+indent, hang, body, width)
	}
	return b.String()
}

// fill writes the words of text behind first, and behind rest on further lines. The last
// column stays free: some terminals go on to the next line when it is filled.
func fill(b *strings.Builder, first, rest, text string, width int) {
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

// minWidth is the width below which lines are left to the terminal to wrap.
const minWidth = 40
