package e2e_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
	"github.com/gophercloud-websso/websso/internal/tab"
)

// TestContentSecurityPolicy has the page by which Keystone posts the token come with a
// policy. docs/operators.md says which of them stop a sign-in.
func TestContentSecurityPolicy(t *testing.T) {
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})
		for name, test := range map[string]struct {
			policy string // %s is the origin of the program
			passes bool
		}{
			"form-action":              {"form-action 'self'", false},
			"scripts":                  {"default-src 'self'", false},
			"scripts, not forms":       {"default-src 'self' 'unsafe-inline'", true},
			"form-action with program": {"default-src 'self' 'unsafe-inline'; form-action 'self' %s", true},
		} {
			t.Run(name, func(t *testing.T) {
				listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
				must(t, err)
				port := listener.Addr().(*net.TCPAddr).Port
				origin := tab.Origin("127.0.0.1", port)
				cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					policy := test.policy
					if test.policy[len(test.policy)-2:] == "%s" {
						policy = fmt.Sprintf(policy, origin)
					}
					w.Header().Set("Content-Security-Policy", policy)
					w.Header().Set("Content-Type", "text/html")
					fmt.Fprintf(w, `<title>cloud</title><form method="post" action="%s"><input name="token" value="token"></form><script>document.forms[0].submit()</script>`, origin+tab.Path)
				}))
				t.Cleanup(cloud.Close)
				s, err := tab.New(tab.Config{
					Host: "127.0.0.1", Port: port, Next: cloud.URL, Endpoint: cloud.URL, TripLimit: tab.TripLimit(time.Second),
					IsToken:  func(string) bool { return true },
					Appeared: func() {}, Tell: func(string) {},
					Whose: func(string) (string, *tab.Outcome) { return "", &tab.Outcome{} },
				})
				must(t, err)
				server := &http.Server{Handler: s} //nolint:gosec // it lives as long as the test
				go func() { _ = server.Serve(listener) }()
				t.Cleanup(func() { server.Close() })
				ctx, cancel := context.WithCancel(t.Context())
				t.Cleanup(cancel)
				go func() {
					if post, err := s.Wait(ctx); err == nil {
						post.Answer(tab.Outcome{OK: true, Title: "You are signed in"})
					}
				}()
				p := open(t, b, s.StartURL())
				if test.passes {
					p.wait(`document.body.innerText.includes("You are signed in")`)
					return
				}
				p.wait(`document.title === "cloud"`)
				time.Sleep(2 * time.Second) // a post would be through by now
				if !p.is(`document.title === "cloud"`) {
					t.Errorf("got page\n%s\nwant the browser to stay", p.text())
				}
			})
		}
	})
}
