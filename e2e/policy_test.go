package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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
			policy string // with the program's origin as PROGRAM
			stops  string // the directive that stops a sign-in, or ""
		}{
			"form-action":              {"form-action 'self'", "form-action"},
			"scripts":                  {"default-src 'self'", "script-src"},
			"scripts, not forms":       {"default-src 'self' 'unsafe-inline'", ""},
			"form-action with program": {"default-src 'self' 'unsafe-inline'; form-action 'self' PROGRAM", ""},
		} {
			t.Run(name, func(t *testing.T) {
				listener, port := listenHere(t)
				origin := tab.Origin("127.0.0.1", port)
				reports := make(chan string, 10)
				cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost {
						report, _ := io.ReadAll(r.Body)
						reports <- string(report)
						return
					}
					w.Header().Set("Content-Security-Policy", strings.ReplaceAll(test.policy, "PROGRAM", origin)+"; report-uri /report")
					w.Header().Set("Content-Type", "text/html")
					fmt.Fprintf(w, `<title>cloud</title><form method="post" action="%s"><input name="token" value="token"></form><script>document.forms[0].submit()</script>`, origin+tab.Path)
				}))
				t.Cleanup(cloud.Close)
				s := serveTab(t, listener, cloud.URL, nil)
				p := open(t, b, s.StartURL())
				if test.stops == "" {
					p.wait(`document.body.innerText.includes("You are signed in")`)
					return
				}
				select {
				case report := <-reports:
					if !strings.Contains(report, test.stops) {
						t.Errorf("got report %s, want one about %s", report, test.stops)
					}
				case <-time.After(patience):
					t.Fatalf("got page\n%s\nand no report, want one", p.text())
				}
				if !p.is(`document.title === "cloud"`) {
					t.Errorf("got page\n%s\nwant the browser to stay", p.text())
				}
			})
		}
	})
}
