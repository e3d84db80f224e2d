package e2e_test

import (
	"testing"

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
