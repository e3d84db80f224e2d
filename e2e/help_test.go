package e2e_test

import (
	_ "embed"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

//go:embed testdata/help.html
var helpPage string

// TestHostileHelp leads the sign-in's own tab, or a popup of it, to a hostile page that
// posts another user's real token there: twice in each way, two seconds apart, because a user
// who sees the login page again tries again. Nothing is accepted, and the user finishes
// the sign-in in the same tab.
func TestHostileHelp(t *testing.T) {
	c := realCloud(t)
	var mallory atomic.Value // what a program of ours was shown is revoked
	var loaded atomic.Int32
	serveEvil(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/help":
			_, _ = io.WriteString(w, helpPage)
		case "/post":
			loaded.Add(1)
			postsToken(w, mallory.Load().(string))
		case "/disown":
			loaded.Add(1)
			_, _ = io.WriteString(w, "<script>opener = null</script>")
			postsToken(w, mallory.Load().(string))
		case "/lead":
			_, _ = io.WriteString(w, `<script>opener.location = "/post"</script>`)
		case "/lead-again":
			_, _ = io.WriteString(w, `<script>setInterval(() => { opener.location = "/post" }, 400)</script>`)
		}
	}))
	inEachEngine(t, func(t *testing.T, e engine) {
		ways := []string{"link", "disown", "lead"} // each stands for others
		if e.name == "Chromium" {
			ways = append(ways, "race") // only it finishes what it should have cut off
		}
		if os.Getenv("WEBSSO_E2E_ALL") != "" {
			ways = []string{"link", "popup", "noopener", "open", "disown", "lead", "lead-again", "form", "frame", "race"}
		}
		for _, way := range ways {
			t.Run(way, func(t *testing.T) {
				b := e.browser(t, browsers.Options{})
				token := c.tokenOf(t, "msmith")
				mallory.Store(token)
				loaded.Store(0)
				help := env(t, "EVIL") + "/help?" + url.Values{
					"site": {env(t, "EVIL_SITE")}, "callback": {"http://localhost:9990/auth/websso/"}, "token": {token},
				}.Encode()
				a := c.begin(t, c.options())
				p := open(t, b, a.url)
				p.ready("#lform")
				for i := range 2 {
					round := "&round=" + strconv.Itoa(i)
					p.eval("void (location.href = "+strconv.Quote(help+round)+")", nil)
					p.wait("location.search.includes(" + strconv.Quote(round) + ") && document.readyState === 'complete'")
					before := loaded.Load()
					p.click("#" + way)
					// Not every browser lets every way lead there, each time.
					for end := time.Now().Add(5 * time.Second); way != "form" && loaded.Load() == before && time.Now().Before(end); {
						time.Sleep(50 * time.Millisecond)
					}
					// A popup can't be seen from here. After four seconds a slow tab, too, has
					// been on its second trip, which leads to the login page. No less: two posts
					// within the limit of that trip look like a sign-in.
					for range 4 + 4*strings.Count(way, "race") {
						time.Sleep(time.Second)
						a.waiting()
					}
				}
				t.Logf("the hostile page was loaded %d times", loaded.Load())
				if way == "race" {
					return // mod_auth_openidc refuses a browser that has begun so many sign-ins
				}
				p.eval("void (window.left = location.href = "+strconv.Quote(a.url)+")", nil)
				p.wait("!window.left") // the login form may be the one before
				p.logIn("dwho")
				p.signsIn(a, "dwho")
				if strings.Contains(a.output.String(), "msmith") {
					t.Errorf("got terminal\n%s\nwant nothing about the other user", a.output)
				}
			})
		}
		t.Run("then the form that is there", func(t *testing.T) {
			b := e.browser(t, browsers.Options{})
			token := c.tokenOf(t, "msmith")
			mallory.Store(token)
			a := c.begin(t, c.options())
			p := open(t, b, a.url)
			p.ready("#lform")
			p.eval("void (location.href = "+strconv.Quote(env(t, "EVIL_SITE")+"/post")+")", nil)
			p.wait(`location.host === "sso.websso.test" && performance.now() > 1000`) // the login page again
			p.logIn("dwho")
			p.signsIn(a, "dwho") // by the code, but on a machine so busy that it gets more time
		})
	})
}
