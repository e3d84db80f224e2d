package e2e_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
)

// attempt is a sign-in that waits for its person.
type attempt struct {
	t      *testing.T
	cloud  *cloud
	client *gophercloud.ProviderClient
	agent  string
	url    string // where the browser is to be sent
	output *screen
	done   chan error
	cancel context.CancelFunc
	*gate
}

// gate can hold up what a program asks of Keystone.
type gate struct {
	next    http.RoundTripper
	closed  atomic.Bool
	held    chan struct{} // a request is at the closed gate
	opening chan struct{}
}

// hold closes the gate, and release opens it.
func (g *gate) hold()    { g.closed.Store(true) }
func (g *gate) release() { close(g.opening) }

// isHeld waits until a request is at the closed gate.
func (a *attempt) isHeld() {
	a.t.Helper()
	select {
	case <-a.held:
	case <-time.After(patience):
		a.t.Fatalf("nobody asks Keystone\n%s", a.output)
	}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.closed.CompareAndSwap(true, false) {
		close(g.held)
		select {
		case <-g.opening:
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		}
	}
	return g.next.RoundTrip(r)
}

// begin starts a sign-in, up to where the browser is opened.
func (c *cloud) begin(t *testing.T, opts websso.AuthOptions) *attempt {
	t.Helper()
	a := &attempt{t: t, cloud: c, agent: newAgent(), output: &screen{}, done: make(chan error, 1)}
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
	// The next test wants the port.
	t.Cleanup(func() { a.cancel(); <-ended })
	select {
	case a.url = <-opened:
	case err := <-a.done:
		t.Fatalf("no browser was opened: %v\n%s", err, a.output)
	case <-time.After(patience):
		t.Fatalf("no browser was opened\n%s", a.output)
	}
	return a
}

// end waits for what became of the sign-in.
func (a *attempt) end() error {
	a.t.Helper()
	select {
	case err := <-a.done:
		return err
	case <-time.After(patience):
		a.t.Fatalf("the sign-in does not end\n%s", a.output)
		return nil
	}
}

// signedIn waits for a sign-in as that person.
func (a *attempt) signedIn(name string) {
	a.t.Helper()
	if err := a.end(); err != nil {
		a.t.Fatalf("%v\n%s", err, a.output)
	}
	if got := who(a.t, a.client); got != name {
		a.t.Fatalf("signed in as %s, want %s\n%s", got, name, a.output)
	}
	if !strings.Contains(a.output.String(), " as "+name+",") {
		a.t.Errorf("the terminal does not say who signed in:\n%s", a.output)
	}
}

// waiting checks that nothing has ended the sign-in.
func (a *attempt) waiting() {
	a.t.Helper()
	select {
	case err := <-a.done:
		a.t.Fatalf("the sign-in ended: %v\n%s", err, a.output)
	default:
	}
}

// screen is a terminal that is read while it is written to.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
