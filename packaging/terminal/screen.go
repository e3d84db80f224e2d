// Package terminal keeps what a terminal shows, and draws it as an animated SVG.
package terminal

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Style is how a character looks. Color 0 is the terminal's own, 1 to 8 are the
// colors of SGR 30 to 37.
type Style struct {
	Color int
	Bold  bool
	Faint bool
}

// A Cell is a character and its style.
type Cell struct {
	Rune  rune
	Style Style
}

// A Screen is a terminal with as many lines as are written. It understands what the
// command and its like send: text, CR, LF, BS, TAB, and the sequences for colors, for
// moving in a line and for erasing.
type Screen struct {
	Columns  int
	rows     [][]Cell
	row, col int
	style    Style
	rest     []byte // the beginning of a sequence or a character
}

// Write shows p.
func (s *Screen) Write(p []byte) (int, error) {
	data := slices.Concat(s.rest, p)
	s.rest = nil
	for len(data) > 0 {
		if data[0] == 0x1b {
			n := s.escape(data)
			if n == 0 {
				s.rest = append([]byte(nil), data...)
				break
			}
			data = data[n:]
			continue
		}
		if !utf8.FullRune(data) {
			s.rest = append([]byte(nil), data...)
			break
		}
		r, n := utf8.DecodeRune(data)
		data = data[n:]
		s.put(r)
	}
	return len(p), nil
}

func (s *Screen) put(r rune) {
	switch r {
	case '\r':
		s.col = 0
	case '\n':
		s.row++
		s.col = 0
	case '\b':
		s.col = max(0, s.col-1)
	case '\t':
		s.col = (s.col/8 + 1) * 8
	default:
		if r < ' ' || r == 0x7f {
			return
		}
		if s.Columns > 0 && s.col >= s.Columns {
			s.row++
			s.col = 0
		}
		s.line()
		row := s.rows[s.row]
		for len(row) <= s.col {
			row = append(row, Cell{Rune: ' '})
		}
		row[s.col] = Cell{r, s.style}
		s.rows[s.row] = row
		s.col++
	}
}

func (s *Screen) line() {
	for len(s.rows) <= s.row {
		s.rows = append(s.rows, nil)
	}
}

// escape obeys the sequence at the beginning of data, and returns its length, 0 if more
// of it is to come.
func (s *Screen) escape(data []byte) int {
	if len(data) < 2 {
		return 0
	}
	switch data[1] {
	case '[':
		for i := 2; i < len(data); i++ {
			if b := data[i]; b >= 0x40 && b <= 0x7e {
				s.control(string(data[2:i]), b)
				return i + 1
			}
		}
		return 0
	case ']': // a title or a link, up to BEL or ST
		for i := 2; i < len(data); i++ {
			if data[i] == 0x07 {
				return i + 1
			}
			if data[i] == '\\' && data[i-1] == 0x1b {
				return i + 1
			}
		}
		return 0
	}
	return 2
}

func (s *Screen) control(parameters string, final byte) {
	number := func(otherwise int) int {
		n, err := strconv.Atoi(parameters)
		if err != nil {
			return otherwise
		}
		return n
	}
	switch final {
	case 'm':
		for p := range strings.SplitSeq(parameters, ";") {
			n, _ := strconv.Atoi(p)
			s.sgr(n)
		}
	case 'A':
		s.row = max(0, s.row-number(1))
	case 'B':
		s.row += number(1)
	case 'C':
		s.col += number(1)
	case 'D':
		s.col = max(0, s.col-number(1))
	case 'G':
		s.col = max(0, number(1)-1)
	case 'K':
		s.line()
		switch number(0) {
		case 0:
			s.rows[s.row] = s.rows[s.row][:min(s.col, len(s.rows[s.row]))]
		case 2:
			s.rows[s.row] = nil
		}
	case 'J':
		s.line()
		s.rows = s.rows[:s.row+1]
		s.rows[s.row] = s.rows[s.row][:min(s.col, len(s.rows[s.row]))]
	}
}

func (s *Screen) sgr(n int) {
	switch {
	case n == 0:
		s.style = Style{}
	case n == 1:
		s.style.Bold = true
	case n == 2:
		s.style.Faint = true
	case n == 22:
		s.style.Bold, s.style.Faint = false, false
	case n >= 30 && n <= 37:
		s.style.Color = n - 30 + 1
	case n == 39:
		s.style.Color = 0
	case n >= 90 && n <= 97:
		s.style.Color = n - 90 + 1
	}
}

// Rows returns a copy of the lines that are shown, without blanks at their ends.
func (s *Screen) Rows() [][]Cell {
	var rows [][]Cell
	for _, row := range s.rows {
		end := len(row)
		for end > 0 && row[end-1].Rune == ' ' {
			end--
		}
		rows = append(rows, append([]Cell(nil), row[:end]...))
	}
	for len(rows) > 0 && len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// String is what is shown, without its style.
func (s *Screen) String() string {
	var b strings.Builder
	for _, row := range s.Rows() {
		for _, c := range row {
			b.WriteRune(c.Rune)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
