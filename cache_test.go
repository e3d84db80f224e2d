package websso_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestOneBrowserForGoroutines has goroutines sign in to five projects at once, and then each
// project once more. A directory that can't be used costs one warning, and not a sign-in for
// each project.
func TestOneBrowserForGoroutines(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for name, tt := range map[string]struct {
		cache    websso.Cache
		validity time.Duration
		warnings int
	}{
		"memory":              {cache: &websso.MemoryCache{}},
		"files":               {},
		"never long enough":   {cache: &websso.MemoryCache{}, validity: 24 * time.Hour},
		"a file in its place": {cache: websso.NewFileCache(file), warnings: 1},
		"below a file":        {cache: websso.NewFileCache(filepath.Join(file, "x")), warnings: 1},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			manyProjects(ks, 5)
			var out webssotest.Terminal
			opts.Cache, opts.MinValidity, opts.Output, opts.OpenURL = tt.cache, tt.validity, &out, browserOf(ks, "eve").Open
			var wg sync.WaitGroup
			for i := range 30 {
				client, opts := newClient(t, ks), opts
				opts.Scope = project(fmt.Sprint("p", i%5))
				wg.Go(func() {
					if err := websso.Authenticate(t.Context(), client, opts); err != nil {
						t.Errorf("got error %v, want a sign-in", err)
						return
					}
					works(t, client)
				})
			}
			wg.Wait()
			if n := posts(ks.APIRequests()); n != 5 {
				t.Errorf("got %d requests for a token, want 5", n)
			}
			for i := range 5 {
				opts.Scope = project(fmt.Sprint("p", i))
				warm(t, ks, opts)
			}
			wantSignIns(t, ks, 1)
			if said := strings.Count(out.String(), "websso: can't "); said != tt.warnings {
				t.Errorf("got %d warnings, want %d:\n%s", said, tt.warnings, &out)
			}
		})
	}
}

// TestUnverifiedIsKeptApart signs in without verifying certificates. A program that does
// verify them must not use the cached tokens.
func TestUnverifiedIsKeptApart(t *testing.T) {
	t.Parallel()
	for name, hidden := range map[string]bool{"transport": false, "wrapped": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewTLSKeystone(t)
			client := func() *gophercloud.ProviderClient {
				client := unverified(t, ks)
				if hidden {
					client.HTTPClient.Transport = wrapped{client.HTTPClient.Transport}
				}
				return client
			}
			opts := ks.AuthOptions()
			must(t, websso.Authenticate(t.Context(), client(), opts))
			opts.NonInteractive = true
			wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrLoginRequired)
			if hidden {
				await(t, ks.Terminal(), "does not verify certificates")
				return
			}
			must(t, websso.Authenticate(t.Context(), client(), opts))
		})
	}
}

// wrapped is a transport whose TLS settings can't be seen.
type wrapped struct{ http.RoundTripper }

func TestCacheValuesAreChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(key, value string) string{
		"empty":         func(string, string) string { return "" },
		"garbage":       func(string, string) string { return "\x00\xff garbage\n{}" },
		"head alone":    func(_, v string) string { return v[:strings.Index(v, "\n")] },
		"cut off":       func(_, v string) string { return v[:len(v)-1] },
		"one more":      func(_, v string) string { return v + " " },
		"newer version": func(_, v string) string { return strings.Replace(v, `"version":2`, `"version":3`, 1) },
		"another cloud": func(_, v string) string { return strings.Replace(v, "127.0.0.1", "127.0.0.2", 1) },
		"no token":      func(_, v string) string { return strings.Replace(v, `"token":"gAAAAA`, `"token":"\r\nX: `, 1) },
		"body changed":  func(_, v string) string { return strings.Replace(v, `"token": `, `"token":  `, 1) + "x" },
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			cache := &recorder{}
			opts.Cache = cache
			authenticate(t, ks, opts)
			cache.change = change
			client, _ := authenticate(t, ks, opts)
			wantSignIns(t, ks, 2) // the changed value was not used
			works(t, client)
		})
	}
	t.Run("swapped", func(t *testing.T) {
		// Each value in turn under every key: what it is for counts, not its key.
		ks, opts := parallel(t)
		cache := &recorder{}
		opts.Cache = cache
		for _, name := range []string{"demo", "lab"} {
			opts.Scope = project(name)
			authenticate(t, ks, opts)
		}
		keys := cache.keys()
		var values []string
		for _, key := range keys {
			v, _ := cache.MemoryCache.Get(key)
			values = append(values, v)
		}
		for i, value := range values {
			for _, key := range keys {
				must(t, cache.MemoryCache.Set(key, value))
			}
			got, _ := authenticate(t, ks, opts)
			if names, err := serverNames(t.Context(), got); err != nil || len(names) != 1 || names[0] != "experiment" {
				t.Errorf("value %d: got servers %v, %v; want that of lab", i, names, err)
			}
		}
	})
}

// recorder is a cache that knows its keys, and whose values are changed until the next Set.
type recorder struct {
	websso.MemoryCache

	mu     sync.Mutex
	all    map[string]bool
	change func(key, value string) string
}

func (c *recorder) Get(key string) (string, error) {
	v, err := c.MemoryCache.Get(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.change != nil && v != "" {
		v = c.change(key, v)
	}
	return v, err
}

func (c *recorder) Set(key, value string) error {
	c.record(key, true)
	return c.MemoryCache.Set(key, value)
}

func (c *recorder) Delete(key string) error {
	c.record(key, false)
	return c.MemoryCache.Delete(key)
}

func (c *recorder) record(key string, has bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = make(map[string]bool)
	}
	if c.all[key] = has; has {
		c.change = nil
	}
}

// keys returns those that have a value.
func (c *recorder) keys() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.all)), func(key string) bool { return !c.all[key] })
}

// onlyFile returns the path of the one file in dir.
func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 1 {
		t.Fatalf("got %d files in the cache, want 1: %v", len(entries), entries)
	}
	return filepath.Join(dir, entries[0].Name())
}

func TestFileCache(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "missing", "cache")
	c := websso.NewFileCache(dir)
	for _, key := range []string{"a", "", "../../etc/passwd", "A", "a/b\x00c", strings.Repeat("k", 5000)} {
		if got, err := c.Get(key); got != "" || err != nil {
			t.Errorf("Get(%.20q) before Set: got %q, %v; want a miss", key, got, err)
		}
		for _, value := range []string{"first of " + key, "second\n" + key} {
			if err := c.Set(key, value); err != nil {
				t.Fatalf("Set(%.20q): %v", key, err)
			}
			if got, err := websso.NewFileCache(dir).Get(key); got != value || err != nil {
				t.Errorf("Get(%.20q): got %q, %v; want %q", key, got, err, value)
			}
		}
	}
	must(t, c.Delete("a"))
	if got, err := c.Get("a"); got != "" || err != nil {
		t.Errorf("Get after Delete: got %q, %v; want a miss", got, err)
	}
	if got, _ := c.Get("A"); got == "" {
		t.Error(`Get("A") after Delete("a"): got a miss, want the value`)
	}
	if err := c.Delete("never set"); err != nil {
		t.Errorf("Delete of a missing key: got error %v, want none", err)
	}
}
