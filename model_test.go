package websso_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// modelTime is how long TestModel runs schedules, the same ones each time.
// WEBSSO_MODEL_TIME runs others for as long as it says, and WEBSSO_MODEL_SEED runs one
// again.
const modelTime = 10 * time.Second

const (
	scheduleSteps = 40
	stepLimit     = 15 * time.Second // a step that takes longer is stuck
	stepRequests  = 12               // more requests than any step needs
)

// TestModel runs random schedules of what happens to sign-ins, over several processes'
// worth of caches and clients, and checks each step against a model: never another user, no
// dead token taken again, a bounded number of requests and browsers, no sign-in lost, and
// nothing left after a Logout.
func TestModel(t *testing.T) {
	t.Parallel()
	if seed, err := strconv.ParseUint(os.Getenv("WEBSSO_MODEL_SEED"), 10, 64); err == nil {
		newWorld(t, seed).run()
		return
	}
	length, first := modelTime, uint64(0)
	if d, err := time.ParseDuration(os.Getenv("WEBSSO_MODEL_TIME")); err == nil {
		length, first = d, rand.Uint64()
	}
	end := time.Now().Add(length)
	for seed := first; time.Now().Before(end) && !t.Failed(); seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { newWorld(t, seed).run() })
	}
}

// world is a cloud, its users, and the processes of one of them.
type world struct {
	t    *testing.T
	seed uint64
	rng  *rand.Rand
	ks   *webssotest.Keystone
	base websso.AuthOptions
	dir  string
	log  []string

	processes []*modelCache
	clients   []*modelClient
	person    string // who sits at the browser
	trouble   string // what answers in the place of Keystone, or ""
	open      bool   // the cache directory is open to others, so that it is refused
	blind     bool   // the index of the scopes was written without reading it first
	refuses   bool   // the service refuses every token
	opened    int    // browsers

	// What is known of the cache.
	known  bool
	user   string            // of the cached sign-in
	alive  bool              // whether Keystone takes it
	scoped map[string]string // the valid token that is cached for a project
}

// modelCache is the cache of one process. It can drop writes, as one on a read-only home
// that tells nobody.
type modelCache struct {
	websso.Cache
	drops bool
}

func (c *modelCache) Set(key, value string) error {
	if c.drops {
		return nil
	}
	return c.Cache.Set(key, value)
}

func (c *modelCache) Delete(key string) error {
	if c.drops {
		return nil
	}
	return c.Cache.Delete(key)
}

// Get returns tokens that look an hour old: a young one is asked about before it is taken
// for dead.
func (c *modelCache) Get(key string) (string, error) { return aged{c.Cache}.Get(key) }

// modelClient is a client that a process has signed in.
type modelClient struct {
	*gophercloud.ProviderClient
	cache   *modelCache
	user    string
	project string
	reauth  bool // AllowReauth, and nothing has ended it
	trusts  bool // Keystone has called its token valid, which counts for 30 seconds
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)),
		ks: webssotest.NewKeystone(t), dir: filepath.Join(t.TempDir(), "cache"),
		person: "alice", scoped: make(map[string]string), known: true,
	}
	for _, u := range w.ks.Users() {
		if u.Name == "bob" {
			u.Projects = []webssotest.Project{w.ks.Project("demo"), w.ks.Project("lab")}
			w.ks.SetUser(u)
		}
	}
	// A clock that steps later would end the tokens for good.
	skew := []time.Duration{0, 0, 3 * time.Hour, -3 * time.Hour}[w.rng.IntN(4)]
	w.ks.Configure(func(c *webssotest.Config) { c.ClockSkew = skew })
	w.log = append(w.log, "the server's clock is ahead by "+skew.String())
	w.base = w.ks.AuthOptions()
	w.base.Timeout = stepLimit / 2
	w.base.Output = &webssotest.Terminal{}
	for range 3 {
		w.processes = append(w.processes, &modelCache{Cache: websso.NewFileCache(w.dir)})
	}
	return w
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\nafter these steps (WEBSSO_MODEL_SEED=%d runs them again):\n  %s", fmt.Sprintf(format, args...), w.seed, strings.Join(w.log, "\n  "))
}

