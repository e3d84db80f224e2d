package websso_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// attempt is a sign-in that waits for its browser, which the test plays step by
// step: what the scripts of the pages do, and what others do meanwhile.
type attempt struct {
	t      testing.TB
	opts   websso.AuthOptions
	client *gophercloud.ProviderClient
	start  string // the address that was opened
	origin string
	output *transcript
	cancel context.CancelFunc

	ended chan struct{}
	err   error // after ended
}

// begin starts a sign-in of alice and returns when its browser would open.
func begin(t testing.TB, ks *webssotest.Keystone, changes ...func(*websso.AuthOptions)) *attempt {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	a := &attempt{t: t, opts: ks.AuthOptions(), output: &transcript{}, cancel: cancel, ended: make(chan struct{})}
	opened := make(chan string, 1)
	a.opts.Cache = &websso.MemoryCache{}
	a.opts.Output = a.output
	a.opts.OpenURL = func(url string) error { opened <- url; return nil }
	for _, change := range changes {
		change(&a.opts)
	}
	a.client = newClient(t, ks)
	go func() {
		defer close(a.ended)
		a.err = websso.Authenticate(ctx, a.client, a.opts)
	}()
	t.Cleanup(func() { cancel(); <-a.ended })
	select {
	case a.start = <-opened:
	case <-a.ended:
		t.Fatalf("the sign-in ended before a browser opened: %v", a.err)
	case <-time.After(limit):
		t.Fatal("no browser opened")
	}
	u, err := url.Parse(a.start)
	if err != nil {
		t.Fatal(err)
	}
	a.origin = u.Scheme + "://" + u.Host
	return a
}

// answer is what a page or a script got.
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

// page is the id of the page that came, or "".
func (a answer) page() string {
	if m := idPattern.FindStringSubmatch(a.body); m != nil {
		return m[1]
	}
	return ""
}

// sealed is the token as the page carries it, or "".
func (a answer) sealed() string {
	if m := sealedPattern.FindStringSubmatch(a.body); m != nil {
		return m[1]
	}
	return ""
}

func (a answer) ok() bool {
	var o struct{ OK bool }
	if json.Unmarshal([]byte(a.body), &o) == nil {
		return o.OK
	}
	return strings.Contains(a.body, `<body id="outcome" data-ok="true">`)
}

// do sends one request to the listener. A header "Host" sets that of the request.
func (a *attempt) do(method, target, body string, header map[string]string) answer {
	a.t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = a.origin + target
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
		if name == "Host" {
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

// post sends a form with the headers that go with it, of which header changes some.
func (a *attempt) post(target string, form url.Values, header map[string]string) answer {
	a.t.Helper()
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for name, value := range header {
		all[name] = value
	}
	return a.do(http.MethodPost, target, form.Encode(), all)
}

// key is the last part of the start address.
func (a *attempt) key() string { return a.start[strings.LastIndex(a.start, "/")+1:] }

// secret is one that the start page could have made.
func (a *attempt) secret(fill string) string { return a.key() + "." + strings.Repeat(fill, 43) }

// What a browser sends along.
var (
	navigation = map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "null"}
	fetched    = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
)

func (a *attempt) fromForm() map[string]string {
	return map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": a.origin}
}

func (a *attempt) register(secret string) answer {
	a.t.Helper()
	return a.post(a.start, url.Values{"secret": {secret}}, fetched)
}

// callback posts a token as Keystone's form does and returns it as the page has it.
func (a *attempt) callback(token string) string {
	a.t.Helper()
	got := a.post("/auth/websso/", url.Values{"token": {token}}, navigation)
	if got.page() != "finish" {
		a.t.Fatalf("the callback answered %d %s", got.status, got.body)
	}
	return got.sealed()
}

func (a *attempt) confirm(secret, sealed string) answer {
	a.t.Helper()
	return a.post("/auth/websso/confirm", url.Values{"secret": {secret}, "sealed": {sealed}}, fetched)
}

// finish signs alice in as an honest browser would, with a secret that no other step of
// the test uses.
func (a *attempt) finish(token string) {
	a.t.Helper()
	if got := a.do(http.MethodGet, a.start, "", navigation); got.page() != "start" {
		a.t.Fatalf("start page: %d %s", got.status, got.body)
	}
	if got := a.register(a.secret("h")); got.status != http.StatusNoContent {
		a.t.Fatalf("register: %d %s", got.status, got.body)
	}
	a.finishRegistered(a.secret("h"), token)
}

func (a *attempt) finishRegistered(secret, token string) {
	a.t.Helper()
	if got := a.confirm(secret, a.callback(token)); got.status != http.StatusOK || !got.ok() {
		a.t.Fatalf("confirm: %d %s", got.status, got.body)
	}
	a.want("alice")
}

// want waits for the sign-in to end as that user's.
func (a *attempt) want(user string) {
	a.t.Helper()
	a.wait()
	if a.err != nil {
		a.t.Fatalf("the sign-in failed: %v\n%s", a.err, a.output)
	}
	if got := userOf(a.t, a.client); got != user {
		a.t.Fatalf("%s is signed in, not %s", got, user)
	}
}

func (a *attempt) wait() {
	a.t.Helper()
	select {
	case <-a.ended:
	case <-time.After(limit):
		a.t.Fatalf("the sign-in still waits\n%s", a.output)
	}
}

// waiting fails the test where the sign-in is over.
func (a *attempt) waiting() {
	a.t.Helper()
	select {
	case <-a.ended:
		a.t.Fatalf("the sign-in ended: %v", a.err)
	default:
	}
}

func port(origin string) string { return origin[strings.LastIndex(origin, ":")+1:] }

// transcript is an Output that can be read while it is written.
type transcript struct {
	mu   sync.Mutex
	b    bytes.Buffer
	news chan struct{}
}

func (o *transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.news != nil {
		close(o.news)
		o.news = nil
	}
	return o.b.Write(p)
}

func (o *transcript) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await returns what pattern matches, once it does.
func (o *transcript) await(t testing.TB, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(limit)
	for {
		o.mu.Lock()
		m := re.FindStringSubmatch(o.b.String())
		if m != nil {
			o.mu.Unlock()
			return m
		}
		if o.news == nil {
			o.news = make(chan struct{})
		}
		news := o.news
		o.mu.Unlock()
		select {
		case <-news:
		case <-deadline:
			t.Fatalf("nothing like %q was told:\n%s", pattern, o)
		}
	}
}
