package websso_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// besieged is a sign-in that waits as long as the process fuzzes, and what an attacker may
// know: valid tokens, but not the secret.
type besieged struct {
	*attempt
	ks             *webssotest.Keystone
	mallory, alice string
}

var besiege = sync.OnceValues(func() (*besieged, error) {
	ks, err := webssotest.StartKeystone()
	if err != nil {
		return nil, err
	}
	b := &besieged{ks: ks}
	for name, token := range map[string]*string{"alice": &b.alice, "bob": &b.mallory} {
		opts := ks.AuthOptions()
		opts.Cache, opts.Scope, opts.OpenURL = &websso.MemoryCache{}, nil, browserOf(ks, name).Open
		client, err := websso.AuthenticatedClient(ctxOfProcess, opts)
		if err != nil {
			return nil, err
		}
		*token = client.Token()
	}
	opts := ks.AuthOptions()
	opts.Cache, opts.Timeout = &websso.MemoryCache{}, time.Hour
	client, err := openstack.NewClient(ks.URL())
	if err != nil {
		return nil, err
	}
	opened := make(chan struct{})
	opts.OpenURL = func(string) error { close(opened); return nil }
	b.attempt = launch(ctxOfProcess, nil, client, opts)
	select {
	case <-opened:
	case <-b.ended:
		return nil, b.err
	}
	match := startPattern.FindStringSubmatch(b.output.String())
	b.start, b.origin = match[0], match[1]
	ks.ResetRequests()
	return b, nil
})

// underSiege returns the sign-in of the process, which reports its failures to t.
func underSiege(t *testing.T) *besieged {
	t.Helper()
	b, err := besiege()
	must(t, err)
	own := *b.attempt
	own.t = t
	return &besieged{attempt: &own, ks: b.ks, mallory: b.mallory, alice: b.alice}
}

// holds checks what must be true after any request.
func (b *besieged) holds(got answer) {
	b.t.Helper()
	b.waiting()
	if got.ok() {
		b.t.Errorf("got %d %s, want no token accepted", got.status, got.body)
	}
	if strings.Contains(got.body, b.alice) || strings.Contains(got.body, b.mallory) {
		b.t.Errorf("got a token in the answer, want none: %s", got.body)
	}
	if n := b.ks.APIRequests(); len(n) > 0 {
		b.t.Errorf("got requests to Keystone %v, want none", n)
	}
	if len(got.body) > 64<<10 {
		b.t.Errorf("got an answer of %d bytes, want at most 64 KB", len(got.body))
	}
}

// fill replaces words in s by what an attacker may have.
func (b *besieged) fill(s string) string {
	return strings.NewReplacer("TOKEN", b.mallory, "VICTIM", b.alice, "KEY", b.key(), "ORIGIN", b.origin).Replace(s)
}

func FuzzCallback(f *testing.F) {
	f.Add("token=TOKEN", "application/x-www-form-urlencoded", "navigate", "document")
	f.Add("token=TOKEN&token=TOKEN", "application/x-www-form-urlencoded;charset=utf-8", "", "")
	f.Add("token=%00&token=\xff;&&=%zz", "application/x-www-form-urlencoded", "navigate", "iframe")
	f.Add(`{"token":"TOKEN"}`, "application/json", "cors", "empty")
	f.Add("--x\r\n\r\n", "multipart/form-data; boundary=x", "no-cors", "")
	f.Add("token=TOKEN", "application/x-www-form-urlencoded", "navigate", " ")
	f.Fuzz(func(t *testing.T, body, kind, mode, dest string) {
		b := underSiege(t)
		body = b.fill(body)
		header := validHeaders(map[string]string{"Content-Type": kind, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest})
		got := b.do(http.MethodPost, "/auth/websso/", body, header)
		b.holds(got)
		form, err := url.ParseQuery(body)
		if got.page() == "finish" && (err != nil || len(form["token"]) != 1 ||
			header["Content-Type"] == "" || !slices.Contains([]string{"", "navigate"}, header["Sec-Fetch-Mode"]) || !slices.Contains([]string{"", "document"}, header["Sec-Fetch-Dest"])) {
			t.Errorf("%q of type %q: got the finish page, want a refusal", body, kind)
		}
	})
}

