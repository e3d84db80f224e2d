package websso_test

import (
	"errors"
	"fmt"
	"io"
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
