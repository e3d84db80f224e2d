package websso_test

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestCallbackSignsIn(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	a.finish(token)
	a.output.await(t, `signed in to \S+ as alice`)
}

// TestCallbackStrangers sends what is not a sign-in. Nothing of it ends the wait, asks
// Keystone or gets a page that could go on.
func TestCallbackStrangers(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	ks.ResetRequests()
	good := url.Values{"token": {token}}.Encode()
	form := "application/x-www-form-urlencoded"
	type headers = map[string]string

	tests := map[string]struct {
		method, target, body string
		header               headers
		status               int
	}{
		"GET of the callback":         {"GET", "/auth/websso/", "", nil, 404},
		"GET with a token":            {"GET", "/auth/websso/?" + good, "", nil, 404},
		"root":                        {"GET", "/", "", nil, 404},
		"favicon":                     {"GET", "/favicon.ico", "", nil, 404},
		"OPTIONS":                     {"OPTIONS", "/auth/websso/", "", headers{"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}, 404},
		"HEAD":                        {"HEAD", "/auth/websso/", "", nil, 404},
		"HEAD of the start page":      {"HEAD", a.start, "", nil, 404},
		"PUT":                         {"PUT", "/auth/websso/", good, headers{"Content-Type": form}, 404},
		"POST elsewhere":              {"POST", "/", good, headers{"Content-Type": form}, 404},
		"POST without the last slash": {"POST", "/auth/websso", good, headers{"Content-Type": form}, 404},
		"POST beside":                 {"POST", "/auth/websso/x", good, headers{"Content-Type": form}, 404},
		"POST with dots":              {"POST", "/auth/websso/x/..", good, headers{"Content-Type": form}, 404},
		"nothing in it":               {"POST", "/auth/websso/", "", headers{"Content-Type": form}, 400},
		"no token":                    {"POST", "/auth/websso/", "code=x&state=y", headers{"Content-Type": form}, 400},
		"empty token":                 {"POST", "/auth/websso/", "token=", headers{"Content-Type": form}, 400},
		"two tokens":                  {"POST", "/auth/websso/", good + "&" + good, headers{"Content-Type": form}, 400},
		"token in the query alone":    {"POST", "/auth/websso/?" + good, "", headers{"Content-Type": form}, 400},
		"token with a line feed":      {"POST", "/auth/websso/", "token=a%0d%0aX-Evil:+1", headers{"Content-Type": form}, 400},
		"token with a space":          {"POST", "/auth/websso/", "token=a+b", headers{"Content-Type": form}, 400},
		"token with a NUL":            {"POST", "/auth/websso/", "token=a%00", headers{"Content-Type": form}, 400},
		"token beyond ASCII":          {"POST", "/auth/websso/", "token=%c3%a9", headers{"Content-Type": form}, 400},
		"token of 9 KB":               {"POST", "/auth/websso/", "token=" + strings.Repeat("g", 9<<10), headers{"Content-Type": form}, 400},
		"form of 1 MB":                {"POST", "/auth/websso/", good + "&x=" + strings.Repeat("x", 1<<20), headers{"Content-Type": form}, 413},
		"broken escape":               {"POST", "/auth/websso/", "token=%zz", headers{"Content-Type": form}, 400},
		"no content type":             {"POST", "/auth/websso/", good, nil, 415},
		"plain text":                  {"POST", "/auth/websso/", good, headers{"Content-Type": "text/plain"}, 415},
		"JSON":                        {"POST", "/auth/websso/", `{"token":"` + token + `"}`, headers{"Content-Type": "application/json"}, 415},
		"multipart":                   {"POST", "/auth/websso/", good, headers{"Content-Type": "multipart/form-data; boundary=x"}, 415},
		"broken content type":         {"POST", "/auth/websso/", good, headers{"Content-Type": form + "; ;;"}, 415},
		"from a frame":                {"POST", "/auth/websso/", good, headers{"Content-Type": form, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		"from a fetch":                {"POST", "/auth/websso/", good, headers{"Content-Type": form, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}, 403},
		"from a script of ours":       {"POST", "/auth/websso/", good, headers{"Content-Type": form, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 403},
		"from an object":              {"POST", "/auth/websso/", good, headers{"Content-Type": form, "Sec-Fetch-Dest": "object"}, 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a.t = t
			got := a.do(test.method, test.target, test.body, test.header)
			if got.status != test.status {
				t.Errorf("status %d, want %d: %s", got.status, test.status, got.body)
			}
			if got.page() == "finish" || got.page() == "start" {
				t.Errorf("got the %s page", got.page())
			}
			if strings.Contains(got.body, token) {
				t.Error("the answer has the token in it")
			}
			a.waiting()
		})
	}
	a.t = t
	if n := len(ks.APIRequests()); n > 0 {
		t.Errorf("Keystone was asked %d times", n)
	}
	a.finish(token)
}

// TestCallbackBadConnections has connections that never send a request, or never one
// that makes sense, many at once and before the browser comes.
func TestCallbackBadConnections(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	u, _ := url.Parse(a.origin)
	var conns []net.Conn
	for i := range 600 {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", u.Port()), limit)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
		switch i % 5 {
		case 0: // silent
		case 1:
			io.WriteString(conn, "\x16\x03\x01\x02\x00\x01\x00\xff\xff\x00garbage\r\n\r\n")
		case 2:
			io.WriteString(conn, "POST /auth/websso/ HTTP/1.1\r\nHost: "+u.Host+"\r\nContent-Length: 5000\r\n\r\ntoken=")
		case 3:
			io.WriteString(conn, "GET / HTTP/1.1\r\nX: ")
		case 4:
			conn.Close()
		}
	}
	began := time.Now()
	a.finish(token)
	t.Logf("finished in %s, beside %d bad connections", time.Since(began), len(conns))

	// And then the listener is gone, with all that was connected to it.
	for i, conn := range conns {
		if i%5 == 4 {
			continue
		}
		conn.SetReadDeadline(time.Now().Add(limit))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, errTimeout(err)) {
			t.Fatalf("connection %d is still open", i)
		}
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		if conn, err := net.Dial("tcp", net.JoinHostPort(host, u.Port())); err == nil {
			conn.Close()
			t.Errorf("%s is still listened on", host)
		}
	}
}

// errTimeout is err where it is a time-out, and otherwise an error that nothing is.
func errTimeout(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return err
	}
	return errors.New("no time-out")
}

// TestCallbackTokenWithoutSecret posts good tokens of other people, in every way that
// has no secret, before and after the real tab came.
func TestCallbackTokenWithoutSecret(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	mallory, token := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice")
	a := begin(t, ks)
	ks.ResetRequests()
	attack := func() {
		t.Helper()
		sealed := a.callback(mallory)
		for name, secret := range map[string]string{
			"none":           "",
			"the key":        a.key(),
			"a guess":        a.secret("m"),
			"of another key": strings.Repeat("A", 26) + "." + strings.Repeat("h", 43),
			"shorter":        a.secret("h")[:60],
			"longer":         a.secret("h") + "h",
		} {
			if got := a.confirm(secret, sealed); got.status != http.StatusForbidden || got.ok() {
				t.Errorf("secret %s: %d %s", name, got.status, got.body)
			}
		}
		for name, form := range map[string]url.Values{
			"twice": {"secret": {a.secret("h"), a.secret("m")}, "sealed": {sealed}},
			"bare":  {"secret": {a.secret("m")}, "sealed": {mallory}},
			"token": {"secret": {a.secret("m")}, "token": {mallory}},
		} {
			if got := a.post("/auth/websso/confirm", form, fetched); got.status != http.StatusForbidden {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		a.waiting()
	}
	attack()
	a.do(http.MethodGet, a.start, "", navigation)
	if got := a.register(a.secret("h")); got.status != http.StatusNoContent {
		t.Fatal(got)
	}
	attack()
	// With the right secret, but with what no page of ours carried.
	for name, sealed := range map[string]string{
		"a bare token": mallory, "nothing": "", "changed": "A" + a.callback(mallory)[1:], "no base64": "%%%",
		"another sign-in's": strings.Repeat("A", 400),
	} {
		if got := a.confirm(a.secret("h"), sealed); got.status != http.StatusForbidden {
			t.Errorf("sealed is %s: %d %s", name, got.status, got.body)
		}
	}
	if n := len(ks.APIRequests()); n > 0 {
		t.Errorf("Keystone was asked %d times", n)
	}
	a.finishRegistered(a.secret("h"), token)
}

// TestCallbackFloodKeepsNobodyOut posts hostile tokens between any two steps of the
// real tab, from many connections at once.
func TestCallbackFloodKeepsNobodyOut(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	mallory, token := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice")
	a := begin(t, ks)
	stop := make(chan struct{})
	var flood sync.WaitGroup
	for range 8 {
		flood.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if got := a.post("/auth/websso/", url.Values{"token": {mallory}}, navigation); got.page() == "finish" {
						a.confirm(a.secret("m"), got.sealed())
					}
				}
			}
		})
	}
	a.finish(token)
	close(stop)
	flood.Wait()
}

