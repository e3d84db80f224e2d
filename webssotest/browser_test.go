package webssotest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// attempt signs in with a browser that change has changed, and returns how it went in
// the program and in the browser.
func attempt(t *testing.T, cloud *webssotest.Keystone, change func(*webssotest.Browser)) (page webssotest.Page, programErr, browserErr error) {
	t.Helper()
	b := browserOf(cloud, "alice", "wonderland")
	change(b)
	t.Cleanup(b.Close)
	opts := cloud.AuthOptions()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opts.OpenURL = func(url string) error {
		err := b.Open(url)
		if err != nil {
			cancel() // nothing more will come
		}
		return err
	}
	_, programErr = websso.AuthenticatedClient(ctx, opts)
	page, browserErr = b.Result()
	return page, programErr, browserErr
}

// TestBrowserSteps names a step once for each request: there are two on the way to the login
// page, and three from there back to Keystone.
func TestBrowserSteps(t *testing.T) {
	for noJavaScript, want := range map[bool]string{
		false: "start register cloud cloud login login login callback confirm cloud callback confirm",
		true:  "start cloud cloud login login login callback ask code",
	} {
		for _, metadata := range []bool{true, false} { // old browsers send none
			t.Run(fmt.Sprintf("NoJavaScript=%t, metadata=%t", noJavaScript, metadata), func(t *testing.T) {
				t.Parallel()
				cloud := webssotest.NewKeystone(t)
				var steps []string
				page, programErr, browserErr := attempt(t, cloud, func(b *webssotest.Browser) {
					b.NoJavaScript = noJavaScript
					b.Before = func(step webssotest.Step, r *http.Request) error {
						steps = append(steps, string(step))
						for name := range r.Header {
							if !metadata && strings.HasPrefix(name, "Sec-Fetch-") {
								r.Header.Del(name)
							}
						}
						return nil
					}
				})
				if programErr != nil || browserErr != nil || !page.OK || !strings.Contains(page.Text, "alice") {
					t.Fatalf("got %+v, browser error %v, program error %v; want success for alice", page, browserErr, programErr)
				}
				if got := cloud.Logins(); got != 1 {
					t.Errorf("got %d logins, want 1", got)
				}
				if got := strings.Join(steps, " "); got != want {
					t.Errorf("got steps  %s\nwant steps %s", got, want)
				}
			})
		}
	}
}

// Each of these ends a sign-in, and Open says why.
func TestBrowserFails(t *testing.T) {
	closed := errors.New("the user closed the tab")
	before := func(at webssotest.Step, do func(b *webssotest.Browser) error) func(*webssotest.Browser) {
		return func(b *webssotest.Browser) {
			b.NoJavaScript = at == webssotest.StepAsk || at == webssotest.StepCode
			b.Before = func(step webssotest.Step, _ *http.Request) error {
				if step == at {
					return do(b)
				}
				return nil
			}
		}
	}
	type row struct {
		change func(*webssotest.Browser)
		want   string
	}
	rows := map[string]row{
		"wrong password":        {func(b *webssotest.Browser) { b.Password = "x" }, "Wrong user name or password"},
		"no user":               {func(b *webssotest.Browser) { b.User = "" }, "Wrong user name or password"},
		"nobody reads the code": {func(b *webssotest.Browser) { b.NoJavaScript, b.Code = true, nil }, "status 200"},
		"wrong code": {func(b *webssotest.Browser) {
			b.NoJavaScript, b.Code = true, func(context.Context) string { return "AAAA-AAAA" }
		}, "code"},
		"no cookies": {func(b *webssotest.Browser) {
			b.Before = func(_ webssotest.Step, r *http.Request) error { r.Header.Del("Cookie"); return nil }
		}, "did not begin in this browser"},
		"wrong secret": {func(b *webssotest.Browser) {
			b.Before = func(step webssotest.Step, r *http.Request) error {
				if step == webssotest.StepConfirm {
					r.Body, r.ContentLength = http.NoBody, 0
				}
				return nil
			}
			b.Code = nil
		}, "status 200"},
		"too slow": {func(b *webssotest.Browser) {
			b.SetLimit(50 * time.Millisecond)
			b.Before = func(step webssotest.Step, r *http.Request) error {
				if step == webssotest.StepLogin {
					<-r.Context().Done()
				}
				return nil
			}
		}, "within 50ms"},
		"closed by the program": {before(webssotest.StepLogin, func(b *webssotest.Browser) error { b.Close(); return nil }), "the browser was closed"},
	}
	for _, step := range []webssotest.Step{
		webssotest.StepStart, webssotest.StepRegister, webssotest.StepCloud, webssotest.StepLogin,
		webssotest.StepCallback, webssotest.StepConfirm, webssotest.StepAsk, webssotest.StepCode,
	} {
		rows["closed at "+string(step)] = row{before(step, func(*webssotest.Browser) error { return closed }), closed.Error()}
	}
	for name, tt := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, programErr, browserErr := attempt(t, webssotest.NewKeystone(t), tt.change)
			if browserErr == nil || page.OK || !strings.Contains(browserErr.Error(), tt.want) {
				t.Errorf("got %+v, browser error %v; want …%s…", page, browserErr, tt.want)
			}
			if !errors.Is(programErr, context.Canceled) {
				t.Errorf("got program error %v, want context.Canceled", programErr)
			}
		})
	}
}

func TestZeroBrowser(t *testing.T) {
	var b webssotest.Browser
	if _, err := b.Result(); err == nil || b.Opened() != 0 {
		t.Errorf("got error %v, %d tabs; want an error, none", err, b.Opened())
	}
	cloud := webssotest.NewKeystone(t)
	origin, _ := program(t, cloud)
	page, err := b.Visit(signInURL(cloud, "acme", "openid", origin))
	if err != nil || page.Status != http.StatusUnauthorized {
		t.Errorf("got %+v, error %v; want the login page with status 401", page, err)
	}
	b.Close()
	b.Close()
	if _, err := b.Visit(cloud.URL()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got error %v, want …closed…", err)
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
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	// Tabs share cookies and may get in each other's way, as in a real browser.
	if len(posts) == 0 {
		t.Error("got no token through, want at least one")
	}
}
