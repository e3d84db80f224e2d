package command_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gophercloud-websso/websso/webssotest"
)

type keystoneKey struct{}

// keystone changes the script's own Keystone, or checks what it saw:
//
//	keystone requests N    N requests since the last check
//	keystone handed N      N sign-ins so far
//	keystone ...           as the names say
func keystone(ts *testscript.TestScript, neg bool, args []string) {
	k := ts.Value(keystoneKey{}).(*webssotest.Keystone)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: keystone VERB [ARGUMENT]")
	}
	argument := strings.Join(args[1:], " ")
	switch args[0] {
	case "requests":
		got := k.APIRequests()
		k.ResetRequests()
		if strconv.Itoa(len(got)) != argument {
			ts.Fatalf("got %d requests, want %s: %v", len(got), argument, got)
		}
	case "handed":
		if got := strconv.Itoa(k.SignIns()); got != argument {
			ts.Fatalf("got %s sign-ins, want %s", got, argument)
		}
	case "revoke-all":
		k.RevokeAll()
	case "no-rescope":
		k.Configure(func(c *webssotest.Config) { c.Quirks.NoRescope = true })
	case "lifetime":
		lifetime, err := time.ParseDuration(argument)
		ts.Check(err)
		k.Configure(func(c *webssotest.Config) { c.TokenLifetime = lifetime })
	case "distrust":
		k.Configure(func(c *webssotest.Config) { c.TrustedDashboards = nil })
	case "fail":
		status, err := strconv.Atoi(argument)
		ts.Check(err)
		k.Configure(func(c *webssotest.Config) {
			c.Intercept = func(*http.Request) http.Handler { return badPage(status) }
		})
	case "deaf":
		// It issues tokens, and accepts none of them.
		k.Configure(func(c *webssotest.Config) {
			c.Intercept = func(r *http.Request) http.Handler {
				if r.Method != http.MethodGet || r.URL.Path != "/v3/auth/tokens" {
					return nil
				}
				return badPage(http.StatusUnauthorized)
			}
		})
	case "forget":
		// Keystone 27 and 30 answer a dead token that asks about itself 404 at first.
		token := tokenIn(ts, args[1])
		var asked atomic.Bool
		k.Configure(func(c *webssotest.Config) {
			c.Intercept = func(r *http.Request) http.Handler {
				if r.Method != http.MethodGet || r.Header.Get("X-Subject-Token") != token || asked.Swap(true) {
					return nil
				}
				return unknownToken
			}
		})
	case "work":
		k.Configure(func(c *webssotest.Config) { c.Intercept = nil })
	case "close":
		k.Close()
	case "trust":
		k.Configure(func(c *webssotest.Config) { ts.Setenv("TRUST", c.Quirks.AddTrust("alice", "vault")) })
	default:
		ts.Fatalf("unknown verb %q", args[0])
	}
}

var unknownToken = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprint(w, `{"error":{"code":404,"message":"Failed to validate token","title":"Not Found"}}`)
})

// badPage is an error page that repeats the token and has control characters.
func badPage(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://evil.example/")
		w.WriteHeader(status)
		fmt.Fprint(w, "\x1b[31m your token ", r.Header.Get("X-Auth-Token"))
	})
}
