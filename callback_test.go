package websso_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestCallbackScannerUsesNothingUp(t *testing.T) {
	_, a, token, _ := begun(t)
	for range 5 {
		if got := a.do(http.MethodGet, a.start, "", nil); got.page() != "start" {
			t.Fatalf("got %d %s, want the start page", got.status, got.body)
		}
	}
	a.finish(token)
	if strings.Contains(a.output.String(), "opened again") {
		t.Error("got the warning about a second tab, want none for a fetch")
	}
}

func TestCallbackSecondTab(t *testing.T) {
	_, a, token, _ := begun(t)
	for range 3 { // a reload, the Back button
		a.wantAnswer("first tab", a.register(a.secret("h")), http.StatusNoContent)
	}
	if strings.Contains(a.output.String(), "opened again") {
		t.Error("got the warning about a second tab, want none for a reload")
	}
	if got := a.do(http.MethodGet, a.start, "", navigation).header.Get("Clear-Site-Data"); got != "" {
		t.Errorf("second tab: got Clear-Site-Data %s, want none: it would clear the first one's storage", got)
	}
	for range 2 {
		a.wantAnswer("second tab", a.register(a.secret("m")), http.StatusConflict)
	}
	await(t, a.output, "opened again")
	if n := strings.Count(a.output.String(), "opened again"); n != 1 {
		t.Errorf("got %d warnings about a second tab, want 1", n)
	}
	a.wantAnswer("secret of the second tab", a.confirm(a.secret("m"), a.callback(token)), http.StatusForbidden)
	a.finishRegistered(a.secret("h"), token)
}

// TestCallbackSecretOnce uses the secret many times at once.
func TestCallbackSecretOnce(t *testing.T) {
	ks, a, token, _ := begun(t)
	a.register(a.secret("h"))
	ticket := a.ticket(a.secret("h"), token)
	sealed := a.callback(token)
	var accepted atomic.Int32
	ks.ResetRequests()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got := a.confirmAgain(a.secret("h"), ticket, sealed); got.status == http.StatusOK && got.ok() {
				accepted.Add(1)
			}
		})
	}
	wg.Wait()
	a.want("alice")
	if accepted := accepted.Load(); accepted != 1 {
		t.Errorf("got the secret accepted %d times, want 1", accepted)
	}
	wantRequests(t, ks, 2) // about the token, and for the scope
}

// TestCallbackOtherPage has a page that our own tab visits post the token of another user
// in it. That token is never accepted and never asked about, however often it comes; the
// user's is, from the second trip.
func TestCallbackOtherPage(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	mallory, first, second := tokenOf(t, ks, "bob"), tokenOf(t, ks, "alice"), tokenOf(t, ks, "alice")
	a := begin(t, ks)
	a.register(a.secret("h"))
	ks.ResetRequests()
	for range 10 { // with the secret, but never from Keystone
		a.ticket(a.secret("h"), mallory)
	}
	early := a.callback(mallory)
	ticket := a.ticket(a.secret("h"), first)
	for name, got := range map[string]answer{
		"a token from before the trip": a.confirmAgain(a.secret("h"), ticket, early),
		"a ticket without the secret":  a.confirmAgain(a.secret("m"), ticket, a.callback(mallory)),
		"a ticket as the token":        a.confirmAgain(a.secret("h"), "", ticket),
		"two tickets as token":         a.confirmAgain(a.secret("h"), ticket, ticket),
	} {
		a.wantAnswer(name, got, http.StatusForbidden)
	}
	// What is no ticket of this sign-in begins a first trip.
	for _, no := range []string{"", "x", early, a.callback(first)} {
		a.wantAnswer("ticket "+no, a.confirmAgain(a.secret("h"), no, a.callback(mallory)), http.StatusAccepted)
	}
	a.waiting()
	wantRequests(t, ks, 0)
	ticket = a.ticket(a.secret("h"), first) // a busy computer takes too long since the other one
	a.wantAnswer("second trip", a.confirmAgain(a.secret("h"), ticket, a.callback(second)), http.StatusOK)
	a.want("alice")
	for token, want := range map[string]int{first: http.StatusUnauthorized, second: http.StatusOK} {
		if got := validate(t, ks, token); got != want {
			t.Errorf("first trip's token %t: got status %d, want %d", token == first, got, want)
		}
	}
}

