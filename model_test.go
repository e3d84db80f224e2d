package websso_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

const (
	// modelSchedules is how many schedules TestModel runs, the same ones each time.
	// WEBSSO_MODEL_TIME runs others for as long as it says, and WEBSSO_MODEL_SEED runs
	// one again.
	modelSchedules = 28

	modelWorkers  = 4                // schedules at once
	episodes      = 6                // in a schedule
	stepLimit     = 30 * time.Second // a step that takes longer is stuck
	stepRequests  = 16               // more requests than one step needs
	modelLifetime = time.Hour        // of a sign-in
)

// modelProjects are those of the users alice and bob.
var modelProjects = []string{"demo", "lab", "vault"}

// TestModel runs random schedules of what happens to sign-ins, over several processes'
// worth of caches and clients, and checks each step against a model: never another user, no
// dead token asked about again, a bounded number of requests and browsers, no sign-in lost,
// and nothing left after a Logout.
func TestModel(t *testing.T) {
	t.Parallel()
	if seed, err := strconv.ParseUint(os.Getenv("WEBSSO_MODEL_SEED"), 10, 64); err == nil {
		newWorld(t, seed).run()
		return
	}
	schedules := uint64(modelSchedules)
	if runtime.GOOS == "windows" {
		schedules /= 4 // the files of wine, in which it runs, are slow
	}
	first, more := uint64(0), func(n uint64) bool { return n < schedules }
	if length, err := time.ParseDuration(os.Getenv("WEBSSO_MODEL_TIME")); err == nil {
		end := time.Now().Add(length)
		first, more = uint64(rand.Uint32()), func(uint64) bool { return time.Now().Before(end) }
	}
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range modelWorkers {
		workers.Go(func() {
			for n := next.Add(1) - 1; more(n) && !t.Failed(); n = next.Add(1) - 1 {
				t.Run(strconv.FormatUint(first+n, 10), func(t *testing.T) { newWorld(t, first+n).run() })
			}
		})
	}
	workers.Wait()
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

	transport *http.Transport
	terminal  *webssotest.Terminal // of all processes

	actions   []action  // those of this schedule
	troubles  []trouble // those of this schedule
	processes []*modelCache
	clients   []*modelClient
	current   *modelCache  // what the last step was about
	last      *modelClient // what the last step was about

	person  string                 // who sits at the browser
	opened  atomic.Int32           // browsers
	begun   atomic.Pointer[func()] // called when a browser opens
	clock   time.Duration          // how far Keystone's is ahead
	answers string                 // what answers in the place of Keystone, or ""
	hang    chan struct{}          // closed when a Keystone that is stuck answers
	refuses bool                   // the service refuses every token
	banned  string                 // the user whom Keystone has disabled, or ""
	open    bool                   // the cache directory is open to others, so that it is refused
	blind   bool                   // the index of the scopes was written without reading it first
	unsaved []unsavedSignIn

	failsOnce bool // Keystone, when it is first asked about a token

	knowledge
}

// unsavedSignIn is in the memory of a process that could not write it.
type unsavedSignIn struct {
	owner *modelCache
	knowledge
}

// knowledge is what the model knows of the sign-in that the processes share.
type knowledge struct {
	known  bool
	user   string            // whose it is, or ""
	alive  bool              // whether Keystone takes it
	since  time.Duration     // Keystone's clock when it was made
	scoped map[string]string // the token that is cached for a project
}

// action is something that a process or its user does.
type action struct {
	weight int
	name   string
	do     func()
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)),
		ks: webssotest.NewKeystone(t), dir: filepath.Join(t.TempDir(), "cache"),
		person: "alice", knowledge: knowledge{known: true, scoped: make(map[string]string)},
	}
	for _, u := range w.ks.Users()[:2] {
		u.Projects = nil
		for _, name := range modelProjects {
			u.Projects = append(u.Projects, w.ks.Project(name))
		}
		w.ks.SetUser(u)
	}
	w.clock = []time.Duration{0, 0, 3 * time.Hour, -3 * time.Hour}[w.rng.IntN(4)]
	w.log = append(w.log, "Keystone's clock is ahead by "+w.clock.String())
	w.ks.Configure(func(c *webssotest.Config) { c.TokenLifetime, c.ClockSkew = modelLifetime, w.clock })
	// A connection that a client closes stays in the kernel's table for a minute, and a
	// listener reads that table.
	w.transport = &http.Transport{TLSClientConfig: w.ks.TLSConfig()}
	t.Cleanup(w.transport.CloseIdleConnections)
	w.base = w.ks.AuthOptions()
	w.base.Timeout = stepLimit / 2
	w.terminal = &webssotest.Terminal{}
	w.base.Output = w.terminal
	for range 2 + w.rng.IntN(2) {
		w.processes = append(w.processes, &modelCache{Cache: websso.NewFileCache(w.dir)})
	}
	w.choose()
	return w
}

