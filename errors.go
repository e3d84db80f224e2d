package websso

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Errors to branch on with [errors.Is]. What a function returns wraps them with
// what happened and what to do about it.
var (
	// ErrLoginRequired says that only a person at a browser can go on, and that
	// this call may not ask them: nobody is signed in, or the sign-in is over,
	// and [AuthOptions].NonInteractive is set or a token died while the program
	// ran without [AuthOptions].AllowReauth. Calling [Authenticate] interactively
	// mends it.
	//
	// A request of gophercloud's that meets it fails with a
	// [gophercloud.ErrUnableToReauthenticate], which does not unwrap: look at its
	// ErrReauth field.
	//
	//	var failed *gophercloud.ErrUnableToReauthenticate
	//	if errors.As(err, &failed) && errors.Is(failed.ErrReauth, websso.ErrLoginRequired) {
	//		// sign in again
	//	}
	ErrLoginRequired = errors.New("sign-in required")

	// ErrTimeout says that nobody signed in within the time allowed, or that
	// another program's sign-in on the same port did not end within it.
	ErrTimeout = errors.New("timed out")

	// ErrPortInUse says that another program holds the redirect port on one of the
	// loopback addresses. Nothing was opened: what comes back to that port could
	// reach the other program.
	ErrPortInUse = errors.New("port in use")

	// ErrScope says that Keystone does not give the person a token for the scope
	// asked for. The sign-in itself is good and is kept.
	ErrScope = errors.New("scope refused")
)

// maxForeign is how much of a text from the network a message shows.
const maxForeign = 200

// printable makes text from the network safe to show: control characters (a
// terminal obeys them) and invisible ones such as bidi marks (they make a text
// read as another) are escaped, and the rest is cut off after maxForeign
// characters.
func printable(s string) string {
	var b strings.Builder
	for n := 0; s != ""; n++ {
		if n == maxForeign {
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
