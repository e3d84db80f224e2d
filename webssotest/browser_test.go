package webssotest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// attempt signs in with a Browser that a test has changed, and returns what became of
// it in the program and in the browser.
func attempt(t *testing.T, cloud *webssotest.Keystone, change func(*webssotest.Browser)) (page webssotest.Page, program, browser error) {
	t.Helper()
	b := browserOf(cloud, "alice", "wonderland")
	change(b)
	t.Cleanup(b.Close)
	opts := cloud.AuthOptions()
	opened := make(chan struct{})
	// When the browser is done for and the program waits on, nothing will come.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opts.OpenURL = func(url string) error {
		defer close(opened)
		err := b.Open(url)
		if err != nil {
			cancel()
		}
		return err
	}
	_, program = websso.AuthenticatedClient(ctx, opts)
	if !b.Block {
		<-opened
	}
	page, browser = b.Result()
	return page, program, browser
}

// What these do is odd, and a sign-in must stand it.
func TestBrowserMisbehavesInVain(t *testing.T) {
	for name, change := range map[string]func(*webssotest.Browser){
		"nothing":                    func(*webssotest.Browser) {},
		"first a wrong password":     func(b *webssotest.Browser) { b.WrongPassword = true },
		"no JavaScript":              func(b *webssotest.Browser) { b.NoJavaScript = true },
		"no sessionStorage":          func(b *webssotest.Browser) { b.NoSessionStorage = true },
		"no storage, no script":      func(b *webssotest.Browser) { b.NoSessionStorage, b.NoJavaScript = true, true },
		"another tab":                func(b *webssotest.Browser) { b.OtherTab = true },
		"IPv4 first":                 func(b *webssotest.Browser) { b.IPv4First = true },
		"prefetch":                   func(b *webssotest.Browser) { b.Prefetch = true },
		"reload":                     func(b *webssotest.Browser) { b.Reload = true },
		"back":                       func(b *webssotest.Browser) { b.Back = true },
		"prefetch, reload and back":  func(b *webssotest.Browser) { b.Prefetch, b.Reload, b.Back = true, true, true },
		"back without JavaScript":    func(b *webssotest.Browser) { b.Back, b.NoJavaScript = true, true },
		"an old browser, no headers": func(b *webssotest.Browser) { b.Before = withoutMetadata },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := webssotest.NewKeystone(t)
			page, program, browser := attempt(t, cloud, change)
			if program != nil || browser != nil || !page.OK {
				t.Errorf("program: %v\nbrowser: %v\npage: %+v", program, browser, page)
			}
			if !strings.Contains(page.Text, "alice") {
				t.Errorf("the page does not say who signed in: %+v", page)
			}
			if n := cloud.Logins(); n != 1 {
				t.Errorf("%d logins", n)
			}
		})
	}
}

// What a Browser is told to do, it does. A step is named once for each of its requests:
// there are two on the way to the login page, and three from there back to Keystone.
func TestBrowserMisbehaves(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*webssotest.Browser)
		want   string
	}{
		{"nothing", func(*webssotest.Browser) {}, "start register cloud cloud login login login callback confirm"},
		{"wrong password", func(b *webssotest.Browser) { b.WrongPassword = true }, "start register cloud cloud login login login login callback confirm"},
		{"prefetch", func(b *webssotest.Browser) { b.Prefetch = true }, "start start start register cloud cloud login login login callback confirm"},
		{"reload", func(b *webssotest.Browser) { b.Reload = true }, "start register start register cloud cloud login login login callback confirm"},
		{"back", func(b *webssotest.Browser) { b.Back = true }, "start register cloud cloud start register cloud cloud login login login callback confirm"},
		{"other tab", func(b *webssotest.Browser) { b.OtherTab = true }, "start register cloud cloud login login login callback ask code"},
		{"no storage", func(b *webssotest.Browser) { b.NoSessionStorage = true }, "start cloud cloud login login login callback ask code"},
		{"no script", func(b *webssotest.Browser) { b.NoJavaScript = true }, "start cloud cloud login login login callback ask code"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cloud := webssotest.NewKeystone(t)
			var got []string
			_, program, browser := attempt(t, cloud, func(b *webssotest.Browser) {
				tt.change(b)
				b.Before = func(s webssotest.Step, _ *http.Request) error {
					got = append(got, string(s))
					return nil
				}
			})
			if program != nil || browser != nil {
				t.Error(program, browser)
			}
			if steps := strings.Join(got, " "); steps != tt.want {
				t.Errorf("steps %s\nwant  %s", steps, tt.want)
			}
		})
	}
}

func TestBrowserPicksALoopbackAddress(t *testing.T) {
	var l4, l6 net.Listener
	for range 100 {
		var err error
		if l6, err = net.Listen("tcp", "[::1]:0"); err != nil {
			t.Skip("there is no IPv6 here:", err)
		}
		_, port, _ := net.SplitHostPort(l6.Addr().String())
		if l4, err = net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			break
		}
		l6.Close()
	}
	if l4 == nil {
		t.Fatal("no port is free on both addresses")
	}
	for l, text := range map[net.Listener]string{l4: "four", l6: "six"} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
		s.Listener.Close()
		s.Listener = l
		s.Start()
		defer s.Close()
	}
	_, port, _ := net.SplitHostPort(l4.Addr().String())
	for ipv4First, want := range map[bool]string{false: "six", true: "four"} {
		b := webssotest.Browser{IPv4First: ipv4First}
		if page, err := b.Visit("http://localhost:" + port); err != nil || page.Text != want {
			t.Errorf("IPv4 first %t: %+v, %v", ipv4First, page, err)
		}
	}
}

