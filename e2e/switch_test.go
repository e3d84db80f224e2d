package e2e_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// TestSwitchUser signs dwho in, and then msmith in the same browser. Without SwitchUser it
// is still dwho who comes back.
func TestSwitchUser(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		for _, w := range []way{{provider: "lemon", protocol: "openid"}, {provider: "lime", protocol: "saml2"}} {
			t.Run(w.protocol, func(t *testing.T) {
				b := e.browser(t, browsers.Options{})
				opts := w.options(c)
				opts.Scope = nil // msmith has no role
				a := c.begin(t, opts)
				p := open(t, b, a.url)
				p.logIn("dwho")
				p.signsIn(a, "dwho")

				again := opts
				again.ForceLogin, again.Cache = true, &websso.MemoryCache{}
				a = c.begin(t, again)
				open(t, b, a.url).signsIn(a, "dwho")

				opts.SwitchUser = true
				a = c.begin(t, opts)
				p = open(t, b, a.url)
				p.ready("#choose:not([hidden]) #sign-out")
				p.shows("choose-"+w.protocol, "signed in as dwho", "Sign out in a new tab", "Continue as dwho")
				var signOut string
				p.eval("document.querySelector('#sign-out').href", &signOut)
				out := open(t, b, signOut)
				out.wait(`location.protocol === "https:" && document.readyState === "complete"`)
				if out.is(`document.querySelector("form button[type=submit], form input[type=submit]")`) {
					out.eval("void (window.asked = true)", nil)
					out.click("form button[type=submit], form input[type=submit]")
					out.wait(`document.readyState === "complete" && !window.asked`)
				}
				p.click("#again")
				p.logIn("msmith")
				p.signsIn(a, "msmith")
			})
		}
	})
}

// TestSwitchUserAsks has an identity provider where dwho is signed in, and a web server that
// passes on what asks it for a login form.
func TestSwitchUserAsks(t *testing.T) {
	c := realCloud(t)
	b := engines[0].browser(t, browsers.Options{})
	a := c.begin(t, c.options())
	p := open(t, b, a.url)
	p.logIn("dwho")
	p.signsIn(a, "dwho")

	// LemonLDAP::NG asks nobody who has signed in less than 5 seconds ago.
	time.Sleep(6 * time.Second)
	plain := *c
	plain.endpoint = env(t, "PLAIN")
	opts := plain.options()
	opts.Scope, opts.Username, opts.SwitchUser = nil, "msmith", true
	a = plain.begin(t, opts)
	p = open(t, b, a.url)
	p.ready("#lform input[name=user]")
	// LemonLDAP::NG suggests dwho, whatever it is told.
	p.eval(`void (document.querySelector("#lform input[name=user]").value = "")`, nil)
	p.logIn("msmith")
	p.ready("#choose:not([hidden])") // there is no sign-in before, so it may be the wrong user
	p.click("#keep")
	p.signsIn(a, "msmith")
	log, err := os.ReadFile(env(t, "IDP_ACCESS_LOG"))
	must(t, err)
	if asked := "prompt=login&login_hint=msmith"; !strings.Contains(string(log), asked) {
		t.Errorf("got no request with %s at the identity provider", asked)
	}
}
