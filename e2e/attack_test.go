package e2e_test

import (
	"cmp"
	"context"
	_ "embed"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

//go:embed testdata/attack.html
var attackPage string

// TestHostileSite runs a page of another origin that attacks a waiting sign-in with
// another user's real token. The page gets more than it could find out by itself: it
// knows the key of the start page before the user's own tab opens it, and has its
// token sealed, which needs a program on the user's computer.
func TestHostileSite(t *testing.T) {
	c := realCloud(t)
	mallory := c.tokenOf(t, "msmith")
	serveAttack(t, mallory)
	for _, site := range []string{"EVIL_SITE", "EVIL"} {
		t.Run(site, func(t *testing.T) {
			if site == "EVIL" {
				onlyWithAll(t) // a page on Keystone's own site can do no more
			}
			inEachEngine(t, func(t *testing.T, e engine) { c.attacked(t, e, env(t, site), mallory) })
		})
	}
}

// serveAttack serves the page that attacks, and one that posts a token.
func serveAttack(t *testing.T, token string) {
	t.Helper()
	serveEvil(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/post" {
			postsToken(w, token)
			return
		}
		_, _ = io.WriteString(w, attackPage)
	}))
}

// attack opens the page that attacks the sign-in at a URL, and another one that posts a
// token to it. It returns the first, which goes on.
func attack(t *testing.T, b *browsers.Browser, site, signIn, token string) page {
	t.Helper()
	target, key := signIn[:strings.LastIndex(signIn, "/")+1], signIn[strings.LastIndex(signIn, "/")+1:]
	hostile := open(t, b, attackAt(site, target, key, token, seal(t, target, token)))
	hostile.wait("document.documentElement.dataset.rounds > 20")
	open(t, b, site+"/post").ready("#ask button")
	return hostile
}

func attackAt(site, target, key, token, sealed string) string {
	return site + "/?" + url.Values{
		"target": {target}, "token": {token}, "sealed": {sealed}, "key": {key}, "code": {"AAAA-AAAA"},
	}.Encode()
}

func (c *cloud) attacked(t *testing.T, e engine, site, mallory string) {
	arrive(t, e, mallory, func(b *browsers.Browser) {
		open(t, b, attackAt(site, "http://localhost:9990/auth/websso/", "KEY", mallory, "SEALED"))
	})

	b := e.browser(t, browsers.Options{})
	a := c.begin(t, c.options())
	hostile := attack(t, b, site, a.url, mallory)
	a.waiting()

	p := open(t, b, a.url)
	p.limit = time.Minute // the browser is busy with the attack
	p.logIn("dwho")
	straight := p.signsIn(a, "dwho")
	if got := c.asked(t, a.agent); straight && !slices.Equal(got, oneSignIn) {
		t.Errorf("got requests %q, want %q: Keystone was asked about another user's token", got, oneSignIn)
	}
	if codes := codeLine.FindString(a.output.String()); straight && codes != "" {
		t.Errorf("got code %s on the terminal, want none: the hostile page asked for it", codes)
	}
	var rounds int
	hostile.eval("Number(document.documentElement.dataset.rounds)", &rounds)
	t.Logf("the attack ran for %d rounds", rounds)
}

// arrive first runs the attack against a listener without defenses. It shows which
// requests the browser lets through, and so what the real listener has to refuse.
func arrive(t *testing.T, e engine, mallory string, attack func(*browsers.Browser)) {
	t.Helper()
	seen := &visits{note: func(r *http.Request) string {
		kind := r.Method + " " + cmp.Or(strings.TrimPrefix(r.URL.Path, "/auth/websso/"), "callback") + " as " + r.Header.Get("Sec-Fetch-Dest")
		if r.PostFormValue("token") == mallory {
			kind += ", with the token"
		}
		return kind
	}}
	end := otherProgram(t, seen)
	b := e.browser(t, browsers.Options{})
	attack(b)
	want := []string{"POST callback as document, with the token", "POST KEY as document", "POST ask as document", "POST confirm as document", "POST code as document"}
	if e.name != "WebKitGTK" {
		// From an HTTPS page WebKit allows only top-level navigations to http://localhost.
		want = append(want, "POST callback as iframe, with the token", "POST callback as empty, with the token", "GET KEY as image", "GET KEY as script", "GET KEY as iframe")
	}
	eventually(t, "all attacks arrive", func() bool {
		return !slices.ContainsFunc(want, func(kind string) bool { return seen.count(kind) == 0 })
	})
	b.Close()
	end()
	slices.Sort(seen.noted)
	t.Logf("the attack is %d requests: %q", len(seen.noted), slices.Compact(seen.noted))
}

var sealedToken = regexp.MustCompile(`data-sealed="([^"]+)"`)

// seal has the listener seal a token, and returns it.
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
		t.Fatalf("got page\n%s\nwant a sealed token in it", page)
	}
	return string(found[1])
}
