package webssotest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A cloud is what the servers of a [Keystone] share.
type cloud struct {
	url      string // of Keystone, without /v3
	provider string // URL of the identity providers
	secure   bool   // over HTTPS
	journal  journal

	handlers sync.WaitGroup // requests being answered

	// mu guards what follows. Who calls a method of people.go or tokens.go holds it.
	mu       sync.Mutex
	closing  bool
	config   Config
	users    map[string]*User
	names    []string // of users, oldest first
	projects []Project
	trusts   map[string]trust
	tokens   map[string]*token
	issued   int                // tokens so far
	flows    map[string]flow    // by state
	codes    map[string]session // by code
	sessions map[string]session // by cookie
	logins   int
	signIns  int
}

// A flow is a browser's way from Keystone to an identity provider and back. Its state
// is known to that browser only.
type flow struct {
	page          string // that the browser asked for
	idp, protocol string // in that page's address
	provider      string // that the browser was sent to
}

// A session is a browser's, at Keystone or at an identity provider.
type session struct {
	user, idp, protocol string
}

func newCloud(secure bool) *cloud {
	c := &cloud{
		secure:   secure,
		config:   Config{TokenLifetime: time.Hour},
		users:    make(map[string]*User),
		trusts:   make(map[string]trust),
		tokens:   make(map[string]*token),
		flows:    make(map[string]flow),
		codes:    make(map[string]session),
		sessions: make(map[string]session),
	}
	c.config.Quirks.cloud = c
	for _, u := range firstUsers() {
		c.setUser(u)
	}
	return c
}

func (c *cloud) configured() Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config
}

// now returns the Keystone's time. The caller holds c.mu.
func (c *cloud) now() time.Time { return time.Now().Add(c.config.ClockSkew) }

// base returns the URL by which the client knows Keystone.
func (c *cloud) base(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/identity/") {
		return c.url + "/identity"
	}
	return c.url
}

// api makes a handler of an API from f, whose errors are failures.
func (c *cloud) api(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "X-Auth-Token")
		w.Header().Set("X-Openstack-Request-Id", "req-"+idOf(random(16)))
		if err := f(w, r); err != nil {
			writeFailure(w, err, c.url+"/v3")
		}
	}
}

// wrap puts in front of handler what all servers have in common.
func (c *cloud) wrap(handler http.Handler, isBrowser func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		if c.closing {
			c.mu.Unlock()
			return
		}
		c.handlers.Add(1)
		defer c.handlers.Done()
		config := c.config
		c.mu.Unlock()

		w = c.journal.record(w, r, isBrowser(r))
		if config.Delay != nil && !wait(r, config.Delay(r)) {
			return
		}
		if config.ClockSkew != 0 {
			w.Header().Set("Date", time.Now().Add(config.ClockSkew).UTC().Format(http.TimeFormat))
		}
		if config.Intercept != nil {
			if other := config.Intercept(r); other != nil {
				other.ServeHTTP(w, r)
				return
			}
		}
		handler.ServeHTTP(w, r)
	})
}

// wait reports whether the client is still there after d.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	// net/http notices that a client goes away only once the body has been read.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// A Request is a request to one of the Keystone's servers, without its secrets: it has
// no token and no query, which carries codes between pages.
type Request struct {
	Time         time.Time // when it came
	Method, Path string
	UserAgent    string
	Status       int // of the answer; 0 if there is none yet

	// Browser reports whether the request is for a page that users see: the identity
	// provider's, or those of Keystone that lead there and back.
	Browser bool
}

// String returns the request on one line.
func (r Request) String() string {
	return fmt.Sprintf("%s %s %s %d %s", r.Time.Format("15:04:05.000"), r.Method, r.Path, r.Status, r.UserAgent)
}

// A journal has the requests so far. It has a lock of its own because answers are
// recorded while the cloud's lock is held.
type journal struct {
	mu      sync.Mutex
	entries []*Request
}

// record adds r and returns a writer that adds the status of its answer.
func (j *journal) record(w http.ResponseWriter, r *http.Request, isBrowser bool) http.ResponseWriter {
	entry := &Request{Time: time.Now(), Method: r.Method, Path: r.URL.Path, UserAgent: r.UserAgent(), Browser: isBrowser}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
	return &recorder{ResponseWriter: w, journal: j, entry: entry}
}

func (j *journal) list() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	var list []Request
	for _, r := range j.entries {
		list = append(list, *r)
	}
	return list
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = nil
}

// A recorder records the status before the client sees it.
type recorder struct {
	http.ResponseWriter
	journal *journal
	entry   *Request
	done    bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.done {
		r.done = true
		r.journal.mu.Lock()
		r.entry.Status = status
		r.journal.mu.Unlock()
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if !r.done {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap is for [http.ResponseController].
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
