package webssotest

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

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