// run takes the steps of one schedule.
func (w *world) run() {
	steps := []struct {
		weight int
		name   string
		do     func()
	}{
		{8, "authenticate", w.authenticate},
		{10, "service", w.service},
		{2, "canceled service", w.canceledService},
		{2, "revoke a token", w.revoke},
		{1, "revoke all", w.revokeAll},
		{2, "outage", w.outage},
		{1, "logout", w.logout},
		{2, "status", w.status},
		{2, "another person", w.anotherPerson},
		{4, "trouble", w.changeTrouble},
		{2, "cache directory", w.changeDirectory},
		{1, "dropped writes", w.changeDrops},
		{1, "service refuses", w.changeRefuses},
	}
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	for range scheduleSteps {
		n := w.rng.IntN(total)
		for _, s := range steps {
			if n -= s.weight; n < 0 {
				w.log = append(w.log, s.name)
				w.step(s.do)
				break
			}
		}
	}
	w.settle()
	w.logout()
}

// step does one thing and checks what it cost.
func (w *world) step(do func()) {
	w.ks.ResetRequests()
	opened, began := w.opened, time.Now()
	do()
	if n := len(w.ks.APIRequests()); n > stepRequests {
		w.fail("got %d requests, want at most %d: %v", n, stepRequests, w.ks.APIRequests())
	}
	if w.opened > opened+1 {
		w.fail("got %d browsers, want at most 1", w.opened-opened)
	}
	if time.Since(began) > stepLimit {
		w.fail("got a step of %s, want one that ends", time.Since(began))
	}
}

// note adds to the last line of the log.
func (w *world) note(format string, args ...any) {
	w.log[len(w.log)-1] += " " + fmt.Sprintf(format, args...)
}

// healthy reports whether cache and Keystone work.
func (w *world) healthy(c *modelCache) bool { return w.trouble == "" && w.writable(c) }

func (w *world) writable(c *modelCache) bool { return !w.open && !c.drops }

// browser signs in the user at the browser.
func (w *world) browser(url string) error {
	w.opened++
	return browserOf(w.ks, w.person).Open(url)
}

// options returns those of a call by a process.
func (w *world) options(c *modelCache, projectName string) websso.AuthOptions {
	opts := w.base
	opts.Cache, opts.Scope, opts.OpenURL = c, project(projectName), w.browser
	return opts
}

func (w *world) pick() (*modelCache, string) {
	return w.processes[w.rng.IntN(len(w.processes))], []string{"demo", "lab"}[w.rng.IntN(2)]
}

// learn records that a sign-in by the browser is cached, or that nobody knows.
func (w *world) learn(c *modelCache, user string) {
	w.known, w.user, w.alive = w.writable(c), user, true
	clear(w.scoped)
}

func (w *world) authenticate() {
	c, name := w.pick()
	opts := w.options(c, name)
	opts.AllowReauth = w.rng.IntN(2) == 0
	// Under trouble nobody signs in: that is another test's.
	opts.NonInteractive = w.trouble != "" || w.rng.IntN(3) == 0
	opts.ForceLogin = !opts.NonInteractive && w.rng.IntN(6) == 0
	w.note("%s, non-interactive %t, forced %t", name, opts.NonInteractive, opts.ForceLogin)
	client := newClient(w.t, w.ks)
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	opened := w.opened
	err := websso.Authenticate(ctx, client, opts)
	used := w.opened > opened
	warm := w.known && w.alive && !w.open && w.scoped[name] != "" && !opts.ForceLogin
	switch {
	case err == nil:
	case ctx.Err() != nil:
		w.fail("got %v, want an end", err)
	case warm:
		w.fail("got error %v, want the cached token", err)
	case w.known && w.alive && !w.open && errors.Is(err, websso.ErrLoginRequired):
		w.fail("got error %v, want the cached sign-in of %s to count", err, w.user)
	case w.healthy(c) && !opts.NonInteractive:
		w.fail("got error %v, want a sign-in", err)
	case errors.Is(err, websso.ErrLoginRequired) && w.trouble == "" && w.known:
		w.alive = false // and now it is forgotten
	}
	if err != nil {
		return
	}
	user := userOf(w.t, client)
	w.note("-> %s", user)
	switch {
	case used && user != w.person:
		w.fail("got %s, want %s, who signed in", user, w.person)
	case !used && w.known && !w.open && user != w.user:
		w.fail("got %s, want %s, whose sign-in is cached", user, w.user)
	case used && !opts.ForceLogin && w.known && w.alive && !w.open:
		w.fail("got a browser, want the cached sign-in of %s", w.user)
	case warm && len(w.ks.APIRequests()) > 0:
		w.fail("got requests %v, want the cached token", w.ks.APIRequests())
	}
	if used {
		w.learn(c, user)
	}
	if w.known && w.writable(c) {
		w.scoped[name] = client.Token()
	} else {
		delete(w.scoped, name)
	}
	w.clients = append(w.clients, &modelClient{ProviderClient: client, cache: c, user: user, project: name, reauth: opts.AllowReauth && !opts.NonInteractive})
}

