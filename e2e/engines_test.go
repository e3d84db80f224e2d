package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// engine is a kind of browser.
type engine struct {
	name    string
	program string // the variable that names it
	start   func(context.Context, browsers.Options) (browsers.Browser, error)

	untrusted int // a port that Keystone does not trust, and no other engine has
}

var engines = []engine{
	{"Chromium", "BROWSER_CHROMIUM", func(ctx context.Context, o browsers.Options) (browsers.Browser, error) {
		return browsers.StartChromium(ctx, o)
	}, 9992},
	{"Firefox", "BROWSER_FIREFOX", func(ctx context.Context, o browsers.Options) (browsers.Browser, error) {
		return browsers.StartFirefox(ctx, o)
	}, 9993},
	{"WebKitGTK", "BROWSER_WEBKITWEBDRIVER", func(ctx context.Context, o browsers.Options) (browsers.Browser, error) {
		return browsers.StartWebKitGTK(ctx, os.Getenv("WEBSSO_E2E_BROWSER_MINIBROWSER"), o)
	}, 9994},
}

// inEachEngine runs a test in every browser.
func inEachEngine(t *testing.T, test func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e) })
	}
}

// browser starts a browser for the length of the test. It skips the test if this run
// is for other browsers.
func (e engine) browser(t *testing.T, o browsers.Options) browsers.Browser {
	t.Helper()
	if names := os.Getenv("WEBSSO_E2E_ENGINES"); names != "" && !slices.Contains(strings.Fields(names), e.name) {
		t.Skip("e2e/run --engine asked for " + names)
	}
	// Not t.TempDir: a browser may still write there when it is told to end.
	dir, err := os.MkdirTemp("", "websso-e2e-browser-")
	must(t, err)
	o.Program, o.Home, o.Dir = env(t, e.program), env(t, "BROWSER_HOME"), dir
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b, err := e.start(ctx, o)
	t.Cleanup(func() {
		if b != nil && err == nil {
			b.Close()
		}
		if t.Failed() {
			t.Logf("the browser's profile and log are in %s", dir)
			return
		}
		_ = os.RemoveAll(dir)
	})
	must(t, err)
	return b
}

// page is a tab whose every step has to succeed.
type page struct {
	t     *testing.T
	tab   browsers.Tab
	limit time.Duration // for each step
}

func open(t *testing.T, b browsers.Browser, url string) page {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tab, err := b.Open(ctx, url)
	must(t, err)
	return page{t, tab, patience}
}

func (p page) do(what string, f func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), p.limit)
	defer cancel()
	if err := f(ctx); err != nil {
		p.t.Fatalf("%s: %v\n%s", what, err, p.describe())
	}
}

// describe is what a failure shows of the page.
func (p page) describe() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), patience)
	defer cancel()
	var text string
	if err := p.tab.Eval(ctx, "location.href + '\\n' + document.body.innerText", &text); err != nil {
		return "the page can't be read: " + err.Error()
	}
	if shot, err := p.tab.Screenshot(ctx); err == nil {
		file := filepath.Join(artifacts(p.t), strings.ReplaceAll(p.t.Name(), "/", "-")+"-failed.png")
		if os.WriteFile(file, shot, 0o600) == nil {
			text += "\nscreenshot: " + file
		}
	}
	return text
}

func (p page) wait(expression string) {
	p.t.Helper()
	p.do("waiting for "+expression, func(ctx context.Context) error { return browsers.Wait(ctx, p.tab, expression) })
}

func (p page) eval(expression string, value any) {
	p.t.Helper()
	p.do(expression, func(ctx context.Context) error { return p.tab.Eval(ctx, expression, value) })
}

// click and fill wait for their element, and for the page around it.
func (p page) click(selector string) {
	p.t.Helper()
	p.ready(selector)
	p.do("clicking "+selector, func(ctx context.Context) error { return p.tab.Click(ctx, selector) })
}

func (p page) fill(selector, text string) {
	p.t.Helper()
	p.ready(selector)
	p.do("typing into "+selector, func(ctx context.Context) error { return p.tab.Type(ctx, selector, text) })
}

func (p page) ready(selector string) {
	p.t.Helper()
	p.wait(`document.readyState === "complete" && document.querySelector("` + selector + `")`)
}

// is tells whether an expression is true now.
func (p page) is(expression string) bool {
	p.t.Helper()
	var yes bool
	p.eval("Boolean("+expression+")", &yes)
	return yes
}

func (p page) text() string {
	p.t.Helper()
	var text string
	p.eval("document.body.innerText", &text)
	return text
}

// logIn fills in LemonLDAP's form.
func (p page) logIn(name string) {
	p.t.Helper()
	p.fill("#lform input[name=user]", name)
	p.fill("#lform input[name=password]", name)
	p.click("#lform button[type=submit]")
}

// outcome waits for a page that says how the sign-in went, and returns its text.
func (p page) outcome(ok bool) string {
	p.t.Helper()
	value := "false"
	if ok {
		value = "true"
	}
	p.wait(`location.protocol === "http:" && document.body.dataset.ok === "` + value + `"`)
	return p.text()
}