func TestCallbackGuessedStart(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	for _, key := range []string{"start", a.key()[:25], a.key() + "A", strings.ToLower(a.key()), a.key() + "/", strings.Repeat("A", 26)} {
		if got := a.do(http.MethodGet, "/auth/websso/"+key, "", navigation); got.status != http.StatusNotFound || got.page() != "" {
			t.Errorf("GET %s: %d", key, got.status)
		}
		got := a.post("/auth/websso/"+key, url.Values{"secret": {key + "." + strings.Repeat("m", 43)}}, fetched)
		if got.status != http.StatusNotFound {
			t.Errorf("POST %s: %d", key, got.status)
		}
	}
	a.finish(token)
}

// The start page is for a tab: not for what pages load by themselves.
func TestCallbackStartMetadata(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	for _, header := range []map[string]string{
		{"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"},
		{"Sec-Fetch-Dest": "image"},
		{"Sec-Fetch-Dest": "script"},
		{"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
		{"Sec-Fetch-Dest": "embed"},
		{"Sec-Fetch-Dest": "serviceworker", "Service-Worker": "script"},
		{"Service-Worker": "script"},
		{"Sec-Purpose": "prefetch", "Sec-Fetch-Dest": "document"},
		{"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "document"},
	} {
		if got := a.do(http.MethodGet, a.start, "", header); got.status != http.StatusForbidden || got.page() != "" {
			t.Errorf("%v: %d %s", header, got.status, got.page())
		}
	}
	a.output.await(t, "service worker")
	for name, got := range map[string]answer{
		"cross-site":     a.post(a.start, url.Values{"secret": {a.secret("m")}}, map[string]string{"Sec-Fetch-Site": "cross-site"}),
		"navigation":     a.post(a.start, url.Values{"secret": {a.secret("m")}}, map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}),
		"another origin": a.post(a.start, url.Values{"secret": {a.secret("m")}}, map[string]string{"Origin": "https://evil.example"}),
		"null origin":    a.post(a.start, url.Values{"secret": {a.secret("m")}}, map[string]string{"Origin": "null"}),
		"no key":         a.post(a.start, url.Values{"secret": {strings.Repeat("m", 60)}}, fetched),
		"short":          a.post(a.start, url.Values{"secret": {a.key() + ".m"}}, fetched),
		"long":           a.post(a.start, url.Values{"secret": {a.key() + "." + strings.Repeat("m", 1000)}}, fetched),
		"nothing":        a.post(a.start, nil, fetched),
	} {
		if got.status != http.StatusForbidden {
			t.Errorf("registered from %s: %d", name, got.status)
		}
	}
	a.finish(token)
}

func TestCallbackScannerUsesNothingUp(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	for range 5 {
		if got := a.do(http.MethodGet, a.start, "", nil); got.page() != "start" {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	a.finish(token)
	if strings.Contains(a.output.String(), "second time") {
		t.Error("a fetch was called a second use")
	}
}

func TestCallbackSecondTab(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	for range 3 { // a reload, and Back
		if got := a.register(a.secret("h")); got.status != http.StatusNoContent {
			t.Fatalf("the first tab: %d", got.status)
		}
	}
	if strings.Contains(a.output.String(), "second time") {
		t.Error("a reload was called a second use")
	}
	if got := a.do(http.MethodGet, a.start, "", navigation).header.Get("Clear-Site-Data"); got != "" {
		t.Errorf("the second tab would clear the first one's storage: %s", got)
	}
	for range 2 {
		if got := a.register(a.secret("m")); got.status != http.StatusConflict {
			t.Fatalf("the second tab: %d", got.status)
		}
	}
	a.output.await(t, "opened a second time")
	if n := strings.Count(a.output.String(), "second time"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if got := a.confirm(a.secret("m"), a.callback(token)); got.status != http.StatusForbidden {
		t.Errorf("the second tab's secret: %d", got.status)
	}
	a.finishRegistered(a.secret("h"), token)
}

// The secret is good for one token, however many come with it at once.
func TestCallbackSecretOnce(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	a.register(a.secret("h"))
	sealed := a.callback(token)
	var mu sync.Mutex
	accepted := 0
	ks.ResetRequests()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got := a.confirm(a.secret("h"), sealed); got.status == http.StatusOK && got.ok() {
				mu.Lock()
				accepted++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	a.want("alice")
	if accepted != 1 {
		t.Errorf("accepted %d times", accepted)
	}
	if n := len(ks.APIRequests()); n != 2 {
		t.Errorf("%d requests to Keystone, want one about the token and one for the scope", n)
	}
}

func TestCallbackForeignForms(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	mallory, token := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice")
	a := begin(t, ks)
	a.register(a.secret("h"))
	ks.ResetRequests()
	sealed := a.callback(mallory)
	for _, header := range []map[string]string{
		{},
		{"Origin": "null"},
		{"Origin": "https://evil.example"},
		{"Origin": "http://localhost"},
		{"Origin": "http://127.0.0.1:" + port(a.origin)},
		{"Origin": a.origin + ".evil.example"},
		{"Origin": a.origin, "Sec-Fetch-Site": "cross-site"},
		{"Origin": a.origin, "Sec-Fetch-Site": "same-site"},
		{"Origin": a.origin, "Sec-Fetch-Dest": "iframe"},
		{"Origin": a.origin, "Sec-Fetch-Mode": "no-cors"},
	} {
		for _, path := range []string{"ask", "code"} {
			got := a.post("/auth/websso/"+path, url.Values{"sealed": {sealed}, "code": {"AAAA-AAAA"}}, header)
			if got.status != http.StatusForbidden || got.ok() {
				t.Errorf("%s with %v: %d", path, header, got.status)
			}
		}
		if header["Origin"] == "" || header["Origin"] == a.origin && header["Sec-Fetch-Dest"]+header["Sec-Fetch-Site"] == "" {
			continue // what a script of ours could send; the secret decides
		}
		got := a.post("/auth/websso/confirm", url.Values{"sealed": {sealed}, "secret": {a.secret("h")}}, header)
		if got.status != http.StatusForbidden {
			t.Errorf("confirm with %v: %d", header, got.status)
		}
	}
	if n := len(ks.APIRequests()); n > 0 {
		t.Errorf("Keystone was asked %d times", n)
	}
	// Five wrong codes from elsewhere must not have closed the other way.
	if got := a.post("/auth/websso/ask", url.Values{"sealed": {sealed}}, a.fromForm()); got.page() != "code-page" {
		t.Errorf("ask: %d %s", got.status, got.body)
	}
	a.finishRegistered(a.secret("h"), token)
}

func port(origin string) string { return origin[strings.LastIndex(origin, ":")+1:] }

// TestCallbackCode is the way of those whose tab can't carry the secret.
func TestCallbackCode(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	for _, typed := range []func(string) string{
		func(code string) string { return code },
		strings.ToLower,
		func(code string) string { return " " + strings.ReplaceAll(code, "-", " ") + " " },
	} {
		a := begin(t, ks)
		page := a.post("/auth/websso/", url.Values{"token": {token}}, nil) // an old browser: no metadata
		ks.ResetRequests()
		asked := a.post("/auth/websso/ask", url.Values{"sealed": {page.sealed()}}, a.fromForm())
		if asked.page() != "code-page" || asked.sealed() != page.sealed() {
			t.Fatalf("ask: %d %s", asked.status, asked.body)
		}
		a.waiting()
		code := a.output.await(t, `sign you in as alice[^\n]*\n[^\n]*([A-Z2-7]{4}-[A-Z2-7]{4})\n`)[1]
		if strings.Contains(asked.body, code) {
			t.Fatal("the page shows the code")
		}
		got := a.post("/auth/websso/code", url.Values{"sealed": {asked.sealed()}, "code": {typed(code)}}, a.fromForm())
		if got.status != http.StatusOK || !got.ok() {
			t.Fatalf("code: %d %s", got.status, got.body)
		}
		a.want("alice")
	}
}

func TestCallbackWrongCodes(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	mallory, token := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice")
	a := begin(t, ks)
	a.register(a.secret("h"))
	code := func(sealed, code string) answer {
		return a.post("/auth/websso/code", url.Values{"sealed": {sealed}, "code": {code}}, a.fromForm())
	}
	// A code goes with the token that it was shown for. Each try here counts, and
	// whichever token it is for.
	alices, bobs := a.callback(token), a.callback(mallory)
	a.post("/auth/websso/ask", url.Values{"sealed": {alices}}, a.fromForm())
	shown := a.output.await(t, `[A-Z2-7]{4}-[A-Z2-7]{4}`)[0]
	for i, try := range []answer{
		code(bobs, shown), code(a.callback(token), shown), code(alices, ""), code(bobs, "AAAAAAAA"),
	} {
		if try.ok() || try.page() != "code-page" || !strings.Contains(try.body, fmt.Sprintf("Tries left: %d", 4-i)) {
			t.Errorf("try %d: %d %s", i, try.status, try.body)
		}
	}
	for range 3 {
		if got := code(bobs, "BBBB-BBBB"); got.status != http.StatusTooManyRequests || got.ok() {
			t.Errorf("after five: %d", got.status)
		}
	}
	if got := code(alices, shown); got.status != http.StatusTooManyRequests || got.ok() {
		t.Errorf("the right code after five wrong ones: %d", got.status)
	}
	if got := a.post("/auth/websso/ask", url.Values{"sealed": {alices}}, a.fromForm()); got.status != http.StatusTooManyRequests {
		t.Errorf("ask after five wrong codes: %d", got.status)
	}
	a.waiting()
	a.finishRegistered(a.secret("h"), token) // the main way is not closed
}

func TestCallbackAsksFiveTimes(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	mallory, token := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice")
	a := begin(t, ks)
	a.register(a.secret("h"))
	ks.ResetRequests()
	sealed := a.callback(mallory)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() { a.post("/auth/websso/ask", url.Values{"sealed": {sealed}}, a.fromForm()) })
	}
	wg.Wait()
	if n := len(ks.APIRequests()); n != 5 {
		t.Errorf("Keystone was asked %d times, want 5", n)
	}
	a.finishRegistered(a.secret("h"), token)
}

// A tab that is not ours and has no good token is told so, and the wait goes on.
func TestCallbackAskRefused(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	got := a.post("/auth/websso/ask", url.Values{"sealed": {a.callback("gAAAAgarbage")}}, a.fromForm())
	if got.ok() || got.page() != "outcome" || !strings.Contains(got.body, "still waiting") {
		t.Errorf("%d %s", got.status, got.body)
	}
	a.finish(token)
}

// TestCallbackRefused has tokens come back through the right tab that won't do: the
// sign-in ends with an error, the page says why, and nothing is kept.
func TestCallbackRefused(t *testing.T) {
	tests := map[string]struct {
		token func(ks *webssotest.Keystone) string
		after func(ks *webssotest.Keystone)
		page  string
		err   string
	}{
		"garbage": {
			token: func(*webssotest.Keystone) string { return "gAAAAgarbage" },
			page:  "Keystone refused the sign-in", err: "status 401",
		},
		"revoked": {
			token: func(ks *webssotest.Keystone) string {
				token := tokenOf(t, ks, "alice")
				ks.Revoke(token)
				return token
			},
			page: "Keystone refused the sign-in", err: "status 401",
		},
		"Keystone is down": {
			token: func(ks *webssotest.Keystone) string { return tokenOf(t, ks, "alice") },
			after: func(ks *webssotest.Keystone) {
				ks.Configure(func(c *webssotest.Config) {
					c.Intercept = func(r *http.Request) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
							w.WriteHeader(http.StatusBadGateway)
							io.WriteString(w, "<html>\x1b]0;owned\x07\u202e502 of "+r.Header.Get("X-Auth-Token")+strings.Repeat(" long", 500))
						})
					}
				})
			},
			page: "Keystone could not be asked", err: "status 502",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			token := test.token(ks)
			a := begin(t, ks)
			a.register(a.secret("h"))
			if test.after != nil {
				test.after(ks)
			}
			got := a.confirm(a.secret("h"), a.callback(token))
			if got.status != http.StatusOK || got.ok() || !strings.Contains(got.body, test.page) {
				t.Errorf("page: %d %s", got.status, got.body)
			}
			a.wait()
			if a.err == nil || !strings.Contains(a.err.Error(), test.err) {
				t.Fatalf("error %v, want %q", a.err, test.err)
			}
			for _, text := range []string{a.err.Error(), got.body, a.output.String()} {
				if strings.Contains(text, token) {
					t.Errorf("shows the token: %s", text)
				}
				if strings.ContainsAny(text, "\x1b\x07\u202e") {
					t.Errorf("shows control characters: %q", text)
				}
				if len(text) > 900 {
					t.Errorf("shows %d characters", len(text))
				}
			}
			if _, err := websso.Status(a.opts); !errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("something was kept: %v", err)
			}
		})
	}
}