func withoutMetadata(_ webssotest.Step, r *http.Request) error {
	for name := range r.Header {
		if strings.HasPrefix(name, "Sec-Fetch-") {
			r.Header.Del(name)
		}
	}
	return nil
}

// These end a sign-in, and Open says how.
func TestBrowserFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*webssotest.Browser)
		want   string
	}{
		{"wrong password", func(b *webssotest.Browser) { b.Password = "x" }, "not the password"},
		{"no user", func(b *webssotest.Browser) { b.User = "" }, "not the password"},
		{"no cookies", func(b *webssotest.Browser) { b.NoCookies = true }, "did not begin in this browser"},
		{"nobody to read the code", func(b *webssotest.Browser) { b.NoSessionStorage, b.Code = true, nil }, "status 200"},
		{"wrong code", func(b *webssotest.Browser) {
			b.NoSessionStorage, b.Code = true, func(context.Context) string { return "AAAA-AAAA" }
		}, "not the code"},
		{"wrong secret", func(b *webssotest.Browser) {
			b.Code, b.Before = nil, changeAt(webssotest.StepConfirm, func(r *http.Request) {
				r.Body = http.NoBody
				r.ContentLength = 0
			})
		}, "status 200"},
		{"dropped at the start", func(b *webssotest.Browser) { b.DropAt = webssotest.StepStart }, "the tab was closed"},
		{"dropped at the registration", func(b *webssotest.Browser) { b.DropAt = webssotest.StepRegister }, "the tab was closed"},
		{"dropped at Keystone", func(b *webssotest.Browser) { b.DropAt = webssotest.StepCloud }, "the tab was closed"},
		{"abandoned", func(b *webssotest.Browser) { b.DropAt = webssotest.StepLogin }, "the tab was closed"},
		{"dropped at the callback", func(b *webssotest.Browser) { b.DropAt = webssotest.StepCallback }, "the tab was closed"},
		{"dropped at the confirmation", func(b *webssotest.Browser) { b.DropAt = webssotest.StepConfirm }, "the tab was closed"},
		{"dropped at the question", func(b *webssotest.Browser) {
			b.NoJavaScript, b.DropAt = true, webssotest.StepAsk
		}, "the tab was closed"},
		{"dropped at the code", func(b *webssotest.Browser) {
			b.NoJavaScript, b.DropAt = true, webssotest.StepCode
		}, "the tab was closed"},
		{"an error before a request", func(b *webssotest.Browser) {
			b.Before = func(s webssotest.Step, _ *http.Request) error {
				if s == webssotest.StepLogin {
					return errors.New("the network is down")
				}
				return nil
			}
		}, "the network is down"},
		{"closed", func(b *webssotest.Browser) {
			b.Before = func(s webssotest.Step, _ *http.Request) error {
				if s == webssotest.StepLogin {
					b.Close()
				}
				return nil
			}
		}, "the browser was closed"},
		{"too slow", func(b *webssotest.Browser) {
			b.Timeout = 50 * time.Millisecond
			b.Before = func(s webssotest.Step, r *http.Request) error {
				if s == webssotest.StepLogin {
					<-r.Context().Done()
				}
				return nil
			}
		}, "within 50ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cloud := webssotest.NewKeystone(t)
			page, program, browser := attempt(t, cloud, tt.change)
			if browser == nil || page.OK || !strings.Contains(browser.Error(), tt.want) {
				t.Errorf("browser: %v; want …%s…", browser, tt.want)
			}
			if program == nil {
				t.Error("the program is signed in all the same")
			}
		})
	}
}

func changeAt(at webssotest.Step, change func(*http.Request)) func(webssotest.Step, *http.Request) error {
	return func(s webssotest.Step, r *http.Request) error {
		if s == at {
			change(r)
		}
		return nil
	}
}

func TestBrowserBlocks(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	b := browserOf(cloud, "alice", "wonderland")
	b.Block = true
	opts := cloud.AuthOptions()
	returned := make(chan error, 1)
	opts.OpenURL = func(url string) error {
		returned <- b.Open(url)
		return nil
	}
	if _, err := websso.AuthenticatedClient(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	if page, err := b.Result(); err != nil || !page.OK {
		t.Error(page, err)
	}
	select {
	case err := <-returned:
		t.Error("Open returned:", err)
	default:
	}
	b.Close()
	if err := <-returned; err != nil {
		t.Error(err)
	}
}

func TestBrowserRemembers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	opts := cloud.AuthOptions()
	opts.ForceLogin = true
	for range 3 {
		if _, err := websso.AuthenticatedClient(t.Context(), opts); err != nil {
			t.Fatal(err)
		}
	}
	if n := cloud.Browser().Opened(); n != 3 {
		t.Errorf("%d windows", n)
	}
	if n := cloud.Logins(); n != 1 {
		t.Errorf("%d logins with one session", n)
	}
}

func TestBrowserThatWasNotOpened(t *testing.T) {
	var b webssotest.Browser
	if _, err := b.Result(); err == nil || b.Opened() != 0 {
		t.Error(err, b.Opened())
	}
	b.Close()
	b.Close()
	if _, err := b.Visit("http://localhost:1/"); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Error(err)
	}
}

func TestBrowserIsSafeForConcurrentUse(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	origin, posts := program(t, cloud)
	b := browserOf(cloud, "alice", "wonderland")
	done := make(chan error)
	for range 4 {
		go func() {
			_, err := b.Visit(signInURL(cloud, "acme", "openid", origin))
			done <- err
		}()
	}
	var through int
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for len(posts) > 0 {
		<-posts
		through++
	}
	// Tabs share cookies: they may get into each other's way, as in a real browser.
	if through == 0 {
		t.Error("no tab got through")
	}
}
