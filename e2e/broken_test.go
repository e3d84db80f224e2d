package e2e_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
	"github.com/gophercloud-websso/websso/internal/tab"
)

// TestBrokenConnections has the connections of the pages' own requests break once, as a
// tunnel or a flood can make them, and then for good.
func TestBrokenConnections(t *testing.T) {
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})
		for name, test := range map[string]struct {
			times int    // that a request breaks
			title string // of the last page
		}{
			"once":     {1, "You are signed in"},
			"for good": {100, "The program is no longer waiting"},
		} {
			t.Run(name, func(t *testing.T) {
				s := serveBroken(t, test.times)
				p := open(t, b, s.StartURL())
				p.wait(fmt.Sprintf("document.body.innerText.includes(%q)", test.title))
				if test.times > 1 {
					return
				}
				for path, n := range s.broken() {
					if n != 1 {
						t.Errorf("got %d connections broken for %s, want 1", n, path)
					}
				}
				if n := len(s.broken()); n != 2 {
					t.Errorf("got %d requests whose connection broke, want 2", n)
				}
			})
		}
	})
}

// broken is a sign-in whose pages' own requests meet broken connections.
type broken struct {
	*tab.Tab
	times int

	mu   sync.Mutex
	seen map[string]int
}

func (s *broken) broken() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// breaks reports whether the connection of a request to path is to break.
func (s *broken) breaks(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[path] == s.times {
		return false
	}
	s.seen[path]++
	return true
}

func serveBroken(t *testing.T, times int) *broken {
	t.Helper()
	s := &broken{times: times, seen: make(map[string]int)}
	listener, port := listenHere(t)
	s.Tab = serveTab(t, listener, tab.Origin("127.0.0.1", port)+"/cloud", func(w http.ResponseWriter, r *http.Request) {
		own := r.Method == http.MethodPost && (r.URL.Path == tab.Path+"confirm" || strings.HasSuffix(s.StartURL(), r.URL.Path))
		switch {
		case r.URL.Path == "/cloud":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<form method="post" action="%s"><input name="token" value="token"></form><script>document.forms[0].submit()</script>`, tab.Path)
		case own && s.breaks(r.URL.Path):
			panic(http.ErrAbortHandler)
		default:
			s.ServeHTTP(w, r)
		}
	})
	return s
}

// listenHere listens on a free port of 127.0.0.1.
func listenHere(t *testing.T) (net.Listener, int) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	return listener, listener.Addr().(*net.TCPAddr).Port
}

// serveTab serves a sign-in through a cloud until the test ends, by a handler that stands in
// front of it. Whoever has its secret is signed in.
func serveTab(t *testing.T, listener net.Listener, cloud string, handler http.HandlerFunc) *tab.Tab {
	t.Helper()
	s, err := tab.New(tab.Config{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Next: cloud, Cloud: cloud, TripLimit: tab.TripLimit(patience),
		IsToken:  func(string) bool { return true },
		Appeared: func() {}, Tell: func(string) {},
		UserOf: func(string) (string, *tab.Outcome) { return "", &tab.Outcome{} },
	})
	must(t, err)
	server := &http.Server{Handler: handler} //nolint:gosec // it lives as long as the test
	server.SetKeepAlivesEnabled(false)
	if handler == nil {
		server.Handler = s
	}
	t.Cleanup(func() { server.Close() })
	go func() { _ = server.Serve(listener) }()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		if _, err := s.Wait(ctx); err == nil {
			s.Answer(tab.Outcome{OK: true, Title: "You are signed in"})
		}
	}()
	return s
}