func TestCallbackWrongProvider(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	for name, other := range map[string]func(*websso.AuthOptions){
		"identity provider": func(o *websso.AuthOptions) { o.IdentityProvider = webssotest.OtherIdentityProvider },
		"protocol":          func(o *websso.AuthOptions) { o.Protocol = "mapped" },
	} {
		t.Run(name, func(t *testing.T) {
			token := tokenOf(t, ks, "alice", other)
			a := begin(t, ks)
			a.register(a.secret("h"))
			got := a.confirm(a.secret("h"), a.callback(token))
			if got.ok() || !strings.Contains(got.body, "Another identity provider") {
				t.Errorf("page: %d %s", got.status, got.body)
			}
			a.wait()
			if a.err == nil || !strings.Contains(a.err.Error(), "not of identity provider acme (protocol openid)") {
				t.Errorf("error: %v", a.err)
			}
			if a.client.Token() != "" {
				t.Error("the client has a token")
			}
		})
	}
}

func TestCallbackHost(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	p := port(a.origin)
	paths := []string{"/", "/auth/websso/", "/auth/websso/" + a.key(), "/auth/websso/confirm", "/auth/websso/code"}
	for _, path := range paths {
		for _, host := range []string{"127.0.0.1:" + p, "[::1]:" + p} {
			got := a.do(http.MethodGet, path, "", map[string]string{"Host": host})
			if got.status != http.StatusTemporaryRedirect || got.header.Get("Location") != a.origin+path {
				t.Errorf("%s%s: %d to %q", host, path, got.status, got.header.Get("Location"))
			}
		}
		for _, host := range []string{"evil.example:" + p, "evil.example", "localhost.evil.example:" + p, "192.0.2.1:" + p, "0.0.0.0:" + p, "a.localhost:" + p, "localhost@evil.example:" + p} {
			got := a.do(http.MethodGet, path, "", map[string]string{"Host": host})
			if got.status != http.StatusMisdirectedRequest && got.status != http.StatusBadRequest || got.page() != "" {
				t.Errorf("%s%s: %d %s", host, path, got.status, got.page())
			}
		}
		for _, host := range []string{"localhost:1", "127.0.0.1:8080", "localhost"} {
			got := a.do(http.MethodGet, path, "", map[string]string{"Host": host})
			if got.status != http.StatusMisdirectedRequest || !strings.Contains(html.UnescapeString(got.body), "-L 127.0.0.1:"+p+":localhost:"+p+" -L '[::1]:"+p) {
				t.Errorf("%s%s: %d %s", host, path, got.status, got.body)
			}
		}
	}
	a.finish(token)
}

