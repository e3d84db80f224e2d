// Package tab is the handler behind the listener of one sign-in. It sends the browser
// to Keystone, and accepts the token that comes back only through the same tab.
//
// Keystone's form post carries nothing that was sent along, because Keystone compares
// the origin exactly, and its headers are those of any other site's form post. So the
// tab itself carries the proof, in sessionStorage, which no other tab can read: a
// secret that the start page makes and that the page to which a token is posted shows.
package tab

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Path is where Keystone posts the token. Keystone compares all of it with its
// trusted_dashboard, the trailing slash included.
const Path = "/auth/websso/"

// answerLimit is how long the page with the outcome may take to be sent.
const answerLimit = 2 * time.Second

// Config says what a Tab serves.
type Config struct {
	Host string // the host of the redirect, as it stands in a URL
	Port int

	Program  string // what the pages call the program; "" if it has no name
	Next     string // where Keystone begins the sign-in
	Endpoint string // Keystone's address, for the pages
	Forward  string // how to forward Port to the user's computer, for the page that says so

	// IsToken reports whether a posted token can be one.
	IsToken func(token string) bool

	// Appeared is called once, when a browser asks for the start page.
	Appeared func()

	// Tell writes a line to the user's terminal.
	Tell func(text string)

	// Whose asks Keystone about a token that a tab without the secret brought, and
	// returns the name of its user or, if it can't be used, what the page says.
	Whose func(token string) (user string, refused *Outcome)
}