// client returns one of the clients, or nil.
func (w *world) client() *modelClient {
	if len(w.clients) == 0 {
		return nil
	}
	return w.clients[w.rng.IntN(len(w.clients))]
}

func (w *world) service() {
	if c := w.client(); c != nil {
		w.serviceOf(c)
	}
}

// outage ends every token and has a client meet that while Keystone is down. When it is up
// again, the client gets a new token as if nothing had been.
func (w *world) outage() {
	c := w.client()
	if c == nil || w.trouble != "" {
		return
	}
	w.revokeAll()
	w.setTrouble("502")
	w.serviceOf(c)
	w.setTrouble("")
	w.ks.ResetRequests()
	w.serviceOf(c)
}

// serviceOf has a client make a request to a service.
func (w *world) serviceOf(c *modelClient) {
	w.note("of %s in %s", c.user, c.project)
	c.trusts = c.trusts || w.refuses
	before, opened := c.Token(), w.opened
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	err := listWith(ctx, c.ProviderClient)
	if err != nil && !w.refuses && w.trouble == "" {
		// A newer token from the cache is used without a question to Keystone. If that
		// one is dead as well, the next request finds it out.
		err = listWith(ctx, c.ProviderClient)
	}
	used := w.opened > opened
	w.note("-> %v", err)
	if ctx.Err() != nil {
		w.fail("got no end")
	}
	if got := userOf(w.t, c.ProviderClient); got != c.user {
		w.fail("got a program that became %s, want %s", got, c.user)
	}
	if err == nil && w.trouble == "" && validate(w.t, w.ks, c.Token()) != http.StatusOK {
		w.fail("got a token that Keystone does not know, want a valid one")
	}
	switch {
	case used && w.refuses && w.known && w.alive && !w.open && w.user == c.user:
		w.fail("got a browser for a service that refuses every token")
	case err == nil || c.trusts || w.trouble != "":
	case c.reauth && w.person == c.user:
		w.fail("got error %v, want a new sign-in of %s", err, c.user)
	case w.known && w.alive && !w.open && w.user == c.user:
		w.fail("got error %v, want a new token from the cached sign-in", err)
	}
	switch {
	case !used || w.trouble != "":
	case c.Token() == before:
		c.reauth = false // somebody else signed in
	default:
		w.learn(c.cache, c.user)
	}
	if c.Token() != before || err != nil {
		if w.trouble == "" { // an outage loses nothing
			delete(w.scoped, c.project)
		}
	}
}

// canceledService has a request that ends at once. That must not end the browser for the
// client.
func (w *world) canceledService() {
	c := w.client()
	if c == nil || c.reauth && (w.trouble != "" || w.person != c.user) {
		return
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = listWith(ctx, c.ProviderClient) }()
	cancel()
	<-ended
	// What it began goes on. The next request waits for it.
	c.trusts = c.trusts || w.refuses
	w.service2(c)
}

// service2 makes a request and learns nothing but who the client is.
func (w *world) service2(c *modelClient) {
	opened := w.opened
	_ = listWith(w.t.Context(), c.ProviderClient)
	if got := userOf(w.t, c.ProviderClient); got != c.user {
		w.fail("got a program that became %s, want %s", got, c.user)
	}
	if w.opened > opened {
		w.learn(c.cache, c.user)
	}
	delete(w.scoped, c.project)
}

func (w *world) revoke() {
	if c := w.client(); c != nil {
		w.ks.Revoke(c.Token())
		for name, token := range w.scoped {
			if token == c.Token() {
				delete(w.scoped, name)
			}
		}
	}
}

