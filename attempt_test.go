package websso_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// attempt is a sign-in that waits for its browser. The test plays the browser, step by
// step, and anyone else who can reach the listener.
type attempt struct {
	t      testing.TB
	opts   websso.AuthOptions
	client *gophercloud.ProviderClient
	start  string // the URL that the browser is to open
	origin string // of start
	output *webssotest.Terminal
	cancel context.CancelFunc

	ended chan struct{}
	err   error // set when ended is closed
}

// begin starts a sign-in and returns when it waits for the browser.
func begin(t testing.TB, ks *webssotest.Keystone, changes ...func(*websso.AuthOptions)) *attempt {
	t.Helper()
	opts := ks.AuthOptions()
	opts.Cache = &websso.MemoryCache{}
	opts.OpenURL = func(string) error { return nil }
	for _, change := range changes {
		change(&opts)
	}
	a := launch(t.Context(), t, newClient(t, ks), opts)
	t.Cleanup(func() { a.cancel(); <-a.ended })
	a.awaitStart()
	return a
}

// begun runs the test beside others, and returns a sign-in that waits for the browser, and
// tokens of alice, whose sign-in it is, and of mallory, who is bob.
func begun(t *testing.T) (ks *webssotest.Keystone, a *attempt, alice, mallory string) {
	t.Helper()
	t.Parallel()
	ks = webssotest.NewKeystone(t)
	alice, mallory = tokenOf(t, ks, "alice"), tokenOf(t, ks, "bob")
	return ks, begin(t, ks), alice, mallory
}

// launch starts a sign-in and returns at once.
func launch(ctx context.Context, t testing.TB, client *gophercloud.ProviderClient, opts websso.AuthOptions) *attempt {
	ctx, cancel := context.WithCancel(ctx)
	a := &attempt{t: t, opts: opts, client: client, output: &webssotest.Terminal{}, cancel: cancel, ended: make(chan struct{})}
	a.opts.Output = a.output
	go func() {
		defer close(a.ended)
		a.err = websso.Authenticate(ctx, a.client, a.opts)
	}()
	return a
}

var startPattern = regexp.MustCompile(`(http://\S+)/auth/websso/[A-Z2-7]{26}`)

// awaitStart reads the start URL from the output, which has it before a browser opens.
func (a *attempt) awaitStart() {
	a.t.Helper()
	poll(a.t, func() bool {
		if match := startPattern.FindStringSubmatch(a.output.String()); match != nil {
			a.start, a.origin = match[0], match[1]
			return true
		}
		a.waiting()
		return false
	})
}

// answer is what the listener answered to a page or a script.
type answer struct {
	status int
	header http.Header
	body   string
}

var (
	idPattern     = regexp.MustCompile(`<body id="([^"]*)"`)
	sealedPattern = regexp.MustCompile(`name="sealed" value="([^"]*)"`)
	nextPattern   = regexp.MustCompile(`data-next="([^"]*)"`)
)

// page returns the ID of the page in the answer, or "".
func (a answer) page() string {
	if m := idPattern.FindStringSubmatch(a.body); m != nil {
		return m[1]
	}
	return ""
}

// sealed returns the sealed token in the page, or "".
func (a answer) sealed() string {
	if m := sealedPattern.FindStringSubmatch(a.body); m != nil {
		return m[1]
	}
	return ""
}

// ok tells whether the answer says that the user is signed in.
func (a answer) ok() bool {
	var o struct{ OK bool }
	if json.Unmarshal([]byte(a.body), &o) == nil {
		return o.OK
	}
	return strings.Contains(a.body, `<body id="outcome" data-ok="true">`)
}

// do sends one request to the listener.
func (a *attempt) do(method, target, body string, header map[string]string) answer {
	a.t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = a.origin + target
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, target, strings.NewReader(body))
	must(a.t, err)
	for name, value := range header {
		if req.Header.Set(name, value); name == "Host" {
			req.Host = value
		}
	}
	client := http.Client{
		Timeout:       limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{body: err.Error()}
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(content)}
}

// post sends a form. The header is added to that of forms.
func (a *attempt) post(target string, form url.Values, header map[string]string) answer {
	a.t.Helper()
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for name, value := range header {
		all[name] = value
	}
	return a.do(http.MethodPost, target, form.Encode(), all)
}