// TestCallbackSlowTrip has a second trip that takes too long, because it may have led
// through other pages. The code then finishes the sign-in, in the same tab.
func TestCallbackSlowTrip(t *testing.T) {
	ks, opts := parallel(t)
	var steps []webssotest.Step
	ks.Browser().Before = func(step webssotest.Step, _ *http.Request) error {
		if steps = append(steps, step); step == webssotest.StepConfirm {
			ks.Configure(func(c *webssotest.Config) {
				c.Delay = func(r *http.Request) time.Duration {
					if strings.HasSuffix(r.URL.Path, "/websso") {
						return 3 * time.Second // the look took no time
					}
					return 0
				}
			})
		}
		return nil
	}
	client, requests := authenticate(t, ks, opts)
	wantUser(t, client, "alice")
	if want := "confirm cloud callback confirm ask code"; !strings.HasSuffix(fmt.Sprint(steps), want+"]") {
		t.Errorf("got steps %v, want them to end in %s", steps, want)
	}
	if got := fmt.Sprint(requests); !strings.Contains(got, "DELETE /v3/auth/tokens 204") {
		t.Errorf("got requests %s, want the first trip's token revoked", got)
	}
}

// TestCallbackClosedTab closes the first tab and opens the address again.
func TestCallbackClosedTab(t *testing.T) {
	ks, opts := parallel(t)
	closed := errors.New("closed")
	open := opts.OpenURL
	opts.OpenURL = func(url string) error {
		ks.Browser().Before = func(step webssotest.Step, _ *http.Request) error {
			if step == webssotest.StepLogin {
				return closed
			}
			return nil
		}
		if err := open(url); !errors.Is(err, closed) {
			t.Errorf("first tab: got error %v, want it closed", err)
		}
		ks.Browser().Before = nil
		return open(url)
	}
	client, _ := authenticate(t, ks, opts)
	wantUser(t, client, "alice")
	if n := strings.Count(ks.Terminal().String(), "if you closed it, in the new one"); n != 1 {
		t.Errorf("got %d hints to finish in the new tab, want 1:\n%s", n, ks.Terminal())
	}
}

// TestCallbackCode signs in from a tab that can't keep the secret.
func TestCallbackCode(t *testing.T) {
	_, a, token, _ := begun(t)
	page := a.post("/auth/websso/", url.Values{"token": {token}}, nil) // as an old browser does: no Fetch metadata
	asked := a.post("/auth/websso/ask", url.Values{"sealed": {page.sealed()}}, a.fromForm())
	if asked.page() != "code-page" || asked.sealed() != page.sealed() {
		t.Fatalf("ask: got %d %s, want the code page", asked.status, asked.body)
	}
	a.waiting()
	code := await(t, a.output, `signing in as alice[^\n]*\n[^\n]*([A-Z2-7]{4}-[A-Z2-7]{4})\n`)[1]
	if strings.Contains(asked.body, code) {
		t.Fatal("got a page that shows the code, want it on the terminal only")
	}
	typed := " " + strings.ToLower(strings.ReplaceAll(code, "-", " ")) + " "
	got := a.post("/auth/websso/code", url.Values{"sealed": {asked.sealed()}, "code": {typed}}, a.fromForm())
	a.wantAnswer("code", got, http.StatusOK)
	a.want("alice")
}

func TestCallbackWrongCodes(t *testing.T) {
	_, a, token, mallory := begun(t)
	a.register(a.secret("h"))
	code := func(sealed, code string) answer {
		return a.post("/auth/websso/code", url.Values{"sealed": {sealed}, "code": {code}}, a.fromForm())
	}
	// A code is valid only with the token that it was shown for. Wrong codes count
	// together, whatever the token.
	alices, bobs := a.callback(token), a.callback(mallory)
	a.post("/auth/websso/ask", url.Values{"sealed": {alices}}, a.fromForm())
	shown := await(t, a.output, `[A-Z2-7]{4}-[A-Z2-7]{4}`)[0]
	for i, try := range []answer{
		code(bobs, shown), code(a.callback(token), shown), code(alices, ""), code(bobs, "AAAAAAAA"),
	} {
		if try.ok() || try.page() != "code-page" || !strings.Contains(try.body, fmt.Sprintf("Tries left: %d", 4-i)) {
			t.Errorf("try %d: got %d %s, want the code page with %d tries left", i, try.status, try.body, 4-i)
		}
	}
	for range 3 {
		a.wantAnswer("wrong code after five", code(bobs, "BBBB-BBBB"), http.StatusTooManyRequests)
	}
	a.wantAnswer("right code after five wrong ones", code(alices, shown), http.StatusTooManyRequests)
	a.wantAnswer("ask after five wrong codes", a.post("/auth/websso/ask", url.Values{"sealed": {alices}}, a.fromForm()), http.StatusTooManyRequests)
	a.waiting()
	a.finishRegistered(a.secret("h"), token) // our tab still can
}

func TestCallbackAsksFiveTimes(t *testing.T) {
	ks, a, token, mallory := begun(t)
	a.register(a.secret("h"))
	ks.ResetRequests()
	sealed := a.callback(mallory)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() { a.post("/auth/websso/ask", url.Values{"sealed": {sealed}}, a.fromForm()) })
	}
	wg.Wait()
	wantRequests(t, ks, 5)
	a.finishRegistered(a.secret("h"), token)
}

