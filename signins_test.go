package websso_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// labels returns the usernames of all sign-ins in a cache.
func labels(t testing.TB, cache websso.Cache) string {
	t.Helper()
	all, err := websso.SignIns(cache)
	must(t, err)
	var names []string
	for _, s := range all {
		names = append(names, s.Options.Username)
	}
	return strings.Join(names, " ")
}

// TestSignIns lists the sign-ins to two clouds, one of them for two accounts, and ends them by
// what is listed.
func TestSignIns(t *testing.T) {
	t.Parallel()
	one, two := webssotest.NewKeystone(t), webssotest.NewTLSKeystone(t)
	cache := &websso.MemoryCache{}
	opts := func(ks *webssotest.Keystone, label string) websso.AuthOptions {
		opts := ks.AuthOptions()
		opts.Cache, opts.Username = cache, label
		return opts
	}
	work, private := opts(one, "work"), opts(one, "private")
	authenticate(t, one, work)
	authenticate(t, one, private)
	other := opts(two, "other")
	other.TLSFiles = websso.TLSFiles{CACert: "/etc/ca.pem", Cert: "/etc/cert.pem", Key: "/etc/key.pem"}
	authenticate(t, two, other)
	other.TLSFiles, other.ForceLogin = websso.TLSFiles{}, true
	authenticate(t, two, other) // by a program that does not know them
	insecure := unverified(t, two)
	third := opts(two, "unverified")
	must(t, websso.Authenticate(t.Context(), insecure, third))

	all, err := websso.SignIns(cache)
	must(t, err)
	if got, want := labels(t, cache), "work private other unverified"; got != want {
		t.Fatalf("got sign-ins %q, want %q", got, want)
	}
	for i, s := range all {
		ks := []*webssotest.Keystone{one, one, two, two}[i]
		callback := fmt.Sprintf("http://localhost:%d/auth/websso/", ks.AuthOptions().RedirectPort)
		if s.UserName != "alice" || len(s.Scopes) != 1 || s.Unverified != (i == 3) || s.Options.Protocol != webssotest.Protocol || s.CallbackURL != callback {
			t.Errorf("got %+v, want what Status says", s)
		}
		client := newClient(t, ks)
		if s.Unverified {
			client = insecure
		}
		must(t, websso.Logout(t.Context(), client, s.Options))
	}
	if got := all[2].Options.TLSFiles; got.CACert != "/etc/ca.pem" || got.Cert != "/etc/cert.pem" || got.Key != "/etc/key.pem" {
		t.Errorf("got TLS files %+v, want those of the sign-in", got)
	}
	if got := labels(t, cache); got != "" {
		t.Errorf("got sign-ins %q, want none", got)
	}
	if value, err := cache.Get("sign-ins"); err != nil || strings.Contains(value, "auth_url") {
		t.Errorf("got the list %q, %v; want an empty one", value, err)
	}
}

// TestSignInsKilled kills a process between each two writes to the cache: what it leaves is
// listed, and can be ended.
func TestSignInsKilled(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	for name, do := range map[string]func(websso.AuthOptions) error{
		"sign in": func(o websso.AuthOptions) error { return websso.Authenticate(t.Context(), newClient(t, ks), o) },
		"sign in again": func(o websso.AuthOptions) error {
			o.ForceLogin = true
			return websso.Authenticate(t.Context(), newClient(t, ks), o)
		},
		"sign out": func(o websso.AuthOptions) error { return websso.Logout(t.Context(), newClient(t, ks), o) },
	} {
		t.Run(name, func(t *testing.T) {
			for n := 0; ; n++ {
				dir := filepath.Join(t.TempDir(), "cache")
				below := websso.NewFileCache(dir)
				opts := ks.AuthOptions()
				opts.Cache = below
				if name != "sign in" {
					authenticate(t, ks, opts)
				}
				left := n
				opts.Cache = &faulty{Cache: below, skips: func(method string) bool {
					if method != "Get" {
						left--
					}
					return method != "Get" && left < 0
				}}
				must(t, do(opts))
				opts.Cache = below
				all, err := websso.SignIns(below)
				must(t, err)
				_, err = websso.Status(opts)
				if signedIn := err == nil; signedIn != (len(all) == 1) {
					t.Errorf("killed after %d writes: got sign-ins %+v, but status says %v", n, all, err)
				}
				for _, s := range all {
					must(t, websso.Logout(t.Context(), newClient(t, ks), s.Options))
				}
				if found := tokenOnDisk(t, dir); found != "" {
					t.Errorf("got a token in the cache, want none: %.600s", found)
				}
				if left >= 0 {
					return
				}
			}
		})
	}
}

