package e2e_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

//go:embed testdata/attack.html
var attackPage string

// TestHostileSite has a page of another origin attack with a real token of somebody
// else's while a sign-in waits. The page is helped: it knows the key of the start
// page, before the person's own tab has opened it, and has its token sealed, which
// takes a program on the person's computer.
func TestHostileSite(t *testing.T) {
	c := realCloud(t)
	mallory := c.tokenOf(t, "rtyler")
	serveEvil(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/post" {
			postsToken(w, mallory)
			return
		}
		_, _ = io.WriteString(w, attackPage)
	}))
	for _, site := range []string{"EVIL_SITE", "EVIL"} {
		t.Run(site, func(t *testing.T) {
			if site == "EVIL" {
				onlyWithAll(t) // a page of the same site as Keystone is no better off
			}
			inEachEngine(t, func(t *testing.T, e engine) { c.attacked(t, e, env(t, site), mallory) })
		})
	}
}

func (c *cloud) attacked(t *testing.T, e engine, site, mallory string) {
	attack := func(b browsers.Browser, target, key, sealed string) page {
		return open(t, b, site+"/?"+url.Values{
			"target": {target}, "token": {mallory}, "sealed": {sealed}, "key": {key}, "code": {"AAAA-AAAA"},
		}.Encode())
	}
	arrive(t, e, mallory, func(b browsers.Browser) { attack(b, "http://localhost:9990/auth/websso/", "KEY", "SEALED") })

	b := e.browser(t, browsers.Options{})
	a := c.begin(t, c.options())
	target, key := a.url[:strings.LastIndex(a.url, "/")+1], a.url[strings.LastIndex(a.url, "/")+1:]
	hostile := attack(b, target, key, seal(t, target, mallory))
	hostile.wait("document.documentElement.dataset.rounds > 20")
	open(t, b, site+"/post").ready("#ask button")
	a.waiting()

	p := open(t, b, a.url)
	p.limit = time.Minute // the browser is busy with the attack
	p.logIn("dwho")
	if text := p.outcome(true); !strings.Contains(text, "as dwho.") {
		t.Errorf("the page does not say that dwho signed in:\n%s", text)
	}
	a.signedIn("dwho")

	if got, want := c.requests(t, a.agent), []string{"GET /v3/auth/tokens", "POST /v3/auth/tokens"}; !slices.Equal(got, want) {
		t.Errorf("Keystone was asked %q, want %q: somebody else's token was asked about", got, want)
	}
	if codes := codeLine.FindString(a.output.String()); codes != "" {
		t.Errorf("the hostile page made the terminal show a code: %s", codes)
	}
	var rounds int
	hostile.eval("Number(document.documentElement.dataset.rounds)", &rounds)
	t.Logf("the attack went on for %d rounds", rounds)
}

// arrive runs the attack against a listener that has no defence, to show that it is
// one: what the browser itself keeps back tests nothing.
func arrive(t *testing.T, e engine, mallory string, attack func(browsers.Browser)) {
	t.Helper()
	seen := &arrivals{token: mallory, kinds: map[string]int{}}
	end := otherProgram(t, seen)
	b := e.browser(t, browsers.Options{})
	attack(b)
	want := []string{"POST callback as document, with the token", "POST KEY as document", "POST ask as document", "POST confirm as document", "POST code as document"}
	if e.name != "WebKitGTK" {
		// WebKit keeps all but top-level navigations of an HTTPS page off http://localhost.
		want = append(want, "POST callback as iframe, with the token", "POST callback as empty, with the token", "GET KEY as image", "GET KEY as script", "GET KEY as iframe")
	}
	eventually(t, "the attacks arrive", func() bool {
		return !slices.ContainsFunc(want, func(kind string) bool { return seen.count(kind) == 0 })
	})
	t.Logf("the attack is %s", seen)
	b.Close()
	end()
}

// arrivals is a listener that counts requests by their kind.
type arrivals struct {
	token string
	mu    sync.Mutex
	kinds map[string]int
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/auth/websso/")
	if path == "" {
		path = "callback"
	}
	kind := r.Method + " " + path + " as " + r.Header.Get("Sec-Fetch-Dest")
	if r.PostFormValue("token") == a.token {
		kind += ", with the token"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kinds[kind]++
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
}

func (a *arrivals) count(kind string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kinds[kind]
}

func (a *arrivals) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	text, _ := json.Marshal(a.kinds) // of strings and numbers
	return string(text)
}

// TestHostileProgram does what a program on the person's computer can: it reads the
// sealed token out of the page, and posts it with what it has.
func TestHostileProgram(t *testing.T) {
	c := realCloud(t)
	mallory := c.tokenOf(t, "rtyler")
	a := c.begin(t, c.options())
	e := engines[0]
	p := open(t, e.browser(t, browsers.Options{}), a.url)
	p.ready("#lform")
	target, key := a.url[:strings.LastIndex(a.url, "/")+1], a.url[strings.LastIndex(a.url, "/")+1:]
	sealed := seal(t, target, mallory)
	for _, attack := range []struct {
		name, path string
		form       url.Values
		origin     string
	}{
		{"no secret", "confirm", url.Values{"sealed": {sealed}}, ""},
		{"an empty secret", "confirm", url.Values{"sealed": {sealed}, "secret": {""}}, ""},
		{"a made-up secret", "confirm", url.Values{"sealed": {sealed}, "secret": {key + "." + strings.Repeat("A", 43)}}, ""},
		{"a token that is not sealed", "confirm", url.Values{"sealed": {mallory}, "secret": {"x"}}, ""},
		{"a second registration", key, url.Values{"secret": {key + "." + strings.Repeat("A", 43)}}, ""},
		{"a click from another site", "ask", url.Values{"sealed": {sealed}}, "https://evil.websso.test"},
		{"a click from nowhere", "ask", url.Values{"sealed": {sealed}}, "null"},
		{"a code from nowhere", "code", url.Values{"sealed": {sealed}, "code": {"AAAA-AAAA"}}, "null"},
	} {
		t.Run(attack.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target+attack.path, strings.NewReader(attack.form.Encode()))
			must(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if attack.origin != "" {
				req.Header.Set("Origin", attack.origin)
			}
			resp, err := http.DefaultClient.Do(req)
			must(t, err)
			resp.Body.Close()
			if resp.StatusCode < 400 {
				t.Errorf("answered %s", resp.Status)
			}
			a.waiting()
		})
	}
	p.logIn("dwho")
	p.outcome(true)
	a.signedIn("dwho")
	if got, want := c.requests(t, a.agent), []string{"GET /v3/auth/tokens", "POST /v3/auth/tokens"}; !slices.Equal(got, want) {
		t.Errorf("Keystone was asked %q, want %q: somebody else's token was asked about", got, want)
	}
}

var sealedToken = regexp.MustCompile(`data-sealed="([^"]+)"`)

// seal has the listener seal a token.
func seal(t *testing.T, target, token string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(url.Values{"token": {token}}.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	must(t, err)
	found := sealedToken.FindSubmatch(page)
	if found == nil {
		t.Fatalf("the page has no sealed token:\n%s", page)
	}
	return string(found[1])
}