func TestCallbackHeaders(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	a := begin(t, ks)
	start := a.do(http.MethodGet, a.start, "", navigation)
	if got := start.header.Get("Clear-Site-Data"); got != `"storage"` {
		t.Errorf("Clear-Site-Data: %s", got)
	}
	finish := a.post("/auth/websso/", url.Values{"token": {token}}, navigation)
	for name, test := range map[string]struct {
		got      answer
		referrer string
		page     bool
	}{
		"start page":    {start, "no-referrer", true},
		"callback page": {finish, "same-origin", true},
		"code page":     {a.post("/auth/websso/ask", url.Values{"sealed": {finish.sealed()}}, a.fromForm()), "same-origin", true},
		"refusal":       {a.post("/auth/websso/", nil, navigation), "no-referrer", true},
		"not found":     {a.do(http.MethodGet, "/favicon.ico", "", nil), "no-referrer", false},
		"confirm":       {a.confirm("", ""), "no-referrer", false},
		"wrong host":    {a.do(http.MethodGet, "/", "", map[string]string{"Host": "evil.example"}), "no-referrer", false},
	} {
		h := test.got.header
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": test.referrer, "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if h.Get(header) != want {
				t.Errorf("%s: %s: %q, want %q", name, header, h.Get(header), want)
			}
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", name, policy)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: readable to others", name)
		}
		if test.page {
			_, nonce, _ := strings.Cut(policy, "script-src 'nonce-")
			nonce, _, _ = strings.Cut(nonce, "'")
			if len(nonce) < 22 || !strings.Contains(test.got.body, `<style nonce="`+nonce+`">`) {
				t.Errorf("%s: nonce %q is not the page's", name, nonce)
			}
		}
	}
	if start.header.Get("Content-Security-Policy") == a.do(http.MethodGet, a.start, "", navigation).header.Get("Content-Security-Policy") {
		t.Error("two pages have one nonce")
	}
	a.finish(token)
}

