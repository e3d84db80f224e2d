package e2e_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// The tests in this file sign in with the code from the terminal, because the tab
// can't carry the secret.

// hosts need cookies for a sign-in.
var hosts = []string{"keystone.websso.test", "sso.websso.test"}

// TestOtherTab has the token arrive in another tab than the one that was opened, as
// happens when a link on the identity provider's page opens a new tab.
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

// TestClosedTab closes the tab at the identity provider, and opens the printed address again.
func TestClosedTab(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})
		open(t, b, "about:blank") // or the browser would end with its last tab
		a := c.begin(t, c.options())
		first := open(t, b, a.url)
		first.ready("#lform")
		first.do("closing the tab", first.tab.Close)
		p := open(t, b, a.url)
		p.click("#here a")
		p.logIn("dwho")
		p.finishByCode(a, "dwho")
		if n := strings.Count(a.output.String(), "if you closed it, in the new one"); n != 1 {
			t.Errorf("got terminal\n%s\nwant it to say once what to do about a closed tab", a.output)
		}
	})
}

// TestStorageBlocked blocks cookies and storage for all sites except the cloud's.
func TestStorageBlocked(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		if e.name == "WebKitGTK" {
			t.Skip("WebKitGTK's MiniBrowser has no cookie setting for single sites")
		}
		b := e.browser(t, browsers.Options{BlockStorage: true, Allowed: hosts})
		a := c.begin(t, c.options())
		p := open(t, b, a.url)
		p.logIn("dwho")
		p.ready("#ask button")
		if blocked := "(() => { try { sessionStorage.length; return false } catch { return true } })()"; !p.is(blocked) {
			t.Fatal("got storage for the site, want it blocked")
		}
		p.finishByCode(a, "dwho")
	})
}

// TestNoScript signs in with JavaScript off from start to end.
func TestNoScript(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		if e.name == "WebKitGTK" {
			t.Skip("WebKitWebDriver needs JavaScript in the page")
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

// TestContainer moves the sign-in to a Firefox container on the way.
func TestContainer(t *testing.T) {
	c := realCloud(t)
	b := engines[1].browser(t, browsers.Options{})
	a := c.begin(t, c.options())
	open(t, b, a.url).ready("#lform")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tab, err := b.OpenInContainer(ctx, c.websso("lemon"))
	must(t, err)
	p := page{t, tab, patience}
	p.logIn("dwho")
	p.finishByCode(a, "dwho")
}

// codeLine matches the line with the code: eight characters of base32.
var codeLine = regexp.MustCompile(`(?m)^websso:   ([A-Z2-7]{4}-[A-Z2-7]{4})$`)

// finishByCode finishes a sign-in in a tab without the secret.
func (p page) finishByCode(a *attempt, name string) {
	p.t.Helper()
	p.ready("#ask:not([hidden]) button")
	a.waiting()
	if codes := codeLine.FindString(a.output.String()); codes != "" {
		p.t.Errorf("got code %s on the terminal, want none before the user asks", codes)
	}
	p.click("#ask button")
	p.ready("#typed")
	a.waiting()
	output := a.output.String()
	code := codeLine.FindStringSubmatch(output)
	if code == nil || !strings.Contains(output, "signing in as "+name+".") {
		p.t.Fatalf("got terminal\n%s\nwant the user's name and a code", output)
	}
	p.fill("#typed", strings.ToLower(code[1]))
	p.click("#code button")
	if text := p.outcome(true); !strings.Contains(text, name) {
		p.t.Errorf("got page\n%s\nwant it to say that %s signed in", text, name)
	}
	a.signedIn(name)
}

// signsIn waits until the sign-in has ended well. On a machine that is busier than the
// limit of the second trip allows for, the code finishes it, and straight is false.
func (p page) signsIn(a *attempt, name string) (straight bool) {
	p.t.Helper()
	p.wait(`location.protocol === "http:" && (document.body.dataset.ok === "true" || document.body.innerText.includes("Your cloud took long"))`)
	if p.is(`document.body.dataset.ok !== "true"`) {
		p.t.Log("the second trip took too long")
		p.finishByCode(a, name)
		return false
	}
	if text := p.text(); !strings.Contains(text, name) {
		p.t.Errorf("got page\n%s\nwant it to say that %s signed in", text, name)
	}
	a.signedIn(name)
	return true
}
