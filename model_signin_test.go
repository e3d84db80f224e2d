package websso_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud/gophercloud/v2"
)

// options returns those of a call by a process.
func (w *world) options(c *modelCache, projectName string) websso.AuthOptions {
	opts := w.base
	opts.Cache, opts.Scope, opts.OpenURL = c, project(projectName), w.browser
	return opts
}

// authenticate has a process sign in a new client.
func (w *world) authenticate() {
	c, name := w.pick()
	opts := w.options(c, name)
	opts.AllowReauth = w.rng.IntN(4) > 0
	// Nobody signs in while that leads nowhere: that is another test's.
	opts.NonInteractive = w.rng.IntN(3) == 0 || !w.canSignIn()
	opts.ForceLogin = !opts.NonInteractive && w.rng.IntN(8) == 0
	w.authenticateWith(c, name, opts)
}

// processAgain has the process of the last step sign in without a browser, in the project
// of the last client.
func (w *world) processAgain() {
	c, name := w.pick()
	if w.last != nil {
		c, name = w.last.cache, w.last.project
	}
	opts := w.options(c, name)
	opts.NonInteractive = true
	w.authenticateWith(c, name, opts)
}

// swap has the other user come to the browser.
func (w *world) swap() {
	w.person = map[string]string{"alice": "bob", "bob": "alice"}[w.person]
	w.note("-> %s is at the browser", w.person)
}

// anotherUser has the other user come to the browser, and perhaps sign in.
func (w *world) anotherUser() {
	w.swap()
	if w.rng.IntN(3) > 0 {
		c, _ := w.pick()
		w.signIn(c)
	}
}

// signIn has the user at the browser sign in, whoever was.
func (w *world) signIn(c *modelCache) {
	if !w.canSignIn() {
		return
	}
	_, name := w.pick()
	opts := w.options(c, name)
	opts.ForceLogin = true
	w.authenticateWith(c, name, opts)
}

func (w *world) authenticateWith(c *modelCache, name string, opts websso.AuthOptions) {
	within := stepLimit
	if w.answers == "nothing" {
		opts.Timeout, within = 50*time.Millisecond, stepLimit/6
	}
	w.note("%s by process %d, non-interactive %t, forced %t", name, slices.Index(w.processes, c), opts.NonInteractive, opts.ForceLogin)
	client, wire := w.newClient()
	ctx, cancel := context.WithTimeout(w.t.Context(), within)
	defer cancel()
	opened := w.opened.Load()
	err := websso.Authenticate(ctx, client, opts)
	used := w.opened.Load() > opened
	usable := w.usable(c) && !opts.ForceLogin
	warm := usable && w.scoped[name] != ""
	switch {
	case err == nil:
	case ctx.Err() != nil:
		w.fail("got error %v, want an end before", err)
	case warm:
		w.fail("got error %v, want the cached token", err)
	case !opts.NonInteractive:
		w.fail("got error %v, want a sign-in", err)
	case usable && errors.Is(err, websso.ErrLoginRequired):
		w.fail("got error %v, want the cached sign-in of %s to count", err, w.user)
	case usable && w.answers == "nothing" && !errors.Is(err, websso.ErrTimeout):
		w.fail("got error %v, want ErrTimeout", err)
	case usable && w.answers == "":
		w.fail("got error %v, want the cached sign-in of %s", err, w.user)
	case c.fails && !c.keeps && !errors.Is(err, errFailing):
		w.fail("got error %v, want that of the cache", err)
	}
	if err != nil {
		w.note("-> error")
		return
	}
	user := userOf(w.t, client)
	w.note("-> %s", user)
	switch {
	case used && user != w.person:
		w.fail("got %s, want %s, who signed in", user, w.person)
	case !used && w.known && w.readable(c) && user != w.user:
		w.fail("got %s, want %s, whose sign-in is cached", user, w.user)
	case used && usable:
		w.fail("got a browser, want the cached sign-in of %s", w.user)
	case warm && len(w.ks.APIRequests()) > 0:
		w.fail("got requests %v, want the cached token", w.ks.APIRequests())
	}
	if used {
		w.learn(c, user)
	}
	w.learnScoped(c, name, client)
	if w.answers == "nothing" {
		return // it would have too little time for the rest of its life
	}
	w.last = &modelClient{ProviderClient: client, wire: wire, cache: c, user: user, project: name, reauth: opts.AllowReauth && !opts.NonInteractive}
	w.clients = append(w.clients, w.last)
}

