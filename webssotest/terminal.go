package webssotest

import (
	"bytes"
	"regexp"
	"sync"
)

// Terminal is what a person reads while they sign in: the Output of a
// [websso.AuthOptions]. The zero value is ready to use; it must not be copied.
type Terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

// String is everything that was written.
func (t *Terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// Code is the newest code that a person could copy into a page, or "".
func (t *Terminal) Code() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	codes := code.FindAll(t.text.Bytes(), -1)
	if len(codes) == 0 {
		return ""
	}
	return string(codes[len(codes)-1])
}

// code is 8 base32 characters in two groups.
var code = regexp.MustCompile(`\b[A-Z2-7]{4}-[A-Z2-7]{4}\b`)
