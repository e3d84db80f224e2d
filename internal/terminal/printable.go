package terminal

import (
	"fmt"
	"net/url"
	"regexp"
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

// plainAddress matches an address, maybe without its scheme, that has no user, password,
// query or fragment: what stands where a port does has to be one.
var plainAddress = regexp.MustCompile(`^([A-Za-z]+://)?(\[[0-9a-fA-F:.]*\]|[^][:/@?#＠\\]*)(:[0-9]*)?(/|/[^/@?#＠\\][^@?#＠\\]*)?$`)

// Address returns an address for a message. If it has a user, a password or a query, or
// was meant to, only the scheme is left, if that is http or https.
func Address(s string) string {
	plain := s
	for {
		decoded, err := url.PathUnescape(plain)
		if err != nil || decoded == plain {
			break
		}
		plain = decoded
	}
	scheme, _, ok := strings.Cut(s, "://")
	switch {
	case plainAddress.MatchString(plain):
		return s
	case ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")):
		return scheme + "://…"
	}
	return "…"
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
