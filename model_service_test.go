package websso_test

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// service has a client make a request to a service.
func (w *world) service() {
	c := w.client()
	if c == nil {
		return
	}
	if w.answers == "nothing" {
		w.impatient(c)
		return
	}
	w.serviceOf(c)
}

// serviceAgain has the client of the last step make another request.
func (w *world) serviceAgain() {
	if w.last != nil {
		w.serviceOf(w.last)
	}
}

func (w *world) serviceOf(c *modelClient) {
	w.note("of %s in %s", c.user, c.project)
	if c.reauth && w.banned == w.person {
		w.note("-> not asked: the browser would lead nowhere")
		return
	}
	c.trusts = c.trusts || w.refuses
	before, opened := c.Token(), w.opened.Load()
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	err := use(ctx, c.ProviderClient)
	// A newer token from the cache is used without a question to Keystone. If that one is
	// dead as well, the next request finds it out, or the one after it if Keystone fails then.
	for tries := 1; err != nil && !w.refuses && w.answers == "" && (tries == 1 || tries == 2 && w.failsOnce); tries++ {
		err = use(ctx, c.ProviderClient)
	}
	used := w.opened.Load() > opened
	w.note("-> %v", err)
	if ctx.Err() != nil {
		w.fail("got no end")
	}
	w.stays(c)
	if err == nil && w.answers == "" && !w.valid(c.Token()) {
		w.fail("got a token that Keystone does not know, want a valid one")
	}
	switch {
	case used && w.refuses && w.usable(c.cache) && w.user == c.user:
		w.fail("got a browser for a service that refuses every token")
	case err == nil || c.trusts || w.answers != "":
	case c.reauth && w.person == c.user:
		w.fail("got error %v, want a new sign-in of %s", err, c.user)
	case w.usable(c.cache) && w.user == c.user:
		w.fail("got error %v, want a new token from the cached sign-in", err)
	}
	switch {
	case !used || w.answers != "":
	case !w.valid(c.Token()):
		c.reauth = false // another user signed in
	default:
		w.learn(c.cache, c.user)
	}
	if (c.Token() != before || err != nil) && w.answers == "" { // an outage loses nothing
		delete(w.scoped, c.project)
	}
}

// valid asks Keystone whether it knows a token.
func (w *world) valid(token string) bool {
	status := validate(w.t, w.ks, token)
	if status == http.StatusServiceUnavailable {
		status = validate(w.t, w.ks, token)
	}
	return status == http.StatusOK
}

// stays checks that a program has not become another user.
func (w *world) stays(c *modelClient) {
	if got := userOf(w.t, c.ProviderClient); got != c.user {
		w.fail("got a program that became %s, want %s", got, c.user)
	}
}

// impatient has a client make a request that doesn't wait for a Keystone that is stuck.
func (w *world) impatient(c *modelClient) {
	if c.reauth && (!w.usable(c.cache) || w.user != c.user) {
		return // it would open a browser, and wait for Timeout
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 50*time.Millisecond)
	defer cancel()
	w.note("of %s in %s -> %v", c.user, c.project, use(ctx, c.ProviderClient))
	w.stays(c)
	c.hasty, c.trusts = true, c.trusts || w.refuses
}

// canceledService has requests that end while the user is at the browser, or earlier. That
// must neither end the sign-in nor the browser for the client: another request waits for
// the same sign-in.
func (w *world) canceledService() {
	c := w.client()
	if c == nil || w.answers != "" || c.reauth && (w.person != c.user || w.banned == w.person) {
		return
	}
	if w.rng.IntN(2) == 0 {
		w.revokeAll()
		w.note("with every token dead,")
	}
	w.note("of %s in %s", c.user, c.project)
	opened := w.opened.Load()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	var short sync.WaitGroup
	begun := func() {
		cancel()
		short.Wait()
	}
	w.begun.Store(&begun)
	for range 2 {
		short.Go(func() { _ = use(ctx, c.ProviderClient) })
	}
	if w.rng.IntN(3) == 0 {
		cancel()
	}
	short.Wait()
	w.begun.Store(nil)
	w.settle(c, opened)
}

// settle has a client make a request, which waits for what earlier ones began, and learns
// only who the client is.
func (w *world) settle(c *modelClient, opened int32) {
	if c.reauth && w.banned == w.person {
		return // the browser would lead nowhere
	}
	c.trusts = c.trusts || w.refuses
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	_ = use(ctx, c.ProviderClient)
	w.stays(c)
	if w.opened.Load() > opened && w.answers == "" {
		if w.valid(c.Token()) {
			w.learn(c.cache, c.user)
		} else {
			c.reauth = false // another user signed in
		}
	}
	delete(w.scoped, c.project)
}

// revoke ends the token of a client.
func (w *world) revoke() {
	c := w.client()
	if c == nil {
		return
	}
	w.ks.Revoke(c.Token())
	for name, token := range w.scoped {
		if token == c.Token() {
			delete(w.scoped, name)
		}
	}
}

// revokeAll ends all tokens.
func (w *world) revokeAll() {
	w.ks.RevokeAll()
	w.ended("alice")
	w.ended("bob")
}
