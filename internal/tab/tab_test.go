package tab_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud-websso/websso/internal/tab"
)

// newTab returns a Tab for localhost:9990. It accepts the tokens that begin with "t".
func newTab(t *testing.T, changes ...func(*tab.Config)) *tab.Tab {
	t.Helper()
	c := tab.Config{
		Host: "localhost", Port: 9990,
		Next: "https://identity.example.com/websso", Cloud: "identity.example.com",
		Forward:   "ssh -L HOST",
		TripLimit: time.Hour,
		IsToken:   func(token string) bool { return strings.HasPrefix(token, "t") },
		Appeared:  func() {},
		Tell:      func(text string) { t.Log(text) },
		ShowCode:  func(user, code string) { t.Log(user, code) },
		UserOf:    func(string) (string, *tab.Outcome) { return "alice", nil },
	}
	for _, change := range changes {
		change(&c)
	}
	tb, err := tab.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tb
}

// serve makes a request and returns the answer. Its Host is that of target.
func serve(tb *tab.Tab, method, target string, form url.Values, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range header {
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	w := httptest.NewRecorder()
	tb.ServeHTTP(w, r)
	return w
}

// TestOtherName has an editor that shows the port under a name of its own. The page says
// what to do, to a browser alone, and tells nothing that is not public.
func TestOtherName(t *testing.T) {
	t.Parallel()
	tb := newTab(t, func(c *tab.Config) { c.Forward = "forward it so" })
	type headers = map[string]string
	for name, tt := range map[string]struct {
		method string
		header headers
		status int
		page   bool
	}{
		"by name":               {http.MethodGet, headers{"Host": "fuzzy-9990.app.github.dev"}, 421, true},
		"behind a proxy":        {http.MethodGet, headers{"X-Forwarded-Host": "fuzzy-9990.app.github.dev"}, 421, true},
		"behind two":            {http.MethodGet, headers{"X-Forwarded-Host": "fuzzy.example, localhost"}, 421, true},
		"a proxy of localhost":  {http.MethodGet, headers{"X-Forwarded-Host": "localhost:9990"}, 200, true},
		"an empty header":       {http.MethodGet, headers{"X-Forwarded-Host": ""}, 200, true},
		"a script":              {http.MethodGet, headers{"Host": "evil.example:9990", "Sec-Fetch-Dest": "empty"}, 421, false},
		"a frame":               {http.MethodGet, headers{"Host": "evil.example:9990", "Sec-Fetch-Dest": "iframe"}, 421, false},
		"a post":                {http.MethodPost, headers{"Host": "evil.example:9990"}, 421, false},
		"a post behind a proxy": {http.MethodPost, headers{"X-Forwarded-Host": "evil.example"}, 421, false},
	} {
		w := serve(tb, tt.method, tb.StartURL(), nil, tt.header)
		body := w.Body.String()
		if w.Code != tt.status || strings.Contains(body, "<html") != tt.page {
			t.Errorf("%s: got %d %s, want %d (a page: %t)", name, w.Code, body, tt.status, tt.page)
		}
		if tt.status == 421 && tt.page && (!strings.Contains(body, "forward it so") || !strings.Contains(body, "9990")) {
			t.Errorf("%s: got %s, want it to say what to forward", name, body)
		}
		if key := tb.StartURL()[strings.LastIndex(tb.StartURL(), "/")+1:]; tt.status == 421 && (strings.Contains(body, key) || strings.Contains(body, "identity.example")) {
			t.Errorf("%s: got %s, want nothing of the sign-in", name, body)
		}
	}
}

// TestHostRulesOnPort80 has a Host as browsers send it, without the port.
func TestHostRulesOnPort80(t *testing.T) {
	t.Parallel()
	tb := newTab(t, func(c *tab.Config) { c.Port = 80 })
	if w := serve(tb, http.MethodGet, tb.StartURL(), nil, map[string]string{"Host": "localhost"}); w.Code != http.StatusOK {
		t.Errorf("got status %d, want 200", w.Code)
	}
}

// own is the header of a fetch from one of our pages.
var own = map[string]string{"Origin": "http://localhost:9990", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}

// confirm goes through a sign-in from the start page to the finish page's last fetch.
func confirm(t *testing.T, tb *tab.Tab, token string) *httptest.ResponseRecorder {
	t.Helper()
	secret := register(t, tb)
	w := trip(t, tb, secret, "", token)
	if w.Code != http.StatusAccepted {
		return w
	}
	return trip(t, tb, secret, ticketIn(t, w), token)
}

// register registers a secret as the start page does, and returns it.
func register(t *testing.T, tb *tab.Tab) string {
	t.Helper()
	key := tb.StartURL()[strings.LastIndex(tb.StartURL(), "/")+1:]
	secret := key + "." + strings.Repeat("s", 43)
	if w := serve(tb, http.MethodPost, tb.StartURL(), url.Values{"secret": {secret}}, own); w.Code != http.StatusNoContent {
		t.Fatalf("register: got status %d, want 204", w.Code)
	}
	return secret
}

// trip posts a token as Keystone does, and sends it with the secret as the page's script
// does. The ticket is that of the trip before.
func trip(t *testing.T, tb *tab.Tab, secret, ticket, token string) *httptest.ResponseRecorder {
	t.Helper()
	return prove(tb, secret, ticket, post(t, tb, token))
}

// post posts a token as Keystone does, and returns the sealed one in the page.
func post(t *testing.T, tb *tab.Tab, token string) (sealed string) {
	t.Helper()
	page := serve(tb, http.MethodPost, "http://localhost:9990/auth/websso/", url.Values{"token": {token}}, nil).Body.String()
	_, sealed, ok := strings.Cut(page, `data-sealed="`)
	sealed, _, ok2 := strings.Cut(sealed, `"`)
	if !ok || !ok2 {
		t.Fatalf("got page %s, want a sealed token in it", page)
	}
	return sealed
}

// prove sends what the page's script does.
func prove(tb *tab.Tab, secret, ticket, sealed string) *httptest.ResponseRecorder {
	return serve(tb, http.MethodPost, "http://localhost:9990/auth/websso/confirm", url.Values{"secret": {secret}, "ticket": {ticket}, "sealed": {sealed}}, own)
}

// wait is Wait that gives up.
func wait(t *testing.T, tb *tab.Tab) (tab.Post, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return tb.Wait(ctx)
}

func ticketIn(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var said struct{ Ticket string }
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said.Ticket == "" {
		t.Fatalf("got %d %s, want a ticket", w.Code, w.Body)
	}
	return said.Ticket
}

// TestPace has browsers on computers that are more or less busy. What they take for our own
// pages is added to what the trip may take, unless it could have been another page's doing.
func TestPace(t *testing.T) {
	t.Parallel()
	const second = time.Second
	for name, tt := range map[string]struct {
		start, finish, trip time.Duration
		accept              bool
	}{
		"quick":                    {0, 0, second, true},
		"quick, but a slow trip":   {0, 0, second + time.Millisecond, false},
		"busy":                     {second, 2 * second, 3 * second, true},
		"busy, and a slow trip":    {second, 2 * second, 3*second + time.Millisecond, false},
		"busy since another page":  {0, 10 * second, second + time.Millisecond, false},
		"a browser that starts up": {10 * second, 0, second + time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tb := newTab(t, func(c *tab.Config) { c.TripLimit = second })
				serve(tb, http.MethodGet, tb.StartURL(), nil, nil)
				time.Sleep(tt.start)
				secret := register(t, tb)
				sealed := post(t, tb, "token")
				time.Sleep(tt.finish)
				ticket := ticketIn(t, prove(tb, secret, "", sealed))
				time.Sleep(tt.trip)
				go func() {
					if _, err := tb.Wait(t.Context()); err == nil {
						tb.Answer(tab.Outcome{OK: true})
					}
				}()
				w := trip(t, tb, secret, ticket, "token")
				if got := w.Code == http.StatusOK; got != tt.accept || !got && !strings.Contains(w.Body.String(), "took long") {
					t.Errorf("got %d %s, want it accepted: %t", w.Code, w.Body, tt.accept)
				}
			})
		})
	}
}

