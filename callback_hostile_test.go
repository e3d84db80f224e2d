package websso_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestCallbackStrangers sends requests that don't sign in. None of them ends the wait,
// reaches Keystone or gets a page that could continue.
func TestCallbackStrangers(t *testing.T) {
	ks, a, token, _ := begun(t)
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
				t.Errorf("got status %d, want %d: %s", got.status, test.status, got.body)
			}
			if got.page() == "finish" || got.page() == "start" {
				t.Errorf("got the %s page, want none", got.page())
			}
			if strings.Contains(got.body, token) {
				t.Error("got the token in the answer, want none")
			}
			a.waiting()
		})
	}
	a.t = t
	wantRequests(t, ks, 0)
	a.finish(token)
}

// TestCallbackBadConnections opens many connections that never send a valid request, before
// the browser comes.
func TestCallbackBadConnections(t *testing.T) {
	_, a, token, _ := begun(t)
	u, _ := url.Parse(a.origin)
	var conns []net.Conn
	for i := range 200 {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", u.Port()), limit)
		if errors.Is(err, syscall.ECONNRESET) {
			continue // dropped for a newer one by now
		}
		must(t, err)
		defer conn.Close()
		if i%5 != 4 {
			conns = append(conns, conn)
		}
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
	t.Logf("signed in within %s, beside %d bad connections", time.Since(began), len(conns))

	// Then the listener is closed, and so is each connection to it.
	for i, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(limit))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("got connection %d still open, want it closed", i)
		}
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		if conn, err := net.Dial("tcp", net.JoinHostPort(host, u.Port())); err == nil {
			conn.Close()
			t.Errorf("got a listener on %s, want none", host)
		}
	}
}

// TestCallbackTokenWithoutSecret posts valid tokens of another user, in every way that is
// possible without the secret, before and after our tab came.
func TestCallbackTokenWithoutSecret(t *testing.T) {
	ks, a, token, mallory := begun(t)
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
			a.wantAnswer("secret "+name, a.confirm(secret, sealed), http.StatusForbidden)
		}
		for name, form := range map[string]url.Values{
			"twice": {"secret": {a.secret("h"), a.secret("m")}, "sealed": {sealed}},
			"bare":  {"secret": {a.secret("m")}, "sealed": {mallory}},
			"token": {"secret": {a.secret("m")}, "token": {mallory}},
		} {
			a.wantAnswer(name, a.post("/auth/websso/confirm", form, fetched), http.StatusForbidden)
		}
		a.waiting()
	}
	attack()
	a.do(http.MethodGet, a.start, "", navigation)
	a.wantAnswer("register", a.register(a.secret("h")), http.StatusNoContent)
	attack()
	// The right secret, but nothing that we sealed.
	changed, first := a.callback(mallory), "A"
	if strings.HasPrefix(changed, first) {
		first = "B"
	}
	for name, sealed := range map[string]string{
		"a bare token": mallory, "nothing": "", "changed": first + changed[1:], "no base64": "%%%",
		"another sign-in's": strings.Repeat("A", 400),
	} {
		a.wantAnswer("sealed is "+name, a.confirm(a.secret("h"), sealed), http.StatusForbidden)
	}
	wantRequests(t, ks, 0)
	a.finishRegistered(a.secret("h"), token)
}

// TestCallbackFloodKeepsNobodyOut posts another user's token from many connections at once,
// between any two steps of our tab.
func TestCallbackFloodKeepsNobodyOut(t *testing.T) {
	_, a, token, mallory := begun(t)
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
	_, a, token, _ := begun(t)
	for _, key := range []string{"start", a.key()[:25], a.key() + "A", strings.ToLower(a.key()), a.key() + "/", strings.Repeat("A", 26)} {
		if got := a.do(http.MethodGet, "/auth/websso/"+key, "", navigation); got.status != http.StatusNotFound || got.page() != "outcome" {
			t.Errorf("GET %s: got %d and page %q, want 404 and the one that says so", key, got.status, got.page())
		}
		got := a.post("/auth/websso/"+key, url.Values{"secret": {key + "." + strings.Repeat("m", 43)}}, fetched)
		a.wantAnswer("POST "+key, got, http.StatusNotFound)
	}
	a.finish(token)
}

// TestCallbackStartMetadata shows that only a tab gets the start page, and that only its own
// script registers a secret.
func TestCallbackStartMetadata(t *testing.T) {
	_, a, token, _ := begun(t)
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
			t.Errorf("%v: got %d %s, want 403 and no page", header, got.status, got.page())
		}
	}
	await(t, a.output, "service worker")
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
		a.wantAnswer("register, "+name, got, http.StatusForbidden)
	}
	a.finish(token)
}

// TestCallbackForeignForms posts the forms of our pages from elsewhere.
func TestCallbackForeignForms(t *testing.T) {
	ks, a, token, mallory := begun(t)
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
			a.wantAnswer(fmt.Sprintf("%s with %v", path, header), got, http.StatusForbidden)
		}
		if header["Origin"] == "" || header["Origin"] == a.origin && header["Sec-Fetch-Dest"]+header["Sec-Fetch-Site"] == "" {
			continue // a script of ours could send this: the secret decides
		}
		got := a.post("/auth/websso/confirm", url.Values{"sealed": {sealed}, "secret": {a.secret("h")}}, header)
		a.wantAnswer(fmt.Sprintf("confirm with %v", header), got, http.StatusForbidden)
	}
	wantRequests(t, ks, 0)
	// Wrong codes from elsewhere do not count.
	if got := a.post("/auth/websso/ask", url.Values{"sealed": {sealed}}, a.fromForm()); got.page() != "code-page" {
		t.Errorf("ask: got %d %s, want the code page", got.status, got.body)
	}
	a.finishRegistered(a.secret("h"), token)
}

// TestAskDelaysNobody has a Keystone that does not answer about the token of another tab.
func TestAskDelaysNobody(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	mallory, token := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice")
	asked := make(chan struct{})
	intercept(ks, func(r *http.Request) http.Handler {
		if r.Header.Get("X-Subject-Token") != mallory {
			return nil
		}
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
		})
	})
	a := begin(t, ks)
	sealed := a.callback(mallory)
	go a.post("/auth/websso/ask", url.Values{"sealed": {sealed}}, a.fromForm())
	<-asked
	a.finish(token)
}
