package websso_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud/gophercloud/v2"
)

// TestEndlessAnswers has answers that would fill the memory.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"a token": http.StatusCreated, "an error": http.StatusServiceUnavailable, "a refusal": http.StatusUnauthorized} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			opts.Scope = nil
			authenticate(t, ks, opts)
			var sent atomic.Int64
			intercept(ks, func(*http.Request) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Subject-Token", "x")
					w.WriteHeader(status)
					spaces := strings.Repeat(" ", 1<<20)
					for sent.Load() < 64<<20 {
						n, err := io.WriteString(w, spaces)
						if sent.Add(int64(n)); err != nil {
							return
						}
					}
					fmt.Fprint(w, `{"token":{"expires_at":"2099-01-01T00:00:00Z"}}`)
				})
			})
			opts.Scope, opts.NonInteractive = project("demo"), true
			err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
			if err == nil || errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("got error %v, want one about the answer", err)
			} else if status == http.StatusCreated && !strings.Contains(err.Error(), "too large") {
				t.Errorf("got error %v, want it to say that the answer is too large", err)
			}
			if n := sent.Load(); n >= 64<<20 {
				t.Errorf("got %d bytes read, want the answer cut off", n)
			}
		})
	}
}

// TestNoTokenInInnerErrors prints errors in all ways, and gophercloud's own, which callers get
// with errors.As and may log whole.
func TestNoTokenInInnerErrors(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	token := client.Token()
	intercept(ks, func(*http.Request) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Echo", "your token "+r.Header.Get("X-Auth-Token"))
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, `{"error":{"code":500,"message":"Could not find token: %s."}}`, r.Header.Get("X-Auth-Token"))
		})
	})
	var answer gophercloud.ErrUnexpectedResponseCode
	opts.Scope, opts.NonInteractive = project("lab"), true
	for _, err := range []error{
		websso.Authenticate(t.Context(), newClient(t, ks), opts),
		websso.Logout(t.Context(), client, opts),
	} {
		if !errors.As(err, &answer) {
			t.Fatalf("got error %v, want Keystone's", err)
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			text := fmt.Sprintf(format+format, err, answer) + string(answer.Body) + fmt.Sprint(answer.ResponseHeader)
			for inner := err; inner != nil; inner = errors.Unwrap(inner) {
				text += fmt.Sprintf(format, inner)
			}
			if strings.Contains(text, token) || strings.Contains(text, "gAAAA") {
				t.Errorf("%s: got a token in %s", format, text)
			}
		}
	}
}

// TestPrintedCache prints the exported type that holds sign-ins.
func TestPrintedCache(t *testing.T) {
	t.Parallel()
	cache := &websso.MemoryCache{}
	must(t, cache.Set("key", "secret"))
	for _, printed := range []any{cache, websso.AuthOptions{Cache: cache}, &websso.AuthOptions{Cache: cache}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(format, printed); strings.Contains(text, "secret") {
				t.Errorf("%s: got the value in %s", format, text)
			}
		}
	}
}