// Tab is the handler of one sign-in. It keeps nothing of what is posted to it.
type Tab struct {
	Config
	key    string // names the start page; 130 random bits
	sealer *sealer

	appeared func()        // Config.Appeared, once
	posts    chan Post     // holds the one that counts
	shown    chan struct{} // closed when the outcome is on its way to the page
	gone     chan struct{} // closed when the sign-in no longer waits
	asking   chan struct{} // holds one element while Whose runs

	mu         sync.Mutex
	secret     string // the first one registered
	over       bool   // a token was accepted, whatever became of it
	asked      int
	wrongCodes int
	told       map[string]bool
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
		shown:    make(chan struct{}),
		gone:     make(chan struct{}),
		asking:   make(chan struct{}, 1),
		told:     make(map[string]bool),
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

	answer chan<- Outcome
	shown  <-chan struct{}
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

// Answer shows the outcome on the page. It returns when the page is on its way, or
// after two seconds.
func (p Post) Answer(o Outcome) {
	p.answer <- o
	timer := time.NewTimer(answerLimit)
	defer timer.Stop()
	select {
	case <-p.shown:
	case <-timer.C:
	}
}

// Close tells the pages that still wait that the sign-in is over.
func (t *Tab) Close() { close(t.gone) }

// bring hands the token that counts to Wait, and returns what becomes of it. A browser
// that hangs up does not take back what it brought.
func (t *Tab) bring(token string) Outcome {
	answer := make(chan Outcome, 1)
	t.posts <- Post{Token: token, answer: answer, shown: t.shown}
	select {
	case o := <-answer:
		return o
	case <-t.gone:
	}
	select {
	case o := <-answer: // it came just before
		return o
	default:
		return timedOut
	}
}

// ServeHTTP checks what holds for every request, and reads the whole of it before
// anything is done.
func (t *Tab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("X-Frame-Options", "DENY")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	form, status := readForm(w, r)
	if status == 0 {
		panic(http.ErrAbortHandler) // the rest of the request never came
	}
	t.refuseStranger(r.Context())
	if !t.rightHost(w, r) {
		return
	}
	post := t.forms(r.URL.Path)
	switch {
	case r.Method == http.MethodGet && t.isStart(r.URL.Path):
		t.serveStart(w, r)
	case r.Method == http.MethodGet && metadata(r, "", "", "document"):
		t.outcomePage(w, http.StatusNotFound, notHere)
	case r.Method != http.MethodPost || post == nil:
		http.Error(w, "Nothing here.", http.StatusNotFound)
	case status != http.StatusOK:
		http.Error(w, http.StatusText(status), status)
	default:
		post(w, r, form)
	}
}

// forms returns the handler of form posts to path, or nil.
func (t *Tab) forms(path string) func(http.ResponseWriter, *http.Request, url.Values) {
	switch {
	case path == Path:
		return t.serveToken
	case path == Path+"confirm":
		return t.serveConfirm
	case path == Path+"ask":
		return t.serveAsk
	case path == Path+"code":
		return t.serveCode
	case t.isStart(path):
		return t.serveRegister
	}
	return nil
}

// refuseStranger hangs up on another user of this computer.
func (t *Tab) refuseStranger(ctx context.Context) {
	uid, stranger := loopback.Whole(ctx)
	if !stranger {
		return
	}
	switch {
	case uid < 0: // the other end has closed
	case os.Getuid() == 0:
		t.tellOnce(fmt.Sprintf("refused a connection of user %d, because this program runs as root: run it as that user, or as root through sudo", uid))
	default:
		t.tellOnce(fmt.Sprintf("refused a connection of another user of this computer (user %d); only you (user %d) can sign in here", uid, os.Getuid()))
	}
	panic(http.ErrAbortHandler)
}

// rightHost keeps out names that an attacker's DNS points here, and sends the other
// names of this computer to the one whose sessionStorage has the secret.
func (t *Tab) rightHost(w http.ResponseWriter, r *http.Request) bool {
	own := &url.URL{Host: strings.TrimPrefix(t.origin(), "http://")}
	asked := &url.URL{Host: strings.ToLower(r.Host)}
	port := asked.Port()
	if port == "" {
		port = "80" // a browser leaves out the port that its scheme implies
	}
	switch {
	case r.Host == "" || !loopback.IsHost(asked.Hostname()):
		t.otherName(w, r)
	case isForwarded(r):
		t.otherName(w, r)
	case port != own.Port():
		t.outcomePage(w, http.StatusMisdirectedRequest, Outcome{
			Title: "Wrong port",
			Text: "This sign-in listens on port " + own.Port() + ", but your browser came through port " + terminal.Printable(port) +
				". The cloud sends you back to port " + own.Port() + " only, so forward that port under its own number: " + t.Forward,
		})
	case asked.Hostname() != own.Hostname():
		http.Redirect(w, r, t.origin()+r.URL.EscapedPath(), http.StatusTemporaryRedirect)
	default:
		return true
	}
	return false
}

// otherName answers a request under a name that is not this computer's own. If it was not
// an attacker's DNS that led here, it was an editor that shows this port under a name of
// its own. The answer tells an attacker nothing.
func (t *Tab) otherName(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !metadata(r, "", "", "document") {
		http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
		return
	}
	port := strconv.Itoa(t.Port)
	t.outcomePage(w, http.StatusMisdirectedRequest, Outcome{
		Title: "Wrong address",
		Text: "Your browser came here under another name, but the cloud sends you back to " + t.origin() + " on the computer with the browser. " +
			"Forward port " + port + " to that computer under its own number (" + t.Forward + "), and open the address there that your program printed.",
	})
}

// isForwarded reports whether a proxy replaced another name by this computer's own, as
// GitHub's does for codespaces.
func isForwarded(r *http.Request) bool {
	name, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Host"), ",")
	if name = strings.TrimSpace(name); name == "" {
		return false
	}
	return !loopback.IsHost((&url.URL{Host: strings.ToLower(name)}).Hostname())
}

// tellOnce writes a line to the user's terminal, once however often it comes up.
func (t *Tab) tellOnce(text string) {
	t.mu.Lock()
	again := t.told[text]
	t.told[text] = true
	t.mu.Unlock()
	if !again {
		t.Tell(text)
	}
}
