package webssotest

import (
	"bytes"
	"context"
	"regexp"
	"sync"
)

// A Terminal records what the user reads during a sign-in: it is the Output of
// [Keystone.AuthOptions]. The zero value is ready to use. It is safe for concurrent
// use and must not be copied.
type Terminal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	codes int           // returned by Code
	more  chan struct{} // closed by the next Write
}

// Write appends p. It never fails.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more != nil {
		close(t.more)
		t.more = nil
	}
	return t.text.Write(p)
}

// String returns everything that was written.
func (t *Terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// Code waits until the program prints a code that the user has to copy to a page, and
// returns it. Each code is returned once; if several are new, the newest one. If ctx
// is done first, Code returns "". It fits Code of [Browser].
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

// nextCode returns a new code, or "" and a channel that is closed by the next Write.
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
