package e2e_test

import (
	_ "embed"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

var (
	//go:embed testdata/worker.html
	workerPage string
	//go:embed testdata/worker.js
	workerScript string
)

// TestServiceWorker signs in on a port for which another program has left a service
// worker in the same browser profile. The worker reads what is posted to the port.
func TestServiceWorker(t *testing.T) {
	c := realCloud(t)
	mallory := c.tokenOf(t, "msmith")
	serveEvil(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { postsToken(w, mallory) }))
	inEachEngine(t, func(t *testing.T, e engine) {
		reports := &visits{note: func(r *http.Request) string {
			body, _ := io.ReadAll(r.Body)
			return string(body)
		}}
		collector := httptest.NewServer(reports)
		t.Cleanup(collector.Close)
		b := e.browser(t, browsers.Options{})
		end := otherProgram(t, worker(strings.ReplaceAll(workerScript, "REPORT", collector.URL)))
		p := open(t, b, "http://localhost:9990/")
		p.wait(`document.documentElement.dataset.registered === "true"`)

		// While the other program runs, its worker does see what is posted.
		posted := open(t, b, env(t, "EVIL_SITE"))
		posted.wait(`document.title === "Another program"`)
		if n := reports.count(mallory); n != 1 {
			t.Fatalf("got %d reports of the post from the worker, want 1", n)
		}
		end()

		a := c.begin(t, c.options())
		p = open(t, b, a.url)
		p.logIn("dwho")
		p.signsIn(a, "dwho")
		if n := reports.count("token="); n != 1 {
			t.Errorf("got %d more reports of a post from the worker, want none", n-1)
		}
	})
}

// worker serves the other program's page and its service worker.
func worker(script string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/worker.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = io.WriteString(w, script)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, workerPage)
	})
}

// otherProgram listens on both addresses of the port until end is called.
func otherProgram(t *testing.T, handler http.Handler) (end func()) {
	t.Helper()
	servers := []*httptest.Server{serverAt(t, "127.0.0.1:9990", handler), serverAt(t, "[::1]:9990", handler)}
	for _, server := range servers {
		server.Start()
	}
	return func() {
		for _, server := range servers {
			server.CloseClientConnections()
			server.Close()
		}
	}
}

// visits is a handler that notes requests.
type visits struct {
	note  func(*http.Request) string
	mu    sync.Mutex
	noted []string
}

func (v *visits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := v.note(r)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.noted = append(v.noted, text)
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
}

// count returns the number of notes that contain the text.
func (v *visits) count(text string) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, note := range v.noted {
		if strings.Contains(note, text) {
			n++
		}
	}
	return n
}
