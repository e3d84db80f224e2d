package webssotest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Request is one that the Keystone's servers were asked, without what is secret in
// it: tokens, and the query, which takes codes from one page to the next.
type Request struct {
	Time         time.Time
	Method, Path string
	UserAgent    string
	Status       int // 0 while there is no answer

	// Browser says that it belongs to a page which people see: the identity provider's,
	// and those of Keystone that lead there and back.
	Browser bool
}

func (r Request) String() string {
	return fmt.Sprintf("%s %s %s %d %s", r.Time.Format("15:04:05.000"), r.Method, r.Path, r.Status, r.UserAgent)
}

// journal is what was asked. Its lock is its own: answers are given, and noted, while
// the Keystone's is held.
type journal struct {
	mu      sync.Mutex
	entries []*Request
}

// enter notes a request and returns what notes its status.
func (j *journal) enter(r Request) (answered func(status int)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, &r)
	return func(status int) {
		j.mu.Lock()
		defer j.mu.Unlock()
		r.Status = status
	}
}

// Requests are all requests since the last ResetRequests, in the order in which they
// came.
func (k *Keystone) Requests() []Request {
	k.journal.mu.Lock()
	defer k.journal.mu.Unlock()
	var list []Request
	for _, r := range k.journal.entries {
		list = append(list, *r)
	}
	return list
}

// APIRequests are those to Keystone's API: neither a browser's, nor those to the
// compute service. They are what a program asks in order to be signed in.
func (k *Keystone) APIRequests() []Request {
	return slices.DeleteFunc(k.Requests(), func(r Request) bool {
		return r.Browser || strings.HasPrefix(r.Path, "/compute/")
	})
}

// ResetRequests forgets the requests so far.
func (k *Keystone) ResetRequests() {
	k.journal.mu.Lock()
	defer k.journal.mu.Unlock()
	k.journal.entries = nil
}

// Logins counts how often somebody gave their password to an identity provider, and
// it was right. A browser that has a session there signs in without.
func (k *Keystone) Logins() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.logins
}

// SignIns counts how often Keystone gave a browser a token to bring back.
func (k *Keystone) SignIns() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.signIns
}

// recorded wraps what all servers of the Keystone have in common around a handler.
func (k *Keystone) recorded(handler http.Handler, browser func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		if k.closing {
			k.mu.Unlock()
			return
		}
		k.handlers.Add(1)
		defer k.handlers.Done()
		config := k.config
		k.mu.Unlock()

		w = &recorder{ResponseWriter: w, answered: k.journal.enter(Request{
			Time: time.Now(), Method: r.Method, Path: r.URL.Path, UserAgent: r.UserAgent(), Browser: browser(r),
		})}
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

// recorder tells the status before the client can know it.
type recorder struct {
	http.ResponseWriter
	answered func(status int)
	done     bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.done {
		r.done = true
		r.answered(status)
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
