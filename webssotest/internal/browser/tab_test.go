package browser_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud-websso/websso/webssotest/internal/browser"
)

func TestMain(m *testing.M) { testcache.Main(m) }

// attempt signs alice in with a browser that behaves as settings say, and returns how
// it went in the program and in the browser.
func attempt(t *testing.T, cloud *webssotest.Keystone, settings browser.Settings) (page browser.Page, programErr, browserErr error) {
	t.Helper()
	if settings.User == "" {
		settings.User, settings.Password = "alice", "wonderland"
	}
	var profile browser.Profile
	t.Cleanup(profile.Close)
	opts := cloud.AuthOptions()
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opts.OpenURL = func(url string) error {
		defer close(done)
		page, browserErr = profile.Visit(url, settings)
		if browserErr != nil || !page.OK {
			cancel() // nothing more will come
		}
		return browserErr
	}
	_, programErr = websso.AuthenticatedClient(ctx, opts)
	<-done
	return page, programErr, browserErr
}

// A sign-in works in spite of all of these. A step is named once for each request:
// there are two on the way to the login page, and three from there back to Keystone.
func TestSignIn(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings browser.Settings
		steps    string
	}{
		{"nothing", browser.Settings{}, "start register cloud cloud login login login callback confirm cloud callback confirm"},
		{"first a wrong password", browser.Settings{WrongPassword: true}, "start register cloud cloud login login login login callback confirm cloud callback confirm"},
		{"IPv4 first", browser.Settings{IPv4First: true}, "start register cloud cloud login login login callback confirm cloud callback confirm"},
		{"prefetch", browser.Settings{Prefetch: true}, "start start start register cloud cloud login login login callback confirm cloud callback confirm"},
		{"reload", browser.Settings{Reload: true}, "start register start register cloud cloud login login login callback confirm cloud callback confirm"},
		{"back", browser.Settings{Back: true}, "start register cloud cloud start register cloud cloud login login login callback confirm cloud callback confirm"},
		{"prefetch, reload and back", browser.Settings{Prefetch: true, Reload: true, Back: true}, "start start start register start register cloud cloud start register cloud cloud login login login callback confirm cloud callback confirm"},
		{"another tab", browser.Settings{OtherTab: true}, "start register cloud cloud login login login callback ask code"},
		{"no sessionStorage", browser.Settings{NoSessionStorage: true}, "start cloud cloud login login login callback ask code"},
		{"no JavaScript", browser.Settings{NoJavaScript: true}, "start cloud cloud login login login callback ask code"},
		{"no storage, no JavaScript", browser.Settings{NoSessionStorage: true, NoJavaScript: true}, "start cloud cloud login login login callback ask code"},
		{"back without JavaScript", browser.Settings{Back: true, NoJavaScript: true}, "start cloud cloud start cloud cloud login login login callback ask code"},
	} {
		for _, metadata := range []bool{true, false} { // old browsers send none
			name := tt.name
			if !metadata {
				name += ", no metadata"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cloud := webssotest.NewKeystone(t)
				var steps []string
				settings := tt.settings
				settings.Code = cloud.Terminal().Code
				settings.Before = func(step string, r *http.Request) error {
					steps = append(steps, step)
					for name := range r.Header {
						if !metadata && strings.HasPrefix(name, "Sec-Fetch-") {
							r.Header.Del(name)
						}
					}
					return nil
				}
				page, programErr, browserErr := attempt(t, cloud, settings)
				if programErr != nil || browserErr != nil || !page.OK {
					t.Fatalf("got %+v, browser error %v, program error %v; want success", page, browserErr, programErr)
				}
				if !strings.Contains(page.Text, "alice") {
					t.Errorf("got page text %q, want the user's name in it", page.Text)
				}
				if got := cloud.Logins(); got != 1 {
					t.Errorf("got %d logins, want 1", got)
				}
				if got := strings.Join(steps, " "); got != tt.steps {
					t.Errorf("got steps  %s\nwant steps %s", got, tt.steps)
				}
			})
		}
	}
}

// Each of these ends a sign-in, at a page or with an error.
func TestFailedSignIn(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings browser.Settings
		want     string // in the page's text or in the error
	}{
		{"no cookies", browser.Settings{NoCookies: true}, "did not begin in this browser"},
		{"wrong secret", browser.Settings{Before: func(step string, r *http.Request) error {
			if step == browser.StepConfirm {
				r.Body, r.ContentLength = http.NoBody, 0
			}
			return nil
		}}, ""},
		{"too slow", browser.Settings{Timeout: 50 * time.Millisecond, Before: func(step string, r *http.Request) error {
			if step == browser.StepLogin {
				<-r.Context().Done()
			}
			return nil
		}}, "within 50ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cloud := webssotest.NewKeystone(t)
			page, programErr, browserErr := attempt(t, cloud, tt.settings)
			got := page.Text
			if browserErr != nil {
				got = browserErr.Error()
			}
			if page.OK || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, OK %t; want …%s…, not OK", got, page.OK, tt.want)
			}
			if !errors.Is(programErr, context.Canceled) {
				t.Errorf("got program error %v, want context.Canceled", programErr)
			}
		})
	}
}
