package e2e_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// The tests of this file sign in where the tab can't carry the secret: with the code
// from the terminal.

// hosts are those that a person can't sign in at without cookies.
var hosts = []string{"keystone.websso.test", "sso.websso.test"}

// TestOtherTab has the token arrive in a tab that is not the one that was opened, as
// it does when a link of the identity provider's opens a new one.
func TestOtherTab(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})
		a := c.begin(t, c.options())
		open(t, b, a.url).ready("#lform")
		p := open(t, b, c.websso("lemon"))
		p.logIn("dwho")
		p.finishByCode(a, "dwho")
	})
}

// TestStorageBlocked forbids this site, and all others but the cloud's, to keep
// anything.
func TestStorageBlocked(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		if e.name == "WebKitGTK" {
			t.Skip("WebKitGTK's MiniBrowser has no setting for one site's cookies")
		}
		b := e.browser(t, browsers.Options{BlockStorage: true, Allowed: hosts})
		a := c.begin(t, c.options())
		p := open(t, b, a.url)
		p.logIn("dwho")
		p.ready("#ask button")
		if blocked := "(() => { try { sessionStorage.length; return false } catch { return true } })()"; !p.is(blocked) {
			t.Fatal("the browser lets the site keep something: this tests nothing")
		}
		p.finishByCode(a, "dwho")
	})
}

// TestNoScript signs in without JavaScript, from the start to the end.
func TestNoScript(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		if e.name == "WebKitGTK" {
			t.Skip("WebKitWebDriver itself needs JavaScript in the page")
		}
		b := e.browser(t, browsers.Options{NoScript: true})
		a := c.begin(t, c.options())
		p := open(t, b, a.url)
		p.ready("#start noscript a")
		p.shows("start-without-script", "Without JavaScript, you will be asked for a code")
		p.logIn("dwho")
		p.click("#submit_no_javascript")
		p.finishByCode(a, "dwho")
	})
}

// TestContainer has a container of Firefox's take over on the way.
func TestContainer(t *testing.T) {
	c := realCloud(t)
	for _, e := range engines {
		if e.name != "Firefox" {
			continue
		}
		b := e.browser(t, browsers.Options{})
		a := c.begin(t, c.options())
		open(t, b, a.url).ready("#lform")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		tab, err := b.(*browsers.Firefox).OpenInContainer(ctx, c.websso("lemon"))
		must(t, err)
		p := page{t, tab, patience}
		p.logIn("dwho")
		p.finishByCode(a, "dwho")
	}
}

// codeLine is where the terminal shows a code: eight characters of base32.
var codeLine = regexp.MustCompile(`(?m)^websso:   ([A-Z2-7]{4}-[A-Z2-7]{4})$`)

// finishByCode finishes in a tab that has no secret.
func (p page) finishByCode(a *attempt, name string) {
	p.t.Helper()
	p.ready("#ask button")
	a.waiting()
	if codes := codeLine.FindString(a.output.String()); codes != "" {
		p.t.Errorf("the terminal shows a code that nobody asked for: %s", codes)
	}
	p.click("#ask button")
	p.ready("#typed")
	a.waiting()
	output := a.output.String()
	code := codeLine.FindStringSubmatch(output)
	if code == nil || !strings.Contains(output, "signing in as "+name+".") {
		p.t.Fatalf("the terminal does not show whose sign-in this is, and a code:\n%s", output)
	}
	p.fill("#typed", strings.ToLower(code[1]))
	p.click("#code button")
	if text := p.outcome(true); !strings.Contains(text, " as "+name+".") {
		p.t.Errorf("the page does not say who signed in:\n%s", text)
	}
	a.signedIn(name)
}