func (w *world) revokeAll() {
	w.ks.RevokeAll()
	w.alive = false
	clear(w.scoped)
}

func (w *world) logout() {
	c, name := w.pick()
	if !w.healthy(c) {
		return
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), stepLimit)
	defer cancel()
	if err := websso.Logout(ctx, newClient(w.t, w.ks), w.options(c, name)); err != nil {
		w.fail("got error %v, want a sign-out", err)
	}
	for name, token := range w.scoped {
		if validate(w.t, w.ks, token) == http.StatusOK {
			w.fail("got a token of %s that lives, want it revoked", name)
		}
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		w.fail("got error %v", err)
	}
	if w.known && !w.blind {
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil && strings.Contains(string(content), `"token":"`) {
				w.fail("got a token in the cache, want none: %.600s", content)
			}
		}
	}
	w.known, w.user, w.alive = true, "", false
	clear(w.scoped)
	for _, p := range w.processes {
		p.Cache = websso.NewFileCache(w.dir) // what one could not write ends with its process
	}
}

func (w *world) status() {
	c, name := w.pick()
	s, err := websso.Status(w.options(c, name))
	switch {
	case w.open || !w.known:
	case err == nil && s.UserName != w.user:
		w.fail("got %s, want %s", s.UserName, w.user)
	case w.alive && err != nil:
		w.fail("got error %v, want %s", err, w.user)
	}
	if len(w.ks.APIRequests()) > 0 {
		w.fail("got requests %v, want none", w.ks.APIRequests())
	}
}

func (w *world) anotherPerson() {
	w.person = map[string]string{"alice": "bob", "bob": "alice"}[w.person]
	w.note("%s", w.person)
}

func (w *world) changeTrouble() {
	names := []string{"", "", "502", "404 page", "401 page", "404 JSON", "slow"}
	w.setTrouble(names[w.rng.IntN(len(names))])
}

func (w *world) setTrouble(name string) {
	w.trouble = name
	w.note("%q", w.trouble)
	handler := map[string]http.Handler{
		"502": webssotest.ForeignHTML(502), "404 page": webssotest.ForeignHTML(404),
		"401 page": webssotest.ForeignHTML(401), "404 JSON": webssotest.ForeignJSON(404),
	}[w.trouble]
	slow := w.trouble == "slow"
	w.ks.Configure(func(c *webssotest.Config) {
		c.Intercept, c.Delay = nil, nil
		if handler != nil {
			c.Intercept = func(r *http.Request) http.Handler {
				if r.URL.Path == "/v3/auth/tokens" || r.URL.Path == "/v3/auth/projects" {
					return handler
				}
				return nil
			}
		}
		if slow {
			c.Delay = func(*http.Request) time.Duration { return 20 * time.Millisecond }
		}
	})
	if slow {
		w.trouble = "" // it is only slow
	}
}

// changeDirectory opens the cache directory to others, or closes it again.
func (w *world) changeDirectory() {
	if _, err := os.Stat(w.dir); err != nil {
		return
	}
	w.open, w.blind = !w.open, true
	w.note("open %t", w.open)
	mode := os.FileMode(0o700)
	if w.open {
		mode = 0o755
	}
	must(w.t, os.Chmod(w.dir, mode))
	if !w.open {
		// What a process could not write, it may write now.
		w.known = false
		clear(w.scoped)
	}
}

func (w *world) changeDrops() {
	c, _ := w.pick()
	w.setDrops(c, !c.drops)
}

// setDrops makes a process drop writes, or begins a new one that doesn't.
func (w *world) setDrops(c *modelCache, drops bool) {
	if c.drops && !drops {
		c.Cache = websso.NewFileCache(w.dir)
	}
	c.drops = drops
}

func (w *world) changeRefuses() {
	w.refuses = !w.refuses
	w.ks.Configure(func(c *webssotest.Config) { c.ComputeRefuses = w.refuses })
}

// settle ends all trouble, so that the last Logout must leave nothing.
func (w *world) settle() {
	w.log = append(w.log, "settle")
	w.trouble, w.refuses = "", false
	w.ks.Configure(func(c *webssotest.Config) { c.Intercept, c.Delay, c.ComputeRefuses = nil, nil, false })
	if w.open {
		w.changeDirectory()
	}
	for _, p := range w.processes {
		w.setDrops(p, false)
	}
}