// tokenOnDisk returns a file of a cache with a token in it, or "".
func tokenOnDisk(t testing.TB, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.signin"))
	must(t, err)
	for _, file := range files {
		if content, err := os.ReadFile(file); err == nil && strings.Contains(string(content), `"token":"`) {
			return string(content)
		}
	}
	return ""
}

// TestSignInsOfMany has many goroutines sign in for as many accounts at the same time: each of
// them is listed.
func TestSignInsOfMany(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	text, _ := export(t, ks)
	dir := filepath.Join(t.TempDir(), "cache")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			opts := ks.AuthOptions()
			opts.Cache, opts.Username = websso.NewFileCache(dir), string(rune('a'+i)) // as another process
			if err := websso.Import(t.Context(), newClient(t, ks), opts, text); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := len(strings.Fields(labels(t, websso.NewFileCache(dir)))); got != 20 {
		t.Errorf("got %d sign-ins, want 20", got)
	}
}

// TestSignInsCacheFails has a cache that fails while a second user signs in: nobody is lost,
// and once it works again all are listed.
func TestSignInsCacheFails(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	cache := &faulty{Cache: &websso.MemoryCache{}}
	first := ks.AuthOptions()
	first.Cache, first.Username = cache, "first"
	authenticate(t, ks, first)
	cache.spoil(errFailing, "Get Set Delete")
	second := first
	second.Username = "second"
	authenticate(t, ks, second)
	if all, err := websso.SignIns(cache); err == nil || len(all) > 0 {
		t.Errorf("got sign-ins %+v, error %v; want the cache's error", all, err)
	}
	third := first // of another program
	third.Cache, third.Username = cache.Cache, "third"
	authenticate(t, ks, third)
	cache.spoil(nil, "")
	second.OpenURL = noBrowser(t)
	poll(t, func() bool { // writing is tried again once a second
		authenticate(t, ks, second)
		return labels(t, cache.Cache) == "first third second"
	})
}

// TestSignInsRepair has a list that lost a sign-in: whoever asks about it or uses it puts it
// back.
func TestSignInsRepair(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = &websso.MemoryCache{}
	opts.Username = "lost"
	authenticate(t, ks, opts)
	for name, do := range map[string]func(){
		"status": func() {
			_, err := websso.Status(opts)
			must(t, err)
		},
		"another scope": func() {
			opts.Scope = project("lab")
			authenticate(t, ks, opts)
		},
	} {
		for _, broken := range []string{"", "no entry", `{"for":"sign-ins","sum":"0"}` + "\n"} {
			must(t, opts.Cache.Set("sign-ins", broken))
			do()
			if got := labels(t, opts.Cache); got != "lost" {
				t.Errorf("%s: got sign-ins %q, want lost", name, got)
			}
			opts.Scope = nil
			must(t, websso.Logout(t.Context(), newClient(t, ks), opts))
			authenticate(t, ks, opts)
		}
	}
	opts.Cache = websso.NewFileCache(filepath.Join(t.TempDir(), "cache"))
	authenticate(t, ks, opts)
	for _, broken := range []string{"broken", ""} {
		must(t, opts.Cache.Set("sign-ins", broken))
		if got := labels(t, opts.Cache); got != "lost" {
			t.Errorf("got sign-ins %q in files, want lost: each says so itself", got)
		}
	}
}