// Names of people and identity providers are text, on pages and in the terminal.
func TestCallbackEscapes(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	name := "<script>alert(1)</script>\u202e\x1b[2J\"'&"
	ks.SetUser(webssotest.User{Name: name, Password: "x", Projects: []webssotest.Project{{Name: "demo"}}})
	token := tokenOf(t, ks, name)
	a := begin(t, ks)
	a.register(a.secret("h"))
	page := a.post("/auth/websso/", url.Values{"token": {token}}, navigation)
	a.post("/auth/websso/ask", url.Values{"sealed": {page.sealed()}}, a.fromForm())
	got := a.confirm(a.secret("h"), page.sealed())
	a.wait()
	if a.err != nil {
		t.Fatal(a.err)
	}
	for _, text := range []string{got.body, a.output.String()} {
		if strings.ContainsAny(text, "\u202e\x1b") {
			t.Errorf("not escaped: %q", text)
		}
	}
	if strings.Contains(got.body, "<script>") { // JSON, but a browser could be made to show it
		t.Errorf("not escaped: %q", got.body)
	}
	if !strings.Contains(a.output.String(), `\u202e\x1b[2J`) {
		t.Errorf("the name is not shown: %q", a.output)
	}
}

// An identity provider's name is one step of the path, whatever is in it.
func TestCallbackProviderNames(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	for _, name := range []string{"a/b", "a?b", "a#b", "../x", "..a", "a b", "a%2fb", "ü", `a"b`, "a&b=c", "<b>", ";", "a\\b"} {
		a := begin(t, ks, func(o *websso.AuthOptions) { o.IdentityProvider, o.Protocol = name, name })
		page := a.do(http.MethodGet, a.start, "", navigation)
		next, err := url.Parse(html.UnescapeString(nextPattern.FindStringSubmatch(page.body)[1]))
		must(t, err)
		escaped := url.PathEscape(name)
		if want := "/v3/auth/OS-FEDERATION/identity_providers/" + escaped + "/protocols/" + escaped + "/websso"; next.EscapedPath() != want {
			t.Errorf("%q leads to %s, want %s", name, next.EscapedPath(), want)
		}
		if got := next.Query(); len(got) != 1 || got.Get("origin") != a.origin+"/auth/websso/" {
			t.Errorf("%q has the query %v", name, got)
		}
		a.cancel()
		a.wait()
	}
}

