package websso_test

import (
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// trouble is something that makes a sign-in harder for a while.
type trouble struct {
	name       string
	begin, end func()
}

func (w *world) allTroubles() []trouble {
	return []trouble{
		{"directory open to others", w.openDirectory, w.closeDirectory},
		{"sign-in that can't be written", func() { w.openDirectory(); c, _ := w.pick(); w.signIn(c) }, w.closeDirectory},
		{"dropped writes", w.dropWrites, w.keepWrites},
		{"dropped writes, with every token dead", func() { w.revokeAll(); w.dropWrites(); w.crowd() }, w.keepWrites},
		{"failing cache", w.failCache, w.endFailing},
		{"failing cache, and a sign-in", func() { w.failCache(); w.signIn(w.current) }, w.endFailing},
		{"service that refuses", func() { w.refuse(true) }, func() { w.refuse(false) }},
		{"disabled user", w.disable, w.enable},
		{"another user at the browser, with every token dead", func() { w.revokeAll(); w.swap() }, w.swap},
		{"slow Keystone", func() { w.delay(10 * time.Millisecond) }, func() { w.delay(0) }},
		{"Keystone that fails once", w.answerLate, func() { w.answer("") }},
		{"Keystone that is stuck", func() { w.revoke(); w.answer("nothing") }, func() { w.answer("") }},
		{"foreign answers", w.answerForeign, func() { w.answer("") }},
		{"foreign answers and a dead token", func() { w.revoke(); w.answerForeign() }, func() { w.answer("") }},
		{"outage with every token dead", func() { w.revokeAll(); w.answer("502") }, func() { w.answer("") }},
		{"outage of all", func() { w.refuse(true); w.answer("502") }, func() { w.refuse(false); w.answer("") }},
	}
}

// answerForeign has an ingress, a proxy or another site answer in the place of Keystone.
func (w *world) answerForeign() {
	all := []string{"502", "404 page", "401 page", "404 JSON", "401 JSON"}
	w.answer(all[w.rng.IntN(len(all))])
}

// answerLate has Keystone fail when it is first asked about a token.
func (w *world) answerLate() {
	w.answer("")
	w.failsOnce = true
	var mu sync.Mutex
	asked := make(map[string]bool)
	intercept(w.ks, func(r *http.Request) http.Handler {
		if r.Method != http.MethodGet || r.URL.Path != "/v3/auth/tokens" {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		token := r.Header.Get("X-Subject-Token")
		if asked[token] {
			return nil
		}
		asked[token] = true
		return webssotest.Quirks{}.ForeignHTML(http.StatusServiceUnavailable)
	})
}

// answer has something else answer in the place of Keystone.
func (w *world) answer(what string) {
	if w.hang != nil {
		close(w.hang)
		w.hang = nil
	}
	stuck := w.answers == "nothing"
	w.answers, w.failsOnce = what, false
	handler := map[string]http.Handler{
		"502": webssotest.Quirks{}.ForeignHTML(502), "404 page": webssotest.Quirks{}.ForeignHTML(404), "401 page": webssotest.Quirks{}.ForeignHTML(401),
		"404 JSON": webssotest.Quirks{}.ForeignJSON(404), "401 JSON": webssotest.Quirks{}.ForeignJSON(401),
	}[what]
	if what == "nothing" {
		handler = w.noAnswer()
	}
	w.ks.Configure(func(c *webssotest.Config) {
		c.Intercept = nil
		if handler == nil {
			return
		}
		c.Intercept = func(r *http.Request) http.Handler {
			if r.URL.Path == "/v3/auth/tokens" || r.URL.Path == "/v3/auth/projects" {
				return handler
			}
			return nil
		}
	})
	if !stuck {
		return
	}
	// Requests that gave up have begun renewals, which end now.
	for _, c := range w.clients {
		if c.hasty {
			c.hasty = false
			w.ks.ResetRequests()
			w.settle(c, w.opened.Load())
		}
	}
}

// noAnswer answers when the trouble ends, with an error.
func (w *world) noAnswer() http.Handler {
	hang := make(chan struct{})
	w.hang = hang
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		// net/http notices that a client goes away only once the body has been read.
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-hang:
		case <-r.Context().Done():
		}
		webssotest.Quirks{}.ForeignHTML(http.StatusGatewayTimeout).ServeHTTP(rw, r)
	})
}

func (w *world) delay(d time.Duration) {
	w.ks.Configure(func(c *webssotest.Config) { c.Delay = func(*http.Request) time.Duration { return d } })
}

// refuse has the service refuse every token, or no longer.
func (w *world) refuse(all bool) {
	w.refuses = all
	w.ks.Configure(func(c *webssotest.Config) { c.Quirks.ComputeRefuses = all })
	if !all {
		// They take their tokens for valid for a while, whatever happens.
		w.clients = slices.DeleteFunc(w.clients, func(c *modelClient) bool { return c.trusts })
		if w.last != nil && w.last.trusts {
			w.last = nil
		}
	}
}