// FuzzPosts posts what the pages do.
func FuzzPosts(f *testing.F) {
	f.Add("ask", "", "SEALED", "https://evil.example", "")
	f.Add("ask", "", "TOKEN", "ORIGIN", "")
	f.Add("code", "ABCD-EFGH", "SEALED", "null", "")
	f.Add("code", "", "", "ORIGIN", "")
	f.Add("confirm", "KEY.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "SEALED", "ORIGIN", "same-origin")
	f.Add("confirm", "KEY", "TOKEN", "null", "cross-site")
	f.Add("confirm", "KEY.", "SEALEDA", "https://evil.example", "")
	f.Fuzz(func(t *testing.T, path, proof, sealed, origin, site string) {
		b := underSiege(t)
		origin = b.fill(origin)
		// An attacker's page can't send our Origin with a token that we sealed, and has no secret.
		ours := origin == b.origin && strings.Contains(sealed, "SEALED") && path != "confirm"
		if ours || path != "ask" && path != "code" && path != "confirm" {
			t.Skip()
		}
		sealed = strings.ReplaceAll(b.fill(sealed), "SEALED", b.callback(b.mallory))
		form := url.Values{"code": {proof}, "secret": {b.fill(proof)}, "sealed": {sealed}}
		got := b.post("/auth/websso/"+path, form, validHeaders(map[string]string{"Origin": origin, "Sec-Fetch-Site": site}))
		b.holds(got)
		if got.status != http.StatusForbidden {
			t.Errorf("got status %d, want 403", got.status)
		}
	})
}

func FuzzStart(f *testing.F) {
	f.Add("GET", "/auth/websso/AAAAAAAAAAAAAAAAAAAAAAAAAA", "")
	f.Add("POST", "/auth/websso/KEY", "secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("POST", "/auth/websso/%2e%2e/confirm", "sealed=x")
	f.Add("OPTIONS", "*", "")
	f.Add("HEAD", "/auth/websso/../../", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		b := underSiege(t)
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "KEY") && method == http.MethodGet {
			t.Skip()
		}
		u, err := url.Parse(b.origin + b.fill(path))
		if err != nil || "http://"+u.Host != b.origin {
			t.Skip()
		}
		if _, err := http.NewRequest(method, u.String(), nil); err != nil {
			t.Skip()
		}
		got := b.do(method, u.String(), b.fill(body), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
		b.holds(got)
		if got.page() == "start" || got.status == http.StatusNoContent {
			t.Errorf("%s %s: got status %d, want a refusal", method, path, got.status)
		}
	})
}

// FuzzConnection sends any bytes, not only requests.
func FuzzConnection(f *testing.F) {
	f.Add([]byte("POST /auth/websso/ HTTP/1.1\r\nHost: ORIGIN\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\ntoken=TOKEN"))
	f.Add([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	f.Add([]byte("\x16\x03\x01\x02\x00\x01\x00"))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nffffffffffffffffffff\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		b := underSiege(t)
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port(b.origin), limit)
		must(t, err)
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(limit))
		io.WriteString(conn, strings.ReplaceAll(b.fill(string(sent)), "http://", ""))
		conn.(*net.TCPConn).CloseWrite()
		body, _ := io.ReadAll(conn)
		b.holds(answer{body: string(body)})
	})
}

// FuzzCacheValue returns any value from the cache.
func FuzzCacheValue(f *testing.F) {
	cache := &recorder{}
	opts := webssotest.NewKeystone(f).AuthOptions()
	opts.Cache, opts.Scope = cache, nil
	_, err := websso.AuthenticatedClient(ctxOfProcess, opts)
	must(f, err)
	good, _ := cache.Get(cache.keys()[0])
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(strings.Replace(good, `"version":2`, `"version":1e9`, 1))
	f.Add("{}\n{}")
	f.Fuzz(func(t *testing.T, value string) {
		opts := websso.AuthOptions{IdentityEndpoint: "https://a.example", Protocol: "openid", Cache: fixed(value), Output: io.Discard}
		wantSignedOut(t, opts)
	})
}

// fixed is a cache that returns one value for every key.
type fixed string

func (c fixed) Get(string) (string, error) { return string(c), nil }
func (fixed) Set(string, string) error     { return nil }
func (fixed) Delete(string) error          { return nil }

// validHeaders removes headers that no HTTP client would send, and the spaces around values,
// which belong to none (RFC 9110, section 5.5).
func validHeaders(header map[string]string) map[string]string {
	for name, value := range header {
		value = strings.Trim(value, " ")
		header[name] = value
		if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			delete(header, name)
		}
	}
	return header
}

// ctxOfProcess is the context of a sign-in that lasts longer than a test.
var ctxOfProcess = context.Background()
