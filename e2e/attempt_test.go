package e2e_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// attempt is a sign-in in progress.
type attempt struct {
	t      *testing.T
	cloud  *cloud
	client *gophercloud.ProviderClient
	agent  string
	url    string // the address that the browser should open
	output *webssotest.Terminal
	done   chan error
	cancel context.CancelFunc
	*gate
}

// gate can hold a program's requests to Keystone.
type gate struct {
	next    http.RoundTripper
	only    string // the method of the request to hold, or ""
	closed  atomic.Bool
	held    chan struct{} // closed when a request waits at the gate
	opening chan struct{}
}

// hold closes the gate for the next request. release opens it.
func (g *gate) hold()    { g.closed.Store(true) }
func (g *gate) release() { close(g.opening) }

// isHeld waits until a request is held at the gate.
func (a *attempt) isHeld() {
	a.t.Helper()
	select {
	case <-a.held:
	case <-time.After(patience):
		a.t.Fatalf("got no request to Keystone, want one\n%s", a.output)
	}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if (g.only == "" || r.Method == g.only) && g.closed.CompareAndSwap(true, false) {
		close(g.held)
		select {
		case <-g.opening:
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		}
	}
	return g.next.RoundTrip(r)
}

// begin starts a sign-in and returns when it opens the browser.
func (c *cloud) begin(t *testing.T, opts websso.AuthOptions) *attempt {
	t.Helper()
	a := &attempt{t: t, cloud: c, agent: newAgent(), output: &webssotest.Terminal{}, done: make(chan error, 1)}
	a.client = c.client(t, a.agent)
	a.gate = &gate{next: a.client.HTTPClient.Transport, held: make(chan struct{}), opening: make(chan struct{})}
	a.client.HTTPClient.Transport = a.gate
	opened := make(chan string, 1)
	opts.Output = a.output
	opts.OpenURL = func(url string) error {
		opened <- url
		return nil
	}
	var ctx context.Context
	ctx, a.cancel = context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.done <- websso.Authenticate(ctx, a.client, opts)
	}()
	// The next test needs the port.
	t.Cleanup(func() { a.cancel(); <-ended })
	a.url = opens(t, opened, a.done, a.output)
	return a
}

// opens waits until a program opens a browser and returns the address.
func opens(t *testing.T, opened <-chan string, done <-chan error, output *webssotest.Terminal) string {
	t.Helper()
	select {
	case url := <-opened:
		return url
	case err := <-done:
		t.Fatalf("got %v, want a browser to be opened\n%s", err, output)
	case <-time.After(patience):
		t.Fatalf("got no opened browser after %s, want one\n%s", patience, output)
	}
	return ""
}

// ends waits for a program to end and returns its error.
func ends(t *testing.T, done <-chan error, output *webssotest.Terminal) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		t.Fatalf("got no end after %s, want one\n%s", patience, output)
		return nil
	}
}

// end waits for the sign-in to end and returns its error.
func (a *attempt) end() error {
	a.t.Helper()
	return ends(a.t, a.done, a.output)
}

// signedIn waits for the sign-in to succeed as the named user.
func (a *attempt) signedIn(name string) {
	a.t.Helper()
	if err := a.end(); err != nil {
		a.t.Fatalf("%v\n%s", err, a.output)
	}
	if got := who(a.t, a.client); got != name {
		a.t.Fatalf("got user %s, want %s\n%s", got, name, a.output)
	}
	if !strings.Contains(a.output.String(), " as "+name+",") {
		a.t.Errorf("got terminal\n%s\nwant it to say that %s signed in", a.output, name)
	}
}

// waiting checks that the sign-in has not ended.
func (a *attempt) waiting() {
	a.t.Helper()
	select {
	case err := <-a.done:
		a.t.Fatalf("got end of the sign-in with %v, want it to go on\n%s", err, a.output)
	default:
	}
}
