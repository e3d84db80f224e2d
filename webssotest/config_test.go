package webssotest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

// Clients that give up don't keep Close waiting, whether they sent a body or not.
func TestDelay(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	cloud.Configure(func(c *webssotest.Config) {
		c.Delay = func(r *http.Request) time.Duration {
			if r.URL.Path == "/v3/auth/tokens" {
				return time.Hour
			}
			return 0
		}
	})
	cloud.ResetRequests()
	for method, body := range map[string]io.Reader{http.MethodGet: http.NoBody, http.MethodPost: strings.NewReader("{}")} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, method, cloud.URL()+"/v3/auth/tokens", body)
		if _, err := http.DefaultClient.Do(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want context.DeadlineExceeded", method, err)
		}
	}
	at(cloud).Ask(t, "GET /v3/auth/projects", token, "", "").Is(t, http.StatusOK)
	for _, r := range cloud.Requests() {
		if r.Path == "/v3/auth/tokens" && r.Status != 0 {
			t.Errorf("got status %d for a request that was given up, want 0", r.Status)
		}
	}
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
		validate(t, cloud, token).Is(t, http.StatusOK)
		cloud.ResetRequests()
	}
	<-done
}