// TestSignInsPruned has sign-ins in the list that have no entry, of processes that were killed
// before they wrote one: after a day they go. One that lasts stays, however long it is listed.
func TestSignInsPruned(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache, opts.Username = &websso.MemoryCache{}, "first"
	authenticate(t, ks, opts)
	text, err := opts.Cache.Get("sign-ins")
	must(t, err)
	var list map[string]any
	must(t, json.Unmarshal([]byte(text), &list))
	all := list["sign_ins"].(map[string]any)
	for name, age := range map[string]time.Duration{"first": 25 * time.Hour, "killed a day ago": 25 * time.Hour, "killed just now": time.Hour} {
		for key, l := range maps.Clone(all) {
			if of := maps.Clone(l.(map[string]any)); of["username"] == "first" {
				of["username"], of["listed"] = name, time.Now().Add(-age)
				all[strings.Replace(key, "first", url.QueryEscape(name), 1)] = of
			}
		}
	}
	edited, err := json.Marshal(list)
	must(t, err)
	must(t, opts.Cache.Set("sign-ins", string(edited)+"\n"))
	opts.Username = "second"
	authenticate(t, ks, opts)
	text, err = opts.Cache.Get("sign-ins")
	must(t, err)
	for name, want := range map[string]bool{"first": true, "killed a day ago": false, "killed just now": true, "second": true} {
		if got := strings.Contains(text, `"`+name+`"`); got != want {
			t.Errorf("got %q listed: %t, want %t\n%s", name, got, want, text)
		}
	}
}

// TestForceLoginRevokes replaces a sign-in: its tokens end, once the new one is cached.
func TestForceLoginRevokes(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = &websso.MemoryCache{}
	first, _ := authenticate(t, ks, opts)
	unscoped := opts
	unscoped.Scope = nil
	signIn, _ := authenticate(t, ks, unscoped)
	opts.ForceLogin = true
	second, _ := authenticate(t, ks, opts)
	for name, token := range map[string]string{"scoped": first.Token(), "sign-in": signIn.Token()} {
		if validate(t, ks, token) == http.StatusOK {
			t.Errorf("got a replaced token (%s) that lives, want it revoked", name)
		}
	}
	if validate(t, ks, second.Token()) != http.StatusOK {
		t.Error("got a new token that is revoked, want one that lives")
	}
	intercept(ks, func(r *http.Request) http.Handler {
		if r.Method == http.MethodDelete && r.Header.Get("X-Subject-Token") == second.Token() {
			return webssotest.Quirks{}.ForeignHTML(http.StatusBadGateway)
		}
		return nil
	})
	authenticate(t, ks, opts)
	await(t, ks.Terminal(), "of the last sign-in, 1 of 2 tokens could not be revoked at Keystone and stay valid until [0-9]")
}

// TestOtherVersion has a cache of another version: it is not signed out of, and the error says
// so.
func TestOtherVersion(t *testing.T) {
	ks, opts := parallel(t)
	cache := &recorder{}
	opts.Cache = cache
	client, _ := authenticate(t, ks, opts)
	for _, key := range cache.keys() {
		value, err := cache.Get(key)
		must(t, err)
		must(t, cache.Set(key, strings.Replace(value, `"version":2`, `"version":3`, 1)))
	}
	before := cache.keys()
	all, err := websso.SignIns(cache)
	if len(all) > 0 {
		t.Errorf("got sign-ins %+v, want none", all)
	}
	wantSaid(t, err, "another version of websso (format 3, not 2)")
	wantSaid(t, websso.Logout(t.Context(), newClient(t, ks), opts), "another version of websso (format 3, not 2)")
	if after := cache.keys(); len(after) != len(before) || validate(t, ks, client.Token()) != http.StatusOK {
		t.Errorf("got entries %q, and a token that is revoked; want all left alone", after)
	}
}
