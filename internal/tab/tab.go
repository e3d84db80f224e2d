// Package tab is the handler behind the listener of one sign-in. It sends the browser
// to Keystone, and accepts the token that comes back only through the same tab.
//
// Keystone's form post carries nothing that was sent along, because Keystone compares
// the origin exactly, and its headers are those of any other site's form post. So the
// tab itself carries the proof, in sessionStorage, which no other tab can read: a
// secret that the start page makes and that the page to which a token is posted shows.
// Another page that the tab visited on the way could have posted the token as well, so
// the tab then goes to Keystone a second time, and only what comes back at once counts.
package tab

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Path is where Keystone posts the token. Keystone compares all of it with its
// trusted_dashboard, the trailing slash included.
const Path = "/auth/websso/"

// Config says what a Tab serves.
type Config struct {
	Host string // the host of the redirect, as it stands in a URL
	Port int
	User int // the user ID of this program, -1 if there are none

	Cloud   string // what the pages call the cloud
	Facts   []Fact // what the sign-in is for
	Next    string // where Keystone begins the sign-in
	Forward string // how to forward Port to the user's computer, for the page that says so

	// TripLimit is how long the second trip to Keystone may take in a browser that takes no
	// time itself.
	TripLimit time.Duration

	// Switch is set if another user is to sign in.
	Switch *Switch

	// IsToken reports whether a posted token can be one.
	IsToken func(token string) bool

	// Appeared is called once, when a browser asks for the start page.
	Appeared func()

	// Tell writes a line to the user's terminal, and ShowCode the code with which the
	// user shows that another tab is theirs.
	Tell     func(text string)
	ShowCode func(user, code string)

	// UserOf asks Keystone about a token that a tab without the secret brought, and
	// returns the name of its user or, if it can't be used, what the page says.
	UserOf func(token string) (user string, refused *Outcome)
}

// Switch is about the user whom the browser is signed in as already. Only then does a page
// ask what to do: a browser that nobody is signed in with shows a login form anyway.
type Switch struct {
	Next string // as Config.Next, for first trips: it asks for a login form

	// SignOut ends the browser's session with the cloud; "" if nobody knows how.
	SignOut string

	// Another asks Keystone whose token the first trip brought, and reports whether that
	// is clearly another user than before.
	Another func(token string) (user string, another bool)
}

// Tab is the handler of one sign-in. It keeps nothing of what is posted to it without
// the secret.
type Tab struct {
	Config
	key    string // names the start page; 130 random bits
	sealer *sealer

	appeared func()    // Config.Appeared, once
	posts    chan Post // holds the one that counts
	ended    sync.Once
	said     Outcome // once answered is closed
	answered chan struct{}
	shown    chan struct{} // closed when the outcome is on its way to the page
	over     atomic.Bool   // a token was accepted, whatever becomes of it
	asking   sync.Mutex    // held while UserOf runs
	told     sync.Map      // of strings
	choices  atomic.Int32

	mu      sync.Mutex
	secret  string // the first one registered
	spent   []string
	started time.Duration // when the start page was answered last
	pace    time.Duration // what the browser took from there to its registration
	asked   int
	codes   int
}

// New returns the handler of a new sign-in.
func New(c Config) (*Tab, error) {
	sealer, err := newSealer()
	if err != nil {
		return nil, err
	}
	return &Tab{
		Config:   c,
		key:      rand.Text(),
		sealer:   sealer,
		appeared: sync.OnceFunc(c.Appeared),
		posts:    make(chan Post, 1),
		answered: make(chan struct{}),
		shown:    make(chan struct{}),
	}, nil
}

// Origin returns the origin of host and port as a browser names it.
func Origin(host string, port int) string {
	return "http://" + net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
}

func (t *Tab) origin() string { return Origin(t.Host, t.Port) }

// StartURL returns the address to open in the browser.
func (t *Tab) StartURL() string { return t.origin() + Path + t.key }

// Post is a token that came through the tab that was opened, or whose code the user
// entered.
type Post struct {
	Token string
	Spent []string // other tokens that this sign-in was given, which nobody uses
}

// Wait returns the one token that counts. The error is the cause of ctx.
func (t *Tab) Wait(ctx context.Context) (Post, error) {
	select {
	case p := <-t.posts:
		return p, nil
	case <-ctx.Done():
		return Post{}, context.Cause(ctx)
	}
}

// Answer shows the outcome on the page, and on any other of this sign-in from now on. It
// returns when the page is on its way, or after two seconds.
func (t *Tab) Answer(o Outcome) {
	t.end(o)
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	select {
	case <-t.shown:
	case <-timer.C:
	}
}

// Close tells the pages that still wait that the sign-in is over.
func (t *Tab) Close() { t.end(timedOut) }

func (t *Tab) end(o Outcome) {
	t.ended.Do(func() {
		t.said = o
		close(t.answered)
	})
}

// settle hands the token that counts to Wait, unless there is one already, and answers with
// what becomes of it. A browser that hangs up does not take back what it brought.
func (t *Tab) settle(w http.ResponseWriter, token string, answer func(status int, o Outcome)) {
	if !t.over.CompareAndSwap(false, true) {
		answer(http.StatusGone, t.outcome())
		return
	}
	t.mu.Lock()
	spent := slices.DeleteFunc(t.spent, func(s string) bool { return s == token })
	t.mu.Unlock()
	t.posts <- Post{token, spent}
	answer(http.StatusOK, t.outcome())
	_ = http.NewResponseController(w).Flush()
	close(t.shown)
}

// outcome waits for what becomes of the token that was accepted.
func (t *Tab) outcome() Outcome {
	<-t.answered
	return t.said
}

// tellOnce writes a line to the user's terminal, once however often it comes up.
func (t *Tab) tellOnce(text string) {
	if _, again := t.told.LoadOrStore(text, true); !again {
		t.Tell(text)
	}
}