// learnScoped records the token that a new client has.
func (w *world) learnScoped(c *modelCache, name string, client *gophercloud.ProviderClient) {
	if w.known && w.writable(c) {
		w.scoped[name] = client.Token()
	}
}

// crowd has several goroutines of a process sign in at once. They share one browser and,
// if it can be cached, one token.
func (w *world) crowd() {
	if w.answers != "" {
		return
	}
	c, name := w.pick()
	opts := w.options(c, name)
	opts.NonInteractive = !w.canSignIn()
	w.note("%s by process %d, non-interactive %t", name, slices.Index(w.processes, c), opts.NonInteractive)
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	const n = 3
	var clients [n]*gophercloud.ProviderClient
	var errs [n]error
	var all sync.WaitGroup
	opened := w.opened.Load()
	for i := range n {
		clients[i], _ = w.newClient()
		all.Go(func() { errs[i] = websso.Authenticate(ctx, clients[i], opts) })
	}
	all.Wait()
	used := w.opened.Load() > opened
	for i, err := range errs {
		switch {
		case err != nil && (!opts.NonInteractive || w.usable(c)):
			w.fail("got error %v, want none", err)
		case err == nil && userOf(w.t, clients[i]) != userOf(w.t, clients[0]):
			w.fail("got users %s and %s, want one", userOf(w.t, clients[i]), userOf(w.t, clients[0]))
		}
	}
	if got := posts(w.ks.APIRequests()); got > 1 && w.usable(c) && w.writable(c) {
		w.fail("got %d requests for a token, want 1", got)
	}
	if errs[0] != nil {
		return
	}
	if used {
		w.learn(c, userOf(w.t, clients[0]))
	}
	w.learnScoped(c, name, clients[0])
}

// status asks who is signed in.
func (w *world) status() {
	c, name := w.pick()
	s, err := websso.Status(w.options(c, name))
	switch {
	case c.fails && !c.keeps && !errors.Is(err, errFailing):
		w.fail("got error %v, want that of the cache", err)
	case !w.readable(c) || !w.known:
	case err == nil && s.UserName != w.user:
		w.fail("got %s, want %s", s.UserName, w.user)
	case w.alive && err != nil:
		w.fail("got error %v, want %s", err, w.user)
	}
	all, unlisted := websso.SignIns(c)
	if signedIn := err == nil; unlisted == nil && w.readable(c) && (signedIn != (len(all) == 1) || signedIn && all[0].UserName != s.UserName) {
		w.fail("got sign-ins %+v, want what status says: %+v, %v", all, s, err)
	}
	// The renewal that a request began and did not wait for may ask a Keystone that is stuck.
	if len(w.ks.APIRequests()) > 0 && w.answers != "nothing" {
		w.fail("got requests %v, want none", w.ks.APIRequests())
	}
}

// logout signs out, of what was signed in without verification as well.
func (w *world) logout() {
	c, name := w.pick()
	if w.answers != "" || !w.writable(c) {
		return
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	tokens := make(map[string]string)
	for project, token := range w.scoped {
		tokens[project] = token
	}
	if w.canSignIn() && w.rng.IntN(2) == 0 {
		insecure := unverified(w.t, w.ks)
		if err := websso.Authenticate(ctx, insecure, w.options(c, name)); err != nil {
			w.fail("got error %v, want a sign-in without verification", err)
		}
		tokens["unverified"] = insecure.Token()
	}
	client, _ := w.newClient()
	if err := websso.Logout(ctx, client, w.options(c, name)); err != nil {
		w.fail("got error %v, want a sign-out", err)
	}
	for name, token := range tokens {
		if w.valid(token) {
			w.fail("got a token (%s) that lives, want it revoked", name)
		}
	}
	if found := tokenOnDisk(w.t, w.dir); w.known && !w.blind && found != "" {
		w.fail("got a token in the cache, want none: %.600s", found)
	}
	w.knowledge = knowledge{known: true, scoped: make(map[string]string)}
	if w.blind {
		for _, p := range slices.Clone(w.processes) {
			w.restart(p) // what one could not write ends with its process
		}
	}
}
