package websso

import (
	"fmt"
	"time"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// unanswered returns an error if nobody answered the browser that opened last. The caller
// has the lock of sign-ins, so that no other program still waits at it.
func (s *session) unanswered() error {
	key := s.store.unansweredKey()
	value, _ := s.store.cache.below.Get(key)
	e := decodeEntry(key, value)
	left := time.Until(e.Expires)
	if !s.unattended || left <= 0 || left > unansweredFor { // the clock was set back
		return nil
	}
	return fmt.Errorf("websso: the sign-in to %s that a program opened at %s was not completed, so no other browser opens until %s; sign in by hand: %w",
		terminal.Printable(s.conf.Endpoint), terminal.Clock(e.Written), terminal.Clock(e.Expires), ErrLoginRequired)
}

func (st *store) unansweredKey() string { return st.key + " unanswered" }

// setUnanswered remembers that a browser opened that nobody has answered yet. Nothing depends
// on it, so if it can't be written, that is no error.
func (st *store) setUnanswered() {
	now := time.Now()
	if value, err := (entry{For: st.unansweredKey(), Written: now, Expires: now.Add(unansweredFor)}).encode(); err == nil {
		_ = st.cache.below.Set(st.unansweredKey(), value)
	}
}

// answered forgets it: a user is there, or wants no sign-in.
func (st *store) answered() { _ = st.cache.below.Delete(st.unansweredKey()) }

// unansweredFor is how long an unattended program opens no other browser.
const unansweredFor = 10 * time.Minute
