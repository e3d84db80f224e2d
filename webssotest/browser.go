package webssotest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"time"
)

// A Browser signs a person in, as far as that takes no eyes: it follows redirects,
// keeps cookies, fills in forms, sends the headers that browsers send, and does what
// the scripts of the sign-in's own pages do. Other scripts it does not run, but for
// one that submits a form at once.
//
// User and Password are what most tests set; each of the other fields makes it
// misbehave as browsers, networks and people do. Fields must not be changed while it
// opens a page, and a Browser must not be copied after its first use. Several pages
// may be open at once: as tabs, they share cookies, and not sessionStorage.
type Browser struct {
	User, Password string

	// TLS is what it trusts, and the certificate that it can show.
	TLS *tls.Config

	// Timeout bounds a page and all that comes after it; 0 means 30 seconds.
	Timeout time.Duration

	// Code is asked for the code that stands in the person's terminal, when a page
	// wants one: see [Terminal.Code]. Where it is nil, the browser gives up at the
	// page that offers one.
	Code func(context.Context) string

	// Before is called before each request, redirects included. It may change the
	// request; an error of its ends the tab.
	Before func(Step, *http.Request) error

	// DropAt closes the tab where that step would begin. DropAt: StepLogin is a
	// person who never signs in.
	DropAt Step

	NoJavaScript     bool // runs no scripts
	NoSessionStorage bool // blocks it: pages that look find an error
	NoCookies        bool // blocks all of them, and sessionStorage with it, as browsers do
	IPv4First        bool // tries 127.0.0.1 before ::1, as Firefox does; others do the opposite
	WrongPassword    bool // types a wrong one first
	Prefetch         bool // an extension and a scanner fetch the page first
	Reload           bool // reloads the first page of the sign-in
	Back             bool // goes back from the cloud's first page, and on again
	OtherTab         bool // what follows the first page is in another tab, or container
	Block            bool // Open returns only when Close is called, as with a browser in the foreground

	mu     sync.Mutex
	jar    http.CookieJar
	opened int
	last   *visit
	alive  context.Context //nolint:containedctx // it is the Browser's own life, which Close ends
	end    context.CancelCauseFunc
}

// A Step is a request in a sign-in, with the redirects that follow it.
type Step string

// The steps of a sign-in, in their order. The last two replace StepConfirm in a tab
// that can't show that it is the one where the sign-in began.
const (
	StepStart    Step = "start"    // the page that the browser is given
	StepRegister Step = "register" // that page makes itself known
	StepCloud    Step = "cloud"    // to Keystone, and to the identity provider
	StepLogin    Step = "login"    // user name and password
	StepCallback Step = "callback" // the token, from Keystone's page
	StepConfirm  Step = "confirm"  // the page that has the token shows that it is in the first tab
	StepAsk      Step = "ask"      // the person wants a code
	StepCode     Step = "code"     // the code
)

// A Page is where a tab ends up.
type Page struct {
	URL         string
	Status      int
	OK          bool // a sign-in's last page said that it worked
	Title, Text string
}

// visit is a page being opened.
type visit struct {
	done chan struct{}
	page Page
	err  error
}

// Open opens url and goes on until the sign-in is over, one way or the other. The
// error is nil where the last page says that it worked. Open fits the OpenURL of
// [websso.AuthOptions].
func (b *Browser) Open(url string) error {
	v := &visit{done: make(chan struct{})}
	b.mu.Lock()
	b.opened++
	b.last = v
	b.mu.Unlock()

	v.page, v.err = b.Visit(url)
	if v.err == nil && !v.page.OK {
		v.err = fmt.Errorf("webssotest: the browser ended at %s, status %d: %s: %.200s",
			withoutQuery(v.page.URL), v.page.Status, v.page.Title, v.page.Text)
	}
	close(v.done)
	if b.Block {
		<-b.life().Done()
	}
	return v.err
}

// Visit opens url in a new tab and goes on as far as a person would: it signs in where
// it is asked to, and returns the page where there is nothing more to do. The error is
// nil where there is such a page, whatever it says. Opened and Result know nothing of
// a Visit.
func (b *Browser) Visit(url string) (Page, error) {
	timeout := cmp.Or(b.Timeout, 30*time.Second)
	ctx, cancel := context.WithTimeoutCause(b.life(), timeout,
		fmt.Errorf("the browser got nowhere within %s", timeout))
	defer cancel()
	t := b.newTab()
	defer t.close()
	page, err := t.run(ctx, url)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return page, fmt.Errorf("webssotest: %w", err)
	}
	return page, nil
}

// Result waits for the page of the latest Open, and returns what Open does with it.
func (b *Browser) Result() (Page, error) {
	b.mu.Lock()
	v := b.last
	b.mu.Unlock()
	if v == nil {
		return Page{}, errors.New("webssotest: the browser was not opened")
	}
	<-v.done
	return v.page, v.err
}

// Opened counts the calls of Open: the windows that a person saw.
func (b *Browser) Opened() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened
}

// Close closes every tab, and ends an Open that blocks. The Browser opens no more.
func (b *Browser) Close() {
	b.life()
	b.end(errors.New("the browser was closed"))
}

// life ends with Close.
func (b *Browser) life() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.alive == nil {
		b.alive, b.end = context.WithCancelCause(context.Background())
	}
	return b.alive
}

// cookies is where all tabs keep theirs, or nil where cookies are blocked.
func (b *Browser) cookies() http.CookieJar {
	if b.NoCookies {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.jar == nil {
		// New fails only for options that are not given here.
		b.jar, _ = cookiejar.New(nil)
	}
	return b.jar
}
