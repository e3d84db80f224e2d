package webssotest

import (
	"bytes"
	"context"
	"regexp"
	"sync"
)

// Terminal is what a person reads while they sign in: the Output of a
// [websso.AuthOptions]. The zero value is ready to use; it must not be copied.
type Terminal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	codes int           // that Code returned
	more  chan struct{} // closed by the next Write
}

// Write implements [io.Writer].
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more != nil {
		close(t.more)
		t.more = nil
	}
	return t.text.Write(p)
}

// String is everything that was written.
func (t *Terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// Code waits for a code that a person would copy into a page and returns it, each code
// once. It returns "" when ctx is done. It fits the Code of [Browser].
func (t *Terminal) Code(ctx context.Context) string {
	for {
		found, more := t.nextCode()
		if found != "" {
			return found
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ""
		}
	}
}

// nextCode is a new code, or "" and what is closed when there may be one.
func (t *Terminal) nextCode() (string, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := code.FindAllString(t.text.String(), -1); len(found) > t.codes {
		t.codes = len(found)
		return found[len(found)-1], nil
	}
	if t.more == nil {
		t.more = make(chan struct{})
	}
	return "", t.more
}

// code is 8 base32 characters in two groups.
var code = regexp.MustCompile(`\b[A-Z2-7]{4}-[A-Z2-7]{4}\b`)