// choose picks what can happen in this schedule. A schedule of few kinds of things goes
// deeper into how those meet than one of all kinds.
func (w *world) choose() {
	w.actions = []action{
		{6, "authenticate", w.authenticate},
		{6, "service", w.service},
		{3, "many sign in", w.crowd},
		{3, "canceled service", w.canceledService},
	}
	for _, a := range []action{
		{4, "another user", w.anotherUser},
		{3, "revoke a token", w.revoke},
		{2, "revoke all", w.revokeAll},
		{1, "logout", w.logout},
		{2, "status", w.status},
		{1, "clock", w.stepClock},
	} {
		if w.rng.IntN(2) == 0 {
			w.actions = append(w.actions, a)
		}
	}
	all := w.allTroubles()
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	w.troubles = all[:2+w.rng.IntN(2)]
}

// run takes the steps of one schedule: troubles come and go, alone or two at a time, and
// life goes on.
func (w *world) run() {
	for range 2 {
		w.step("authenticate", w.authenticate)
	}
	for range episodes {
		some := w.rng.Perm(len(w.troubles))[:1+w.rng.IntN(2)]
		for _, i := range some {
			w.step("begin "+w.troubles[i].name, w.troubles[i].begin)
		}
		w.step("authenticate", w.authenticate)
		w.act(w.rng.IntN(2))
		w.step("service", w.service)
		for _, i := range some {
			w.step("end "+w.troubles[i].name, w.troubles[i].end)
		}
		w.step("service again", w.serviceAgain)
		w.step("process again", w.processAgain)
		w.act(1 + w.rng.IntN(3))
	}
	w.step("logout", w.logout)
}

// act takes n steps.
func (w *world) act(n int) {
	total := 0
	for _, a := range w.actions {
		total += a.weight
	}
	for range n {
		left := w.rng.IntN(total)
		for _, a := range w.actions {
			if left -= a.weight; left < 0 {
				w.step(a.name, a.do)
				break
			}
		}
	}
}

// step does one thing and checks what it cost.
func (w *world) step(name string, do func()) {
	w.log = append(w.log, name)
	w.ks.ResetRequests()
	opened, began := w.opened.Load(), time.Now()
	do()
	if n := len(w.ks.APIRequests()); n > stepRequests {
		w.fail("got %d requests, want at most %d: %v", n, stepRequests, w.ks.APIRequests())
	}
	if n := w.opened.Load() - opened; n > 1 {
		w.fail("got %d browsers, want at most 1", n)
	}
	if d := time.Since(began); d > stepLimit {
		w.fail("got a step of %s, want one that ends", d)
	}
	for _, c := range w.clients {
		if again := c.wire.askedAgain(); again != "" {
			w.fail("got the request %s with a token that Keystone had called dead, want no second one", again)
		}
	}
}

// note adds to the last line of the log.
func (w *world) note(format string, args ...any) {
	w.log[len(w.log)-1] += " " + fmt.Sprintf(format, args...)
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\nafter these steps (WEBSSO_MODEL_SEED=%d runs them again):\n  %s", fmt.Sprintf(format, args...), w.seed, strings.Join(w.log, "\n  "))
}

// pick returns one of the processes, and a project. Half of the steps are about what the
// last one was about.
func (w *world) pick() (*modelCache, string) {
	if w.current == nil || w.rng.IntN(2) == 0 {
		w.current = w.processes[w.rng.IntN(len(w.processes))]
	}
	return w.current, modelProjects[w.rng.IntN(len(modelProjects))]
}

// client returns one of the clients, or nil.
func (w *world) client() *modelClient {
	if len(w.clients) == 0 {
		return nil
	}
	if w.last == nil || w.rng.IntN(2) == 0 {
		w.last = w.clients[w.rng.IntN(len(w.clients))]
	}
	return w.last
}

// readable and writable report whether a process can use the cache.
func (w *world) readable(c *modelCache) bool { return !w.open && !c.fails }
func (w *world) writable(c *modelCache) bool { return !w.open && !c.fails && !c.drops }

// usable reports whether the cached sign-in serves a process.
func (w *world) usable(c *modelCache) bool { return w.known && w.alive && w.readable(c) }

// canSignIn reports whether the browser leads to a sign-in.
func (w *world) canSignIn() bool { return w.answers == "" && w.banned != w.person }

// learn records that the user has signed in with the browser.
func (w *world) learn(c *modelCache, user string) {
	now := knowledge{known: true, user: user, alive: true, since: w.clock, scoped: make(map[string]string)}
	switch {
	case c.drops:
		w.alive = false // a sign-in that was replaced is revoked, even if the cache still has it
		clear(w.scoped)
	case w.open, c.fails:
		w.known = w.known && !w.open
		c.keeps = true
		w.unsaved = append(w.unsaved, unsavedSignIn{c, now})
	default:
		w.knowledge = now
	}
}

// ended records that a user's cached sign-in is dead.
func (w *world) ended(user string) {
	if w.user == user {
		w.alive = false
		clear(w.scoped)
	}
	for i := range w.unsaved {
		w.unsaved[i].alive = w.unsaved[i].alive && w.unsaved[i].user != user
	}
}

// browser signs in the user at the browser.
func (w *world) browser(url string) error {
	w.opened.Add(1)
	if begun := w.begun.Load(); begun != nil {
		(*begun)()
	}
	b := browserOf(w.ks, w.person)
	b.Code = w.terminal.Code // on a busy machine the second trip may take too long
	defer b.Close()
	return b.Open(url)
}
