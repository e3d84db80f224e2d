package e2e_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestPages visits every page that the listener can show, checks its text and saves
// screenshots for people to look at.
func TestPages(t *testing.T) {
	c := realCloud(t)
	t.Logf("screenshots are in %s", artifacts(t))
	serveEvil(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		postsToken(w, r.URL.Query().Get("token"))
	}))
	// posting returns the URL of a page that posts a token to the sign-in.
	posting := func(token string) string {
		return env(t, "EVIL_SITE") + "/?token=" + url.QueryEscape(token)
	}
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})

		t.Run("signed in", func(t *testing.T) {
			a := c.begin(t, c.options())
			p := open(t, b, a.url)
			p.ready("#lform")

			second := open(t, b, a.url)
			second.outcome(false)
			second.shows("second-use", "Another tab began this sign-in", "Sign in in this tab")
			if !strings.Contains(a.output.String(), "opened again") {
				t.Errorf("got terminal\n%s\nwant it to report the second use", a.output)
			}

			wrong := open(t, b, forwarded(t, a.url))
			wrong.outcome(false)
			wrong.shows("wrong-port", "Wrong port", "ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:9990:localhost:9990 -L \"[::1]:9990:localhost:9990\"")

			p.logIn("dwho")
			p.outcome(true)
			p.shows("signed-in", "You are signed in", "dwho")
			a.signedIn("dwho")
		})

		t.Run("code", func(t *testing.T) {
			a := c.begin(t, c.options())
			p := open(t, b, c.websso("lemon"))
			p.ready("#ask button")
			p.shows("ask", "One more step")
			p.click("#ask button")
			p.ready("#typed")
			p.shows("code", "Enter the code from your terminal")
			for left := 4; left > 0; left-- {
				p.fill("#typed", "WRNG-CODE")
				p.click("#code button")
				p.wait(fmt.Sprintf(`document.body.innerText.includes("Tries left: %d.")`, left))
			}
			p.shows("code-wrong", "That is not the code. Tries left: 1.")
			p.fill("#typed", "WRNG-CODE")
			p.click("#code button")
			p.outcome(false)
			p.shows("too-many", "Too many tries")
			a.waiting()
		})

		t.Run("not asked for", func(t *testing.T) {
			a := c.begin(t, c.options())
			p := open(t, b, posting("not-a-token"))
			p.click("#ask button")
			p.outcome(false)
			p.shows("ask-refused", "Keystone refused the sign-in", "still waiting")

			p = open(t, b, posting("two words"))
			p.outcome(false)
			p.shows("no-token", "No token arrived")
			a.waiting()
		})

		t.Run("finished before", func(t *testing.T) {
			a := c.begin(t, c.options())
			a.only = http.MethodDelete // which revokes the token of the first trip, with the outcome out
			a.hold()
			p := open(t, b, a.url)
			p.outcome(true)
			a.isHeld()
			p.eval("void (document.title = 'before', setTimeout(() => location.reload()))", nil)
			p.wait("document.title !== 'before'")
			p.outcome(true)
			other := open(t, b, a.url)
			other.outcome(true)
			other.shows("over", "You are signed in", "dwho")
			a.release()
			must(t, a.end())
		})

		t.Run("nobody waits", func(t *testing.T) {
			a := c.begin(t, c.options())
			a.hold()
			p := open(t, b, a.url)
			a.isHeld()
			a.cancel()
			if err := a.end(); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
			p.outcome(false)
			p.shows("nobody-waits", "The program is no longer waiting")
		})

		t.Run("other provider", func(t *testing.T) {
			a := c.begin(t, c.options())
			p := open(t, b, c.websso("citrus"))
			p.logIn("dwho")
			p.click("#ask button")
			p.outcome(false)
			p.shows("other-provider", "Another identity provider", "citrus", "lemon")
			a.waiting()
		})
	})
}

// websso returns Keystone's URL for a sign-in that skips the start page.
func (c *cloud) websso(idp string) string {
	return c.endpoint + "/auth/OS-FEDERATION/identity_providers/" + idp + "/protocols/openid/websso?origin=http://localhost:9990/auth/websso/"
}

// postsToken answers with a page that posts a token, as Keystone's callback page does.
func postsToken(w http.ResponseWriter, token string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><form id="sso" method="post" action="http://localhost:9990/auth/websso/">
<input type="hidden" name="token" value="%s"></form><script>document.forms[0].submit()</script>`, html.EscapeString(token))
}

// forwarded returns the same URL on another local port, as a tunnel that forwards a
// different port would have it.
func forwarded(t *testing.T, address string) string {
	t.Helper()
	listener, _ := listenHere(t)
	relay(t, listener, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:9990")
	})
	return strings.Replace(address, "localhost:9990", listener.Addr().String(), 1)
}

var unsafeInNames = regexp.MustCompile(`[^A-Za-z0-9-]+`)

// shows checks the text of a page and saves screenshots of it: in Chromium also dark
// and narrow ones.
func (p page) shows(name string, texts ...string) {
	p.t.Helper()
	text := p.text()
	for _, want := range texts {
		if !strings.Contains(text, want) {
			p.t.Errorf("got page %s\n%s\nwant it to say %q", name, text, want)
		}
	}
	engine := unsafeInNames.ReplaceAllString(strings.Split(p.t.Name(), "/")[1], "-")
	if engine == "WebKitGTK" {
		// Nobody looks at its window, so it paints late.
		p.eval("new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))); setTimeout(() => resolve(true), 300) })", nil)
	}
	for look, l := range looks {
		if engine != "Chromium" && look != "light" {
			continue
		}
		if engine == "Chromium" {
			p.do("the look "+look, func(ctx context.Context) error { return browsers.SetLook(ctx, p.tab, l) })
		}
		p.do("a screenshot", func(ctx context.Context) error {
			shot, err := p.tab.Screenshot(ctx)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(artifacts(p.t), fmt.Sprintf("%s-%s-%s.png", engine, name, look)), shot, 0o600)
		})
	}
}

var looks = map[string]browsers.Look{
	"light":  {Width: 1280, Height: 720},
	"dark":   {Width: 1280, Height: 720, Dark: true},
	"narrow": {Width: 360, Height: 720},
}

// serveEvil serves the hostile site under both of its names until the test ends.
func serveEvil(t *testing.T, handler http.Handler) {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(env(t, "EVIL_CERT"), env(t, "EVIL_KEY"))
	must(t, err)
	server := serverAt(t, env(t, "EVIL_LISTEN"), handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
}

// tokenOf signs a user in without a browser and returns the token that Keystone
// posts. It gives the hostile site a token of its own.
func (c *cloud) tokenOf(t *testing.T, name string) string {
	t.Helper()
	token := ""
	b := &webssotest.Browser{User: name, Password: name, TLS: c.tls}
	b.Before = func(step webssotest.Step, r *http.Request) error {
		if step != webssotest.StepCallback {
			return nil
		}
		token = r.PostFormValue("token")
		return errors.New("the test stops here")
	}
	if _, err := b.Visit(c.websso("lemon")); token == "" {
		t.Fatalf("got no token for %s (%v), want one", name, err)
	}
	return token
}