// TestSpentIsBounded has a page that got hold of the secret post without an end.
func TestSpentIsBounded(t *testing.T) {
	t.Parallel()
	tb := newTab(t)
	secret := register(t, tb)
	for i := range 100 {
		trip(t, tb, secret, "", fmt.Sprint("thief-", i))
	}
	go confirm(t, tb, "token")
	p, err := wait(t, tb)
	if err != nil || p.Token != "token" || len(p.Spent) == 0 || len(p.Spent) > 10 {
		t.Errorf("got token %q, %d others, error %v; want the user's, and a few others", p.Token, len(p.Spent), err)
	}
	tb.Answer(tab.Outcome{OK: true})
}

func TestTripLimit(t *testing.T) {
	t.Parallel()
	for look, want := range map[time.Duration]time.Duration{
		0: time.Second, 20 * time.Millisecond: time.Second, 600 * time.Millisecond: 1800 * time.Millisecond, time.Minute: 10 * time.Second,
	} {
		if got := tab.TripLimit(look); got != want {
			t.Errorf("%s: got %s, want %s", look, got, want)
		}
	}
}

// TestOutcomeIsShownAgain wants any page of a sign-in that is over to say what happened: the
// user may reload it, go back, or open the address again.
func TestOutcomeIsShownAgain(t *testing.T) {
	t.Parallel()
	tb := newTab(t)
	secret := register(t, tb)
	old := post(t, tb, "told")
	page, meanwhile := make(chan *httptest.ResponseRecorder), make(chan *httptest.ResponseRecorder)
	go func() { page <- confirm(t, tb, "token") }()
	if _, err := wait(t, tb); err != nil {
		t.Fatal(err)
	}
	const path = "http://localhost:9990/auth/websso/"
	again := func() *httptest.ResponseRecorder {
		return serve(tb, http.MethodPost, path, url.Values{"token": {"token"}}, nil)
	}
	go func() { meanwhile <- again() }()
	tb.Answer(tab.Outcome{OK: true, Title: "alice", Text: "done"})
	if w := <-page; w.Code != 200 || !strings.Contains(w.Body.String(), `"ok":true`) {
		t.Errorf("got %d %s, want the outcome", w.Code, w.Body)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a reload while Keystone is asked": <-meanwhile, "a reload": again(), "a reload without the form": serve(tb, http.MethodGet, path, nil, nil),
		"the first page": serve(tb, http.MethodGet, tb.StartURL(), nil, nil), "a page of before": prove(tb, secret, "", old),
		"a question of before": serve(tb, http.MethodPost, path+"ask", url.Values{"sealed": {old}}, map[string]string{"Origin": "http://localhost:9990"}),
	} {
		if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "alice") {
			t.Errorf("%s: got %d %s, want the outcome", name, w.Code, w.Body)
		}
	}
	if w := prove(tb, "another", "", old); strings.Contains(w.Body.String(), "alice") {
		t.Errorf("got %s for a script without the secret, want nothing of the sign-in", w.Body)
	}
}

// TestCloseFreesPages wants a page whose program is gone to say so.
func TestCloseFreesPages(t *testing.T) {
	t.Parallel()
	tb := newTab(t)
	page := make(chan *httptest.ResponseRecorder)
	go func() { page <- confirm(t, tb, "token") }()
	if _, err := wait(t, tb); err != nil {
		t.Fatal(err)
	}
	tb.Close()
	select {
	case w := <-page:
		if !strings.Contains(w.Body.String(), "no longer waiting") {
			t.Errorf("got %s, want that nobody waits", w.Body)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("got no page after Close")
	}
}