// TestCallbackAskRefused asks for a code with a token that Keystone does not know.
func TestCallbackAskRefused(t *testing.T) {
	_, a, token, _ := begun(t)
	got := a.post("/auth/websso/ask", url.Values{"sealed": {a.callback("gAAAAgarbage")}}, a.fromForm())
	if got.ok() || got.page() != "outcome" || !strings.Contains(got.body, "still waiting") {
		t.Errorf("got %d %s, want the outcome page and a sign-in that still waits", got.status, got.body)
	}
	a.finish(token)
}

// TestCallbackRefused sends tokens that can't be used through the right tab: the sign-in
// ends with an error, the page says why, and nothing is cached.
func TestCallbackRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil     func(ks *webssotest.Keystone, token string)
		page, err string
	}{
		"unknown": {func(ks *webssotest.Keystone, _ string) {
			ks.Configure(func(c *webssotest.Config) { c.Quirks.RotateKeys() })
		}, "Keystone refused the sign-in", "status 401"},
		"revoked": {(*webssotest.Keystone).Revoke, "Keystone refused the sign-in", "status 401"},
		"Keystone is down": {func(ks *webssotest.Keystone, token string) {
			answerWith(ks, "", reply(http.StatusBadGateway, "<html>\x1b]0;owned\x07\u202e502 of "+token+strings.Repeat(" long", 500)))
		}, "reach Keystone", "status 502"},
	} {
		t.Run(name, func(t *testing.T) {
			ks, a, token, _ := begun(t)
			a.register(a.secret("h"))
			test.spoil(ks, token)
			got := a.bring(a.secret("h"), token)
			if got.status != http.StatusOK || got.ok() || !strings.Contains(got.body, test.page) {
				t.Errorf("got page %d %s, want one that says %q", got.status, got.body, test.page)
			}
			a.wait()
			wantSaid(t, a.err, test.err)
			for _, text := range []string{fmt.Sprint(a.err), got.body, a.output.String()} {
				if strings.Contains(text, token) {
					t.Errorf("got the token shown, want it hidden: %s", text)
				}
				if strings.ContainsAny(text, "\x1b\x07\u202e") {
					t.Errorf("got control characters, want them escaped: %q", text)
				}
				if len(text) > 900 {
					t.Errorf("got %d bytes shown, want at most 900", len(text))
				}
			}
			wantSignedOut(t, a.opts)
		})
	}
}

func TestCallbackWrongProvider(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	for name, other := range map[string]func(*websso.AuthOptions){
		"identity provider": func(o *websso.AuthOptions) { o.IdentityProvider = webssotest.OtherIdentityProvider },
		"protocol":          func(o *websso.AuthOptions) { o.Protocol = "mapped" },
	} {
		t.Run(name, func(t *testing.T) {
			token := tokenOf(t, ks, "alice", other)
			a := begin(t, ks)
			a.register(a.secret("h"))
			got := a.bring(a.secret("h"), token)
			if got.ok() || !strings.Contains(got.body, "Another identity provider") {
				t.Errorf("got page %d %s, want one that says why", got.status, got.body)
			}
			a.wait()
			wantSaid(t, a.err, "not through identity provider acme (protocol openid)")
			if a.client.Token() != "" {
				t.Error("got a client with a token, want none")
			}
		})
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	short := func(o *websso.AuthOptions) { o.Timeout = time.Second }
	t.Run("nobody came", func(t *testing.T) {
		t.Parallel()
		a := begin(t, webssotest.NewKeystone(t), short)
		a.wait()
		wantError(t, a.err, websso.ErrTimeout)
		wantSaid(t, a.err, a.start)
		if strings.Contains(fmt.Sprint(a.err), "trusted_dashboard") {
			t.Errorf("got error %v, want nothing of Keystone's settings", a.err)
		}
	})
	t.Run("nothing came back", func(t *testing.T) {
		t.Parallel()
		a := begin(t, webssotest.NewKeystone(t), func(o *websso.AuthOptions) { o.Timeout = 3 * time.Second }) // to open it in
		a.do(http.MethodGet, a.start, "", navigation)
		a.wait()
		wantError(t, a.err, websso.ErrTimeout)
		wantSaid(t, a.err, "if you closed its tab, sign in again\n", "\n  trusted_dashboard = "+a.origin+"/auth/websso/\n")
	})
	for name, unanswered := range map[string]string{
		"no answer whose token it is": "GET /v3/auth/tokens",
		"no answer to a rescope":      "POST /v3/auth/tokens",
		"no answer to the look":       "GET /v3/auth/OS-FEDERATION/identity_providers/" + webssotest.IdentityProvider + "/protocols/" + webssotest.Protocol + "/websso",
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			silence(ks, unanswered)
			short(&opts)
			began := time.Now()
			wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrTimeout)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("got an end after %s, want one after a second", took)
			}
		})
	}
}