// disable has Keystone refuse a user, whose tokens end for good.
func (w *world) disable() {
	if w.banned != "" {
		return
	}
	w.banned = []string{"alice", "bob"}[w.rng.IntN(2)]
	w.note("%s", w.banned)
	w.ks.DisableUser(w.banned)
	w.ended(w.banned)
}

func (w *world) enable() {
	w.ks.Configure(func(c *webssotest.Config) { c.Quirks.EnableUser(w.banned) })
	w.banned = ""
}

// openDirectory opens the cache directory to others.
func (w *world) openDirectory() {
	if os.Chmod(w.dir, 0o755) == nil {
		w.open, w.blind = true, true
	}
}

func (w *world) closeDirectory() {
	if !w.open {
		return
	}
	must(w.t, os.Chmod(w.dir, 0o700))
	w.open = false
	w.writeAgain(true)
}

// writeAgain has processes that can write again. alone is whether nobody else could write
// meanwhile.
func (w *world) writeAgain(alone bool) {
	var unsaved, later []unsavedSignIn
	for _, s := range w.unsaved {
		if w.writable(s.owner) {
			unsaved = append(unsaved, s)
		} else {
			later = append(later, s)
		}
	}
	w.unsaved = later
	// What another process has kept since an earlier trouble may be newer to it.
	another := func(c *modelCache) bool { return c.keeps && c != unsaved[0].owner }
	if alone && len(unsaved) == 1 && len(later) == 0 && w.rng.IntN(3) == 0 && !slices.ContainsFunc(w.processes, another) {
		w.saved(unsaved[0])
		return
	}
	// What a process could not write, it may write now, unless somebody signs in elsewhere.
	w.known = false
	clear(w.scoped)
	if len(unsaved) == 1 && w.rng.IntN(2) == 0 {
		w.swap()
		for w.current == unsaved[0].owner {
			w.current = w.processes[w.rng.IntN(len(w.processes))]
		}
		w.signIn(w.current)
	}
}

// saved waits for a process to write what it could not.
func (w *world) saved(s unsavedSignIn) {
	other := websso.NewFileCache(w.dir)
	opts := w.options(s.owner, "demo")
	w.knowledge = s.knowledge
	poll(w.t, func() bool {
		own, err := websso.Status(opts)
		if err != nil {
			w.known = false // it has found the sign-in dead
			return true
		}
		onDisk := opts
		onDisk.Cache = other
		got, err := websso.Status(onDisk)
		return err == nil && got.ExpiresAt.Equal(own.ExpiresAt)
	})
	s.owner.keeps = false
	w.note("-> process %d has written the sign-in of %s", slices.Index(w.processes, s.owner), s.user)
}

func (w *world) dropWrites() {
	c, _ := w.pick()
	c.drops = true
	w.note("of process %d", slices.Index(w.processes, c))
}

func (w *world) keepWrites() {
	for _, c := range w.processes {
		c.drops = false
	}
}

func (w *world) failCache() {
	c, _ := w.pick()
	c.fails, w.blind = true, true
	w.note("of process %d", slices.Index(w.processes, c))
}

// endFailing has the processes work again whose cache failed, or start anew.
func (w *world) endFailing() {
	writes := false
	for _, c := range slices.Clone(w.processes) {
		switch {
		case c.fails && w.rng.IntN(2) == 0:
			w.restart(c)
		case c.fails:
			c.fails, writes = false, true
		}
	}
	if writes { // once: each time may be a sign-in
		w.writeAgain(false)
	}
}

// restart has a process end, with its clients, and another one take its place.
func (w *world) restart(c *modelCache) {
	next := &modelCache{Cache: websso.NewFileCache(w.dir)}
	w.processes[slices.Index(w.processes, c)] = next
	w.clients = slices.DeleteFunc(w.clients, func(m *modelClient) bool { return m.cache == c })
	w.unsaved = slices.DeleteFunc(w.unsaved, func(s unsavedSignIn) bool { return s.owner == c })
	if w.last != nil && w.last.cache == c {
		w.last = nil
	}
	if w.current == c {
		w.current = next
	}
}

// stepClock sets Keystone's clock. What ends by it ends for good.
func (w *world) stepClock() {
	w.clock += []time.Duration{-3 * time.Hour, -25 * time.Minute, 25 * time.Minute, 3 * time.Hour}[w.rng.IntN(4)]
	w.note("is ahead by %s", w.clock)
	w.ks.Configure(func(c *webssotest.Config) { c.ClockSkew = w.clock })
	late := w.clock-w.since >= modelLifetime
	for _, s := range w.unsaved {
		late = late || w.clock-s.since >= modelLifetime
	}
	if late {
		w.revokeAll()
	}
}