// wantAnswer fails the test unless the answer has that status, and signs the user in with 200
// alone.
func (a *attempt) wantAnswer(what string, got answer, status int) {
	a.t.Helper()
	if got.status != status || got.ok() != (status == http.StatusOK) {
		a.t.Errorf("%s: got %d %s, want %d", what, got.status, got.body, status)
	}
}

// key returns the last part of the start URL.
func (a *attempt) key() string { return a.start[strings.LastIndex(a.start, "/")+1:] }

// secret returns one that the start page could have made.
func (a *attempt) secret(fill string) string { return a.key() + "." + strings.Repeat(fill, 43) }

// Fetch metadata, as a browser sends it (https://www.w3.org/TR/fetch-metadata/).
var (
	navigation = map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "null"}
	fetched    = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
)

// fromForm returns the header of a form on a page of ours.
func (a *attempt) fromForm() map[string]string {
	return map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": a.origin}
}

// register sends the secret as the start page does.
func (a *attempt) register(secret string) answer {
	a.t.Helper()
	return a.post(a.start, url.Values{"secret": {secret}}, fetched)
}

// callback posts a token as Keystone's form does and returns the sealed token.
func (a *attempt) callback(token string) string {
	a.t.Helper()
	got := a.post("/auth/websso/", url.Values{"token": {token}}, navigation)
	if got.page() != "finish" {
		a.t.Fatalf("callback: got %d %s, want the finish page", got.status, got.body)
	}
	return got.sealed()
}

// confirm sends the secret and the sealed token as the finish page does on its first trip.
func (a *attempt) confirm(secret, sealed string) answer {
	a.t.Helper()
	return a.confirmAgain(secret, "", sealed)
}

// confirmAgain does the same on the second trip, for which the page has a ticket.
func (a *attempt) confirmAgain(secret, ticket, sealed string) answer {
	a.t.Helper()
	return a.post("/auth/websso/confirm", url.Values{"secret": {secret}, "ticket": {ticket}, "sealed": {sealed}}, fetched)
}

// ticket makes the first trip with a token and returns the ticket for the second one.
func (a *attempt) ticket(secret, token string) string {
	a.t.Helper()
	got := a.confirm(secret, a.callback(token))
	var said struct{ Ticket string }
	if err := json.Unmarshal([]byte(got.body), &said); err != nil || got.status != http.StatusAccepted || said.Ticket == "" {
		a.t.Fatalf("first trip: got %d %s, want 202 and a ticket", got.status, got.body)
	}
	return said.Ticket
}

// bring makes both trips with a token.
func (a *attempt) bring(secret, token string) answer {
	a.t.Helper()
	ticket := a.ticket(secret, token)
	return a.confirmAgain(secret, ticket, a.callback(token))
}

// finish signs alice in as the user's own tab would, from the start page on.
func (a *attempt) finish(token string) {
	a.t.Helper()
	if got := a.do(http.MethodGet, a.start, "", navigation); got.page() != "start" {
		a.t.Fatalf("start: got %d %s, want the start page", got.status, got.body)
	}
	a.wantAnswer("register", a.register(a.secret("h")), http.StatusNoContent)
	a.finishRegistered(a.secret("h"), token)
}

// finishRegistered signs alice in after the secret was registered.
func (a *attempt) finishRegistered(secret, token string) {
	a.t.Helper()
	a.wantAnswer("confirm", a.bring(secret, token), http.StatusOK)
	a.want("alice")
}

// want waits for the sign-in to end and fails the test unless that user is signed in.
func (a *attempt) want(user string) {
	a.t.Helper()
	a.wait()
	if a.err != nil {
		a.t.Fatalf("got error %v, want a sign-in\n%s", a.err, a.output)
	}
	if got := userOf(a.t, a.client); got != user {
		a.t.Fatalf("got user %s, want %s", got, user)
	}
}

// wait waits for the sign-in to end.
func (a *attempt) wait() {
	a.t.Helper()
	select {
	case <-a.ended:
	case <-time.After(limit):
		a.t.Fatalf("got a sign-in that waits, want one that has ended\n%s", a.output)
	}
}

// waiting fails the test if the sign-in has ended.
func (a *attempt) waiting() {
	a.t.Helper()
	select {
	case <-a.ended:
		a.t.Fatalf("got error %v, want a sign-in that waits", a.err)
	default:
	}
}

// port returns the port of an origin.
func port(origin string) string { return origin[strings.LastIndex(origin, ":")+1:] }
