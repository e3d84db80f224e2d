package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// engine is a browser engine.
type engine struct {
	name    string
	program string // the variable that names its program
	start   func(context.Context, browsers.Options) (*browsers.Browser, error)

	untrusted int // a port that Keystone does not trust, different for each engine
}

var engines = []engine{
	{"Chromium", "BROWSER_CHROMEDRIVER", browsers.StartChromium, 9992},
	{"Firefox", "BROWSER_FIREFOX", browsers.StartFirefox, 9993},
	{"WebKitGTK", "BROWSER_WEBKITWEBDRIVER", func(ctx context.Context, o browsers.Options) (*browsers.Browser, error) {
		return browsers.StartWebKitGTK(ctx, os.Getenv("WEBSSO_E2E_BROWSER_MINIBROWSER"), o)
	}, 9994},
}

// inEachEngine runs a test in each engine's browser.
func inEachEngine(t *testing.T, test func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e) })
	}
}

// browser starts a browser for the length of the test. It skips the test if this run
// is for other browsers.
func (e engine) browser(t *testing.T, o browsers.Options) *browsers.Browser {
	t.Helper()
	if names := os.Getenv("WEBSSO_E2E_ENGINES"); names != "" && !slices.Contains(strings.Fields(names), e.name) {
		t.Skip("e2e/run --engine asked for " + names)
	}
	dir := tempDir(t, "browser")
	o.Program, o.Home, o.Dir = env(t, e.program), env(t, "BROWSER_HOME"), dir
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b, err := e.start(ctx, o)
	must(t, err)
	t.Cleanup(b.Close)
	return b
}

// page is a browser tab. Each step that fails ends the test.
type page struct {
	t     *testing.T
	tab   *browsers.Tab
	limit time.Duration // of each step
}

func open(t *testing.T, b *browsers.Browser, url string) page {
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

// describe returns what a failed step shows of the page.
func (p page) describe() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), patience)
	defer cancel()
	var text string
	if err := p.tab.Eval(ctx, "location.href + '\\n' + document.body.innerText", &text); err != nil {
		return "can't read the page: " + err.Error()
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

// click clicks an element as soon as the page has it and is complete.
func (p page) click(selector string) {
	p.t.Helper()
	p.ready(selector)
	p.do("clicking "+selector, func(ctx context.Context) error { return p.tab.Click(ctx, selector) })
}

// fill types into an element as soon as the page has it and is complete.
func (p page) fill(selector, text string) {
	p.t.Helper()
	p.ready(selector)
	p.do("typing into "+selector, func(ctx context.Context) error { return p.tab.Type(ctx, selector, text) })
}

func (p page) ready(selector string) {
	p.t.Helper()
	p.wait(`document.readyState === "complete" && document.querySelector("` + selector + `")`)
}

// is reports whether an expression is true now.
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

// outcome waits for the page with the sign-in's outcome and returns its text.
func (p page) outcome(ok bool) string {
	p.t.Helper()
	p.wait(fmt.Sprintf(`location.protocol === "http:" && document.body.dataset.ok === "%t"`, ok))
	return p.text()
}

var artifactsDir = sync.OnceValues(func() (string, error) {
	return os.MkdirTemp(os.Getenv("WEBSSO_E2E_PAGES"), "websso-e2e-pages-")
})

// artifacts returns the folder for screenshots, which is not removed after the tests.
// WEBSSO_E2E_PAGES names another place for it than the one of temporary files.
func artifacts(t *testing.T) string {
	t.Helper()
	dir, err := artifactsDir()
	must(t, err)
	return dir
}
