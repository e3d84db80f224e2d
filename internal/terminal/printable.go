package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPrintable is how many characters of a text from elsewhere a message shows.
const maxPrintable = 200

// Printable makes text from elsewhere safe to show, as Escape does. What follows the
// first 200 characters is cut off.
func Printable(s string) string { return escape(s, maxPrintable) }

// Escape escapes control characters, which a terminal obeys, and invisible ones such as
// bidi marks, which make a text read as another.
func Escape(s string) string { return escape(s, len(s)) }

// Address returns an address for a message. If it has a user, a password or a query, or
// was meant to, only the scheme is left.
func Address(s string) string {
	if i := strings.IndexAny(s, "@?#"); i >= 0 {
		scheme, _, ok := strings.Cut(s[:i], "://")
		if !ok {
			return "…"
		}
		return scheme + "://…"
	}
	return s
}

func escape(s string, limit int) string {
	var b strings.Builder
	for n := 0; s != ""; n++ {
		if n == limit {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[size:]
	}
	return b.String()
}