func TestCallbackCancel(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	a := begin(t, ks)
	a.cancel()
	a.wait()
	if a.err == nil || strings.Contains(a.err.Error(), "timed out") {
		t.Errorf("error %v", a.err)
	}
	if got := a.do(http.MethodGet, a.start, "", nil); got.status != 0 {
		t.Errorf("the listener still answers %d", got.status)
	}
}

func TestTimeouts(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	short := func(o *websso.AuthOptions) { o.Timeout = 50 * time.Millisecond }
	t.Run("nobody came", func(t *testing.T) {
		a := begin(t, ks, short)
		a.wait()
		if !errors.Is(a.err, websso.ErrTimeout) || !strings.Contains(a.err.Error(), a.start) || strings.Contains(a.err.Error(), "trusted_dashboard") {
			t.Errorf("error %v", a.err)
		}
	})
	t.Run("nothing came back", func(t *testing.T) {
		a := begin(t, ks, func(o *websso.AuthOptions) { o.Timeout = time.Second })
		a.do(http.MethodGet, a.start, "", navigation)
		a.wait()
		if !errors.Is(a.err, websso.ErrTimeout) || !strings.Contains(a.err.Error(), "\n  trusted_dashboard = "+a.origin+"/auth/websso/\n") {
			t.Errorf("error %v", a.err)
		}
	})
}
