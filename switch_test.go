package websso_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestSwitchUser signs alice in, and then whoever is at the browser, which still has
// alice's sessions.
func TestSwitchUser(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mellon bool
		change func(*websso.AuthOptions)
		user   string // at the browser
		gone   string // cookies of the sessions that are over by then
		want   string
		steps  string // that the sign-in has
		logins int
	}{
		"without it":          {change: func(o *websso.AuthOptions) { o.ForceLogin = true }, user: "bob", want: "alice", logins: 1},
		"mod_auth_openidc":    {change: switchUser, user: "bob", want: "bob", steps: "confirm sign out sign out sign out cloud", logins: 2},
		"mod_auth_mellon":     {change: switchUser, user: "bob", want: "bob", steps: "confirm sign out sign out sign out cloud", logins: 2, mellon: true},
		"the session is over": {change: switchUser, user: "bob", want: "bob", steps: "register cloud cloud cloud cloud callback confirm sign out sign out sign out cloud cloud login", logins: 2, gone: "keystone_session"},
		"both are":            {change: switchUser, user: "bob", want: "bob", steps: "register cloud cloud login login login callback confirm", logins: 2, gone: "keystone_session acme_session"},
		"the same user":       {change: switchUser, user: "alice", want: "alice", steps: "callback confirm confirm cloud callback confirm", logins: 1},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			ks.Configure(func(c *webssotest.Config) { c.Quirks.Mellon = tt.mellon })
			opts.Username = "label"
			authenticate(t, ks, opts)
			b := ks.Browser()
			b.User, b.Password = tt.user, map[string]string{"alice": "wonderland", "bob": "builder"}[tt.user]
			var steps, queries []string
			gone := make(map[string]bool)
			for _, name := range strings.Fields(tt.gone) {
				gone[name] = true
			}
			b.Before = func(step webssotest.Step, r *http.Request) error {
				cookies := r.Cookies()
				r.Header.Del("Cookie")
				for _, c := range cookies {
					if gone[c.Name] {
						delete(gone, c.Name) // the next one is a new session's
					} else {
						r.AddCookie(c)
					}
				}
				steps = append(steps, string(step))
				if step == webssotest.StepCloud {
					queries = append(queries, r.URL.RawQuery)
				}
				return nil
			}
			tt.change(&opts)
			client, _ := authenticate(t, ks, opts)
			wantUser(t, client, tt.want)
			if first, last := queries[0], queries[len(queries)-1]; strings.HasSuffix(first, "&login_hint=label&prompt=login") != opts.SwitchUser || strings.Contains(last, "prompt") {
				t.Errorf("got queries %q, want the first trip to ask for a login form if another user is to sign in, and the second never", queries)
			}
			if got := strings.Join(steps, " "); !strings.Contains(got, tt.steps) {
				t.Errorf("got steps %s, want %s in them", got, tt.steps)
			}
			if got := ks.Logins(); got != tt.logins {
				t.Errorf("got %d logins, want %d", got, tt.logins)
			}
		})
	}
}

func switchUser(o *websso.AuthOptions) { o.SwitchUser = true }

// TestSwitchUserWithoutSignOut has a cloud that doesn't show how to sign out, and Keystones
// that can't be asked who is signed in.
func TestSwitchUserWithoutSignOut(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	token := tokenOf(t, ks, "alice")
	ks.Configure(func(c *webssotest.Config) { c.Quirks.Negotiate = true })
	a := begin(t, ks, switchUser)
	a.register(a.secret("h"))
	sealed := a.callback(token)
	got := a.confirm(a.secret("h"), sealed)
	var choice struct {
		User, Address, Again string
		SignOut              *string
		Ticket               string
	}
	must(t, json.Unmarshal([]byte(got.body), &choice))
	if choice.User != "alice" || choice.Address != a.start || choice.SignOut == nil || *choice.SignOut != "" || choice.Ticket != "" || !strings.HasSuffix(choice.Again, "&prompt=login") {
		t.Errorf("got %s, want alice, the address for a private window, that which asks again, and no ticket", got.body)
	}
	if got := a.confirm(a.secret("m"), sealed); got.status != http.StatusForbidden || strings.Contains(got.body, "alice") {
		t.Errorf("without the secret: got %d %s, want 403 and no name", got.status, got.body)
	}
	if got := a.confirm(a.secret("h"), a.callback("gAAAAunknown")); got.status != http.StatusAccepted || !strings.Contains(got.body, "ticket") {
		t.Errorf("unknown token: got %d %s, want a ticket", got.status, got.body)
	}
	kept := a.post("/auth/websso/confirm", url.Values{"secret": {a.secret("h")}, "sealed": {sealed}, "keep": {"1"}}, fetched)
	must(t, json.Unmarshal([]byte(kept.body), &choice))
	if got := a.confirmAgain(a.secret("h"), choice.Ticket, a.callback(token)); !got.ok() {
		t.Fatalf("got %d %s, want the sign-in", got.status, got.body)
	}
	a.want("alice")
}

// TestLogoutBrowser signs out, here and in the browser.
func TestLogoutBrowser(t *testing.T) {
	t.Parallel()
	for name, negotiate := range map[string]bool{"with a way": false, "without one": true} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			client, _ := authenticate(t, ks, opts)
			ks.Configure(func(c *webssotest.Config) { c.Quirks.Negotiate = negotiate })
			opts.SwitchUser = true
			opened := ""
			opts.OpenURL = func(url string) error {
				opened += url
				_, err := ks.Browser().Visit(url)
				return err
			}
			must(t, websso.Logout(t.Context(), client, opts))
			if negotiate {
				await(t, ks.Terminal(), "how to sign the browser out")
			} else {
				authenticate(t, ks, ks.AuthOptions())
			}
			if n := ks.Logins(); strings.Contains(opened, "?logout=") == negotiate || strings.Contains(opened, "localhost:") || (n == 1) != negotiate {
				t.Errorf("got %q opened and %d logins, want Keystone's sign-out and 2, or none and 1", opened, n)
			}
		})
	}
}

// TestSignInMeanwhile has another program sign in while this one waits for its turn.
func TestSignInMeanwhile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change   func(*websso.AuthOptions)
		browsers int32
	}{
		"ForceLogin": {func(o *websso.AuthOptions) { o.ForceLogin = true }, 1},
		"SwitchUser": {switchUser, 2},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			waits, open := make(chan struct{}), opts.OpenURL
			var browsers atomic.Int32
			opts.OpenURL = func(url string) error {
				browsers.Add(1)
				<-waits
				return open(url)
			}
			first := launch(t.Context(), t, newClient(t, ks), opts)
			poll(t, func() bool { return browsers.Load() == 1 })
			tt.change(&opts)
			opts.Cache = &faulty{Cache: opts.Cache} // as another process
			second := launch(t.Context(), t, newClient(t, ks), opts)
			poll(t, func() bool { return strings.Contains(second.output.String(), "waiting up to") })
			close(waits)
			<-first.ended
			<-second.ended
			if first.err != nil || second.err != nil || browsers.Load() != tt.browsers {
				t.Errorf("got errors %v and %v, and %d browsers, want %d", first.err, second.err, browsers.Load(), tt.browsers)
			}
		})
	}
}
