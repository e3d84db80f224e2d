package webssotest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"
)

// A Browser signs a user in without a screen. It follows redirects, keeps cookies,
// fills in forms, sends the headers that browsers send, and does what the scripts of
// a sign-in's own pages do. Of other scripts it recognizes only those that submit a
// form as soon as the page has loaded.
//
// The zero value is a browser without a user: it ends at the identity provider's
// login page. Don't change the fields while a page is open, and don't copy a Browser
// after its first use. All methods are safe for concurrent use: each page opens in a
// tab of its own, and tabs share cookies but not sessionStorage, as in any browser.
type Browser struct {
	// User and Password are typed into the first login form. They also answer a
	// challenge of [Config].Negotiate.
	User, Password string

	// TLS has the certificate authorities to trust and a client certificate, if there
	// is one. If nil, the system's authorities are trusted.
	TLS *tls.Config

	// Code returns the code that the program printed, when a page asks for one: see
	// [Terminal.Code]. If nil, the browser ends at the page that offers a code.
	Code func(context.Context) string

	// Before, if not nil, is called before each request, redirects included, possibly
	// from several goroutines. It may change the request and its cookies. If it returns
	// an error, the tab closes and Open or Visit returns that error: this is how a test
	// plays a user who closes the browser, or a network that fails.
	Before func(Step, *http.Request) error

	// NoJavaScript makes the browser run no scripts. The user then has to copy a code
	// from the terminal to the page.
	NoJavaScript bool

	begin sync.Once // sets the next three
	jar   http.CookieJar
	alive context.Context //nolint:containedctx // Close ends it
	end   context.CancelCauseFunc
	limit time.Duration // of a tab; 0 means 30 seconds

	mu     sync.Mutex
	opened int
	last   *visit
}

// A Step is the part of a sign-in that a request belongs to. Redirects belong to the
// step of the request that they follow.
type Step string

// The steps of a sign-in, in order. A tab then goes to Keystone a second time: after
// StepConfirm come StepCloud, StepCallback and StepConfirm once more. StepAsk and StepCode
// replace all of that in a tab that can't prove that the sign-in began there.
const (
	StepStart    Step = "start"    // load the page that OpenURL is given
	StepRegister Step = "register" // that page registers its tab
	StepCloud    Step = "cloud"    // go to Keystone, and on to the identity provider
	StepLogin    Step = "login"    // send user name and password
	StepCallback Step = "callback" // post the token from Keystone's page to the program
	StepConfirm  Step = "confirm"  // prove that the sign-in began in this tab
	StepSignOut  Step = "sign out" // end the browser's session with the cloud, if SwitchUser is set and User is another one
	StepAsk      Step = "ask"      // ask the program to print a code
	StepCode     Step = "code"     // send the code
)

// A Page is where a tab ends up.
type Page struct {
	URL         string
	Status      int    // of the HTTP answer
	OK          bool   // it is the last page of a sign-in, and says that it worked
	Title, Text string // of the page, without markup
}

// A visit is a page that Open was called for.
type visit struct {
	done chan struct{}
	page Page
	err  error
}

// Open opens url in a new tab and returns when the sign-in is over. The error is nil
// if the last page says that the sign-in worked. A tab gets 30 seconds. Open fits
// OpenURL of [websso.AuthOptions].
func (b *Browser) Open(url string) error {
	v := &visit{done: make(chan struct{})}
	b.mu.Lock()
	b.opened++
	b.last = v
	b.mu.Unlock()

	v.page, v.err = b.Visit(url)
	if v.err == nil && !v.page.OK {
		at, _, _ := strings.Cut(v.page.URL, "?") // the query may hold a code
		v.err = fmt.Errorf("webssotest: the browser ended at %s, status %d: %s: %.200s",
			at, v.page.Status, v.page.Title, v.page.Text)
	}
	close(v.done)
	return v.err
}

// Visit opens url in a new tab, signs in if a page asks for it, and returns the page
// where there is nothing more to do. The error is nil if there is such a page,
// whatever the page says. Opened and Result ignore visits.
func (b *Browser) Visit(url string) (Page, error) {
	b.begin.Do(b.start)
	limit := cmp.Or(b.limit, 30*time.Second)
	ctx, cancel := context.WithTimeoutCause(b.alive, limit, fmt.Errorf("the browser didn't finish within %s", limit))
	defer cancel()
	t := newTab(b)
	defer t.transport.CloseIdleConnections()
	page, err := t.run(ctx, url)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		err = fmt.Errorf("webssotest: %w", err)
	}
	return page, err
}

func (b *Browser) start() {
	b.jar, _ = cookiejar.New(nil) // never fails without options
	b.alive, b.end = context.WithCancelCause(context.Background())
}

// Result waits for the latest Open to finish, and returns its page and its error. If
// Open was never called, Result returns an error at once.
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

// Opened returns how often Open was called: the number of tabs that the user saw open.
func (b *Browser) Opened() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened
}

// Close closes every tab. Later calls of Open and Visit fail.
func (b *Browser) Close() {
	b.begin.Do(b.start)
	b.end(errors.New("the browser was closed"))
}
