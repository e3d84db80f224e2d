package webssotest_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// serve serves pages by method and path. A page that begins with a number is a status
// and the Location that goes with it.
func serve(t *testing.T, pages map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.Method+" "+r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		var status int
		var location string
		if n, _ := fmt.Sscanf(page, "%3d %s", &status, &location); n > 0 && status > 99 {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.ReplaceAll(page, "{form}", r.FormValue("f")+r.PostFormValue("user")))
	}))
	t.Cleanup(s.Close)
	return s
}

// pages are what a browser finds at a server, and where it ends.
type pages struct {
	name  string
	pages map[string]string // as serve takes them
	text  string            // of the last page, or of the error
}

func (p pages) visit(t *testing.T, b *webssotest.Browser) {
	t.Parallel()
	page, err := b.Visit(serve(t, p.pages).URL + "/")
	if page.OK {
		t.Errorf("got %+v, want a page that is not OK", page)
	}
	if err == nil && page.Text != p.text || err != nil && !strings.Contains(err.Error(), p.text) {
		t.Errorf("got %q, error %v; want %q", page.Text, err, p.text)
	}
}

func TestPages(t *testing.T) {
	for _, tt := range []pages{
		{"text", map[string]string{"GET /": "<p>a &amp; b<br>c"}, "a & b c"},
		{"a comment and a style", map[string]string{"GET /": "<!-- <p>x --><style>p > a {}</style>a"}, "a"},
		{"a script", map[string]string{"GET /": `<script>"</p>" < 1</script>a`}, "a"},
		{"a script without an end", map[string]string{"GET /": `a<script>b`}, "a"},
		{"less-than signs", map[string]string{"GET /": "1 < 2 << 3 <"}, "1 < 2 << 3 <"},
		{"a tag without an end", map[string]string{"GET /": `a<p class="b`}, "a"},
		{"a noscript, with scripts", map[string]string{"GET /": "a<noscript>b</noscript>"}, "a"},
		{"a link that nobody clicks", map[string]string{"GET /": `a<a href="/b">b</a>`}, "ab"},
		{"a SAML message", map[string]string{
			"GET /":   `<form action=/b method=post><input type=hidden name=SAMLResponse value=y><input type=hidden name=f value=x></form><script src=/x.js></script>`,
			"POST /b": "got {form}",
		}, "got x"},
		{"a form without a script", map[string]string{"GET /": `a<form><input name=f value=b></form>`}, "a"},
		{"not found", nil, "404 page not found"},

		{"refresh", map[string]string{"GET /": `<meta http-equiv="Refresh" content="0; URL='/b'">`, "GET /b": "b"}, "b"},
		{"redirects", map[string]string{"GET /": "302 /b", "GET /b": "303 c", "GET /c": "c"}, "c"},
		{"a script that submits", map[string]string{
			"GET /":   `<form action='/b' METHOD=Post><INPUT type=hidden Name="f" VALUE="&lt;&quot;x"><input name=f type=checkbox value=n><input type=submit name=f value=n></form><script>document.forms[0].submit()</script>`,
			"POST /b": "got {form}",
		}, `got <"x`},
		{"a redirect that keeps the form", map[string]string{
			"GET /":   `<form action=/b method=post><input type=hidden name=f value=x></form><script>x.submit()</script>`,
			"POST /b": "307 /c", "POST /c": "got {form}",
		}, "got x"},
		{"a redirect that does not", map[string]string{
			"GET /":   `<form action=/b method=post><input type=hidden name=f value=x></form><script>x.submit()</script>`,
			"POST /b": "302 /c", "GET /c": "got {form}",
		}, "got"},
		{"a form in the address", map[string]string{
			"GET /":  `<form action=/b><input type=hidden name=f value=x></form><script>x.submit()</script>`,
			"GET /b": "got {form}",
		}, "got x"},
		{"a login form", map[string]string{
			"GET /":   `<form action=/b method=post><input name=user><input type=password name=p><button>go</button></form>`,
			"POST /b": "hello {form}",
		}, "hello alice"},
		{"a login form that asks again", map[string]string{
			"GET /":  `<form action=/><input name=user><input type=password name=p>again`,
			"GET /b": "b",
		}, "again"},
		{"the second of two attributes", map[string]string{
			"GET /":  `<form action=/b action=/c><input type=hidden name=f value=x></form><script>x.submit()</script>`,
			"GET /b": "b", "GET /c": "c",
		}, "b"},

		{"redirects without an end", map[string]string{"GET /": "302 /"}, "more than 20 redirects"},
		{"pages without an end", map[string]string{"GET /": `<meta http-equiv=refresh content="0;url=/">`}, "gave up after 40 pages"},
		{"a redirect to nowhere", map[string]string{"GET /": "302 http://localhost:1/"}, "refused"},
		{"a redirect to no URL", map[string]string{"GET /": "302 http://%zz/"}, "invalid URL escape"},
		{"a redirect to ftp", map[string]string{"GET /": "302 ftp://x/"}, "unsupported protocol"},
		{"a first page that leads nowhere", map[string]string{
			"GET /": `<body id=start data-next="http://localhost:1/">`, "POST /": "204",
		}, "refused"},
		{"a first page that was used before", map[string]string{"GET /": `<body id=start data-next=/b>`, "POST /": "409", "GET /b": "b"}, "Finish it there."},
		{"a first page for which nobody waits", map[string]string{"GET /": `<body id=start data-next=/b>`, "GET /b": "b"}, "The first page was answered with status 404."},
		{"a last page without JSON", map[string]string{
			"GET /": `<body id=start data-next=/b>`, "POST /": "204", "GET /b": "<body id=finish>", "POST /auth/websso/confirm": "ok",
		}, "no JSON"},
		{"a last page that refuses the secret", map[string]string{
			"GET /": `<body id=start data-next=/b>`, "POST /": "204", "GET /b": "<body id=finish>unbelieved", "POST /auth/websso/confirm": "403",
		}, "unbelieved"},
		{"a last page without a first one", map[string]string{"GET /": "<body id=finish>unasked"}, "unasked"},
		{"an outcome", map[string]string{"GET /": `<body id=outcome data-ok=false><h1>No</h1> and why`}, "No and why"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.visit(t, &webssotest.Browser{User: "alice", Password: "wonderland"}) })
	}
}

