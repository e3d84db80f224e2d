package websso_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestCallbackHost(t *testing.T) {
	_, a, token, _ := begun(t)
	p := port(a.origin)
	paths := []string{"/", "/auth/websso/", "/auth/websso/" + a.key(), "/auth/websso/confirm", "/auth/websso/code"}
	for _, path := range paths {
		for _, host := range []string{"127.0.0.1:" + p, "[::1]:" + p} {
			got := a.do(http.MethodGet, path, "", map[string]string{"Host": host})
			if got.status != http.StatusTemporaryRedirect || got.header.Get("Location") != a.origin+path {
				t.Errorf("%s%s: got %d to %q, want a redirect to %s", host, path, got.status, got.header.Get("Location"), a.origin)
			}
		}
		for _, host := range []string{"evil.example:" + p, "evil.example", "localhost.evil.example:" + p, "192.0.2.1:" + p, "0.0.0.0:" + p, "a.localhost:" + p, "localhost@evil.example:" + p} {
			got := a.do(http.MethodGet, path, "", map[string]string{"Host": host})
			if got.status != http.StatusMisdirectedRequest && got.status != http.StatusBadRequest || got.page() != "" && got.page() != "outcome" || strings.Contains(got.body, a.key()) {
				t.Errorf("%s%s: got %d %s, want 421 or 400 and nothing of the sign-in", host, path, got.status, got.body)
			}
		}
		for _, host := range []string{"localhost:1", "127.0.0.1:8080", "localhost"} {
			got := a.do(http.MethodGet, path, "", map[string]string{"Host": host})
			if got.status != http.StatusMisdirectedRequest || !strings.Contains(html.UnescapeString(got.body), "-L 127.0.0.1:"+p+":localhost:"+p+" -L \"[::1]:"+p) {
				t.Errorf("%s%s: got %d %s, want 421 with the ports to forward", host, path, got.status, got.body)
			}
		}
	}
	a.finish(token)
}

func TestCallbackHeaders(t *testing.T) {
	_, a, token, _ := begun(t)
	start := a.do(http.MethodGet, a.start, "", navigation)
	if got := start.header.Get("Clear-Site-Data"); got != `"storage"` {
		t.Errorf("got Clear-Site-Data %s, want storage", got)
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
				t.Errorf("%s: got %s %q, want %q", name, header, h.Get(header), want)
			}
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: got policy %q, want none that allows more than ours", name, policy)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: got Access-Control-Allow-Origin %q, want none", name, h.Get("Access-Control-Allow-Origin"))
		}
		if test.page {
			_, nonce, _ := strings.Cut(policy, "script-src 'nonce-")
			nonce, _, _ = strings.Cut(nonce, "'")
			if len(nonce) < 22 || !strings.Contains(test.got.body, `<style nonce="`+nonce+`">`) {
				t.Errorf("%s: got nonce %q, want that of the page", name, nonce)
			}
		}
	}
	if start.header.Get("Content-Security-Policy") == a.do(http.MethodGet, a.start, "", navigation).header.Get("Content-Security-Policy") {
		t.Error("got one nonce for two pages, want two")
	}
	a.finish(token)
}

// TestCallbackEscapes wants a user's name to be plain text, on the page and the terminal.
func TestCallbackEscapes(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	name := "<script>alert(1)</script>\u202e\x1b[2J\"'&"
	ks.SetUser(webssotest.User{Name: name, Password: "x", Projects: []webssotest.Project{{Name: "demo"}}})
	token := tokenOf(t, ks, name)
	a := begin(t, ks)
	a.register(a.secret("h"))
	page := a.post("/auth/websso/", url.Values{"token": {token}}, navigation)
	a.post("/auth/websso/ask", url.Values{"sealed": {page.sealed()}}, a.fromForm())
	got := a.bring(a.secret("h"), token)
	a.wait()
	must(t, a.err)
	for _, text := range []string{got.body, a.output.String()} {
		if strings.ContainsAny(text, "\u202e\x1b") {
			t.Errorf("got control characters, want them escaped: %q", text)
		}
	}
	if strings.Contains(got.body, "<script>") { // it is JSON, but a browser could be made to show it
		t.Errorf("got an element, want it escaped: %q", got.body)
	}
	if !strings.Contains(a.output.String(), `\u202e\x1b[2J`) {
		t.Errorf("got %q, want the escaped name in it", a.output)
	}
}

// TestCallbackProviderNames wants the name of an identity provider to be one step of the
// path, whatever its characters.
func TestCallbackProviderNames(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	ks.Configure(func(c *webssotest.Config) { c.Quirks.GuardAll = true }) // no name is refused
	answerWith(ks, "POST /v3/auth/tokens", reply(http.StatusForbidden, "<html>"))
	for _, name := range []string{"a/b", "a?b", "a#b", "../x", "..a", "a b", "a%2fb", "ü", `a"b`, "a&b=c", "<b>", ";", "a\\b"} {
		a := begin(t, ks, func(o *websso.AuthOptions) { o.IdentityProvider, o.Protocol = name, name })
		page := a.do(http.MethodGet, a.start, "", navigation)
		next, err := url.Parse(html.UnescapeString(nextPattern.FindStringSubmatch(page.body)[1]))
		must(t, err)
		escaped := url.PathEscape(name)
		if want := "/v3/auth/OS-FEDERATION/identity_providers/" + escaped + "/protocols/" + escaped + "/websso"; next.EscapedPath() != want {
			t.Errorf("%q: got path %s, want %s", name, next.EscapedPath(), want)
		}
		if got := next.Query(); len(got) != 1 || got.Get("origin") != a.origin+"/auth/websso/" {
			t.Errorf("%q: got query %v, want the origin alone", name, got)
		}
		a.cancel()
		a.wait()
	}
}
