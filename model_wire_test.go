package websso_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud/gophercloud/v2"
)

// modelClient is a client that a process has signed in.
type modelClient struct {
	*gophercloud.ProviderClient
	wire    *wire
	cache   *modelCache
	user    string
	project string
	reauth  bool // AllowReauth, and nothing has ended it
	hasty   bool // it has made a request that did not wait
	trusts  bool // Keystone has called its token valid, which counts for 30 seconds
}

// modelCache is the cache of one process.
type modelCache struct {
	websso.Cache
	drops bool // writes, as one on a read-only home that tells nobody
	fails bool // as one without descriptors left
	keeps bool // in memory what it could not write
}

// Get returns tokens that look an hour old: a young one is asked about before it is taken
// for dead.
func (c *modelCache) Get(key string) (string, error) {
	if c.fails {
		return "", errFailing
	}
	return aged{c.Cache}.Get(key)
}

func (c *modelCache) Set(key, value string) error {
	return c.write(func() error { return c.Cache.Set(key, value) })
}

func (c *modelCache) Delete(key string) error {
	return c.write(func() error { return c.Cache.Delete(key) })
}

func (c *modelCache) write(do func() error) error {
	switch {
	case c.fails:
		return errFailing
	case c.drops:
		return nil
	}
	return do()
}

// wire is the transport of one client. It remembers which tokens Keystone has called dead.
type wire struct {
	http.RoundTripper

	mu    sync.Mutex
	dead  map[string]bool
	again string // a request with one of them
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/v3/auth/") || strings.Contains(r.URL.Path, "OS-FEDERATION") {
		return w.RoundTripper.RoundTrip(r)
	}
	token := r.Header.Get("X-Auth-Token")
	if r.Method == http.MethodPost {
		token = askedWith(r)
	}
	w.mu.Lock()
	if w.dead[token] {
		w.again = r.Method + " " + r.URL.Path
	}
	w.mu.Unlock()
	resp, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	// A 401 to a request for a scope is about the scope.
	saysDead := resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusUnauthorized && r.Method == http.MethodGet
	if saysDead && bytes.Contains(body, []byte(`"error":{"code":`)) {
		w.mu.Lock()
		w.dead[token] = true
		w.mu.Unlock()
	}
	return resp, err
}

// askedWith returns the token in a request for another one.
func askedWith(r *http.Request) string {
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	var said struct {
		Auth struct {
			Identity struct {
				Token struct {
					ID string `json:"id"`
				} `json:"token"`
			} `json:"identity"`
		} `json:"auth"`
	}
	if json.NewDecoder(body).Decode(&said) != nil {
		return ""
	}
	return said.Auth.Identity.Token.ID
}

// askedAgain returns a request with a token that had been called dead, or "".
func (w *wire) askedAgain() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.again
}

// newClient returns a client that is not signed in.
func (w *world) newClient() (*gophercloud.ProviderClient, *wire) {
	client := newClient(w.t, w.ks)
	wire := &wire{RoundTripper: w.transport, dead: make(map[string]bool)}
	client.HTTPClient.Transport = wire
	return client, wire
}