func TestPagesWithoutJavaScript(t *testing.T) {
	for _, tt := range []pages{
		{"a button in a noscript", map[string]string{
			"GET /":  `<form action=/b><noscript><input type=submit name=f value=x></noscript></form><script>x.submit()</script>`,
			"GET /b": "got {form}",
		}, "got x"},
		{"a form without a button", map[string]string{
			"GET /": `stuck<form action=/b></form><script>x.submit()</script>`,
		}, "stuck"},
		{"a link on the first page", map[string]string{
			"GET /": `<body id=start data-next=/c><noscript><a href="/b">on</a></noscript>`, "GET /b": "b",
		}, "b"},
		{"a refresh of the first page", map[string]string{
			"GET /": `<noscript><meta http-equiv=refresh content="2; url=/b"></noscript><body id=start data-next=/c>`, "GET /b": "b",
		}, "b"},
		{"a first page that leads nowhere", map[string]string{"GET /": `<body id=start data-next=/c>`, "GET /c": "c"}, "leads nowhere"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.visit(t, &webssotest.Browser{NoJavaScript: true}) })
	}
}

// Sites decide by these headers what a request is for.
func TestHeaders(t *testing.T) {
	var got []http.Header
	policy := ""
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header)
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Referrer-Policy", policy)
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<form method=post action=/post></form><script>x.submit()</script>`)
		case "/start":
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusNoContent)
			}
			fmt.Fprint(w, `<body id=start data-next="/form">`)
		case "/form":
			fmt.Fprint(w, `<form method=post action=/post><input type=password name=p></form>`)
		}
	}))
	defer site.Close()
	for _, tt := range []struct{ path, policy, user, origin, referer string }{
		{"/", "", "", site.URL, site.URL + "/"},
		{"/", "no-referrer", "", "null", ""},
		{"/", "same-origin", "", site.URL, site.URL + "/"},
		{"/form", "", "?1", site.URL, site.URL + "/form"},
	} {
		got, policy = nil, tt.policy
		_, err := new(webssotest.Browser).Visit(site.URL + tt.path)
		must(t, err)
		if len(got) != 2 || got[0].Get("Sec-Fetch-Site") != "none" || got[0].Get("Sec-Fetch-User") != "?1" || got[0].Get("Origin") != "" || got[0].Get("Referer") != "" {
			t.Fatalf("%s: got %v, want two requests, the first from the address bar", tt.path, got)
		}
		for name, want := range map[string]string{
			"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
			"Sec-Fetch-User": tt.user, "Origin": tt.origin, "Referer": tt.referer,
		} {
			if is := got[1].Get(name); is != want {
				t.Errorf("%s with policy %q: got %s %q, want %q", tt.path, tt.policy, name, is, want)
			}
		}
	}

	// The first page's script asks its own site.
	got, policy = nil, "no-referrer"
	closed := errors.New("closed")
	b := &webssotest.Browser{Before: func(step webssotest.Step, _ *http.Request) error {
		if step == webssotest.StepCloud {
			return closed
		}
		return nil
	}}
	_, err := b.Visit(site.URL + "/start")
	if !errors.Is(err, closed) {
		t.Fatalf("got %v, want %v", err, closed)
	}
	for name, want := range map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Origin": site.URL, "Referer": ""} {
		if is := got[1].Get(name); is != want {
			t.Errorf("got %s %q, want %q", name, is, want)
		}
	}
}

// A redirect to another origin hides where a form came from.
func TestRedirectedPostHidesItsOrigin(t *testing.T) {
	var last http.Header
	end := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { last = r.Header }))
	defer end.Close()
	pages := map[string]string{"GET /": `<form method=post action=/post></form><script>x.submit()</script>`, "POST /post": "307 " + end.URL}
	_, err := new(webssotest.Browser).Visit(serve(t, pages).URL + "/")
	must(t, err)
	if origin, site := last.Get("Origin"), last.Get("Sec-Fetch-Site"); origin != "null" || site != "same-site" {
		t.Errorf("got Origin %q, Sec-Fetch-Site %q; want null, same-site", origin, site)
	}
}

// The answer to a challenge goes to the server that asked, and to no other.
func TestNegotiate(t *testing.T) {
	var got []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		fmt.Fprint(w, "other")
	}))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", "Negotiate")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, other.URL, http.StatusFound)
	}))
	defer s.Close()
	page, err := (&webssotest.Browser{User: "alice", Password: "wonderland"}).Visit(s.URL)
	want := []string{"", "Negotiate " + base64.StdEncoding.EncodeToString([]byte("alice:wonderland")), ""}
	if err != nil || page.Text != "other" || !slices.Equal(got, want) {
		t.Errorf("got %+v, error %v, headers %q; want the other server's page and %q", page, err, got, want)
	}
}
