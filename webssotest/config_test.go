package webssotest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

func TestIntercept(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	cloud.Configure(func(c *webssotest.Config) {
		c.Intercept = func(r *http.Request) http.Handler {
			switch r.URL.Path {
			case "/v3/auth/projects":
				return http.RedirectHandler("http://elsewhere.example/", http.StatusTemporaryRedirect)
			case "/v3/auth/catalog":
				return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			case "/v3":
				return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			}
			return nil
		}
	})
	get(t, cloud, "/v3/auth/projects", token).want(http.StatusTemporaryRedirect)
	validate(t, cloud, token).want(http.StatusOK)
	if _, err := http.Get(cloud.URL() + "/v3/auth/catalog"); err == nil {
		t.Error("got an answer from a handler that panics, want an error")
	}
	if err := getWithin(t, 10*time.Millisecond, cloud.URL()+"/v3"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v from a handler that hangs, want context.DeadlineExceeded", err)
	}
	cloud.Configure(func(c *webssotest.Config) { c.Intercept = nil })
	get(t, cloud, "/v3/auth/projects", token).want(http.StatusOK)
}

// getWithin returns the error of a GET that is given up after limit.
func getWithin(t *testing.T, limit time.Duration, url string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err == nil {
		got.Body.Close()
	}
	return err
}

// What stands in front of Keystone answers in ways of its own.
func TestForeignAnswers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	for _, status := range []int{200, 401, 404, 500, 502, 503} {
		for kind, handler := range map[string]http.Handler{
			"text/html":        webssotest.Quirks{}.ForeignHTML(status),
			"application/json": webssotest.Quirks{}.ForeignJSON(status),
		} {
			cloud.Configure(func(c *webssotest.Config) {
				c.Intercept = func(r *http.Request) http.Handler {
					if r.URL.Path == "/v3/auth/tokens" {
						return handler
					}
					return nil
				}
			})
			got := validate(t, cloud, token).want(status)
			if is := got.header.Get("Content-Type"); !strings.HasPrefix(is, kind) {
				t.Errorf("got content type %q, want %q", is, kind)
			}
			if strings.Contains(got.text, `"error":{`) || strings.Contains(got.text, `"token"`) {
				t.Errorf("got %s, want what Keystone never answers", got.text)
			}
			challenge := got.header.Get("WWW-Authenticate")
			if want := status == http.StatusUnauthorized; strings.HasPrefix(challenge, "Basic ") != want || challenge != "" && !want {
				t.Errorf("got challenge %q with status %d", challenge, status)
			}
			get(t, cloud, "/v3/auth/projects", token).want(http.StatusOK)
		}
	}
}

func TestDelay(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	const delay = 30 * time.Millisecond
	slow := func(path string, d time.Duration) {
		cloud.Configure(func(c *webssotest.Config) {
			c.Delay = func(r *http.Request) time.Duration {
				if r.URL.Path == path {
					return d
				}
				return 0
			}
		})
	}
	slow("/v3/auth/tokens", delay)
	for name, request := range map[string]func(){
		"GET":  func() { validate(t, cloud, token).want(http.StatusOK) },
		"POST": func() { rescope(t, cloud, token, "").want(http.StatusCreated) },
	} {
		begin := time.Now()
		request()
		if took := time.Since(begin); took < delay {
			t.Errorf("%s: got an answer after %s, want it after %s", name, took, delay)
		}
	}

	// Clients that give up don't keep Close waiting, whether they sent a body or not.
	slow("/v3/auth/tokens", time.Hour)
	cloud.ResetRequests()
	if err := getWithin(t, delay, cloud.URL()+"/v3/auth/tokens"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), delay)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, cloud.URL()+"/v3/auth/tokens", strings.NewReader("{}"))
	if _, err := http.DefaultClient.Do(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	get(t, cloud, "/v3/auth/projects", token).want(http.StatusOK)
	for _, r := range cloud.Requests()[:2] {
		if r.Status != 0 {
			t.Errorf("got status %d for a request that was given up, want 0", r.Status)
		}
	}
}

func TestDelayAndIntercept(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	cloud.Configure(func(c *webssotest.Config) {
		c.Delay = func(*http.Request) time.Duration { return time.Millisecond }
		c.Intercept = func(*http.Request) http.Handler { return webssotest.Quirks{}.ForeignHTML(http.StatusBadGateway) }
	})
	ask(t, cloud, "POST", "/v3/auth/tokens", "{}").want(http.StatusBadGateway)
}

// Changing the configuration while requests are being answered is safe.
func TestConfigureIsSafeForConcurrentUse(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 100 {
			cloud.Configure(func(c *webssotest.Config) {
				c.Quirks.OmitSubjectToken, c.ClockSkew, c.Quirks.CatalogSize = i%2 == 0, time.Duration(i)*time.Second, i*100
				c.TrustedDashboards = append(c.TrustedDashboards, "x")
			})
			cloud.SetUser(webssotest.User{Name: "dora"})
			cloud.Requests()
		}
	}()
	for range 50 {
		validate(t, cloud, token).want(http.StatusOK)
		cloud.ResetRequests()
	}
	<-done
}
