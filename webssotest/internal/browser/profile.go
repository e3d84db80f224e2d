package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"time"
)

// A Profile is what the tabs of one browser share: cookies and lifetime. The zero
// value is ready to use. It is safe for concurrent use.
type Profile struct {
	mu    sync.Mutex
	jar   http.CookieJar
	alive context.Context //nolint:containedctx // Close ends it
	end   context.CancelCauseFunc
}

// Visit opens url in a new tab and goes on as far as the user would. The error is nil
// if the tab ends at a page, whatever that page says.
func (p *Profile) Visit(url string, settings Settings) (Page, error) {
	timeout := cmp.Or(settings.Timeout, 30*time.Second)
	ctx, cancel := context.WithTimeoutCause(p.life(), timeout,
		fmt.Errorf("the browser didn't finish within %s", timeout))
	defer cancel()
	var jar http.CookieJar
	if !settings.NoCookies {
		jar = p.cookies()
	}
	t := newTab(settings, jar)
	defer t.close()
	page, err := t.run(ctx, url)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
	}
	return page, err
}

// Close closes every tab. Later visits fail.
func (p *Profile) Close() {
	p.life()
	p.end(errors.New("the browser was closed"))
}

// life returns a context that ends with Close.
func (p *Profile) life() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive == nil {
		p.alive, p.end = context.WithCancelCause(context.Background())
	}
	return p.alive
}

func (p *Profile) cookies() http.CookieJar {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jar == nil {
		p.jar, _ = cookiejar.New(nil) // never fails without options
	}
	return p.jar
}
