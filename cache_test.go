package websso_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestFiveProjectsOneBrowser shows that a directory that can't be used costs one warning,
// and not a sign-in for each project.
func TestFiveProjectsOneBrowser(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for name, cache := range map[string]websso.Cache{
		"memory": &websso.MemoryCache{}, "a file in its place": websso.NewFileCache(file), "below a file": websso.NewFileCache(filepath.Join(file, "x")),
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			user := webssotest.User{Name: "eve", Password: "x"}
			for i := range 5 {
				user.Projects = append(user.Projects, webssotest.Project{Name: fmt.Sprint("p", i)})
			}
			ks.SetUser(user)
			var out webssotest.Terminal
			opts := ks.AuthOptions()
			opts.Cache, opts.Output = cache, &out
			opts.OpenURL = browserOf(ks, "eve").Open
			for i := range 5 {
				opts.Scope = project(fmt.Sprint("p", i))
				authenticate(t, ks, opts)
			}
			wantSignIns(t, ks, 1)
			said := strings.Count(out.String(), "websso: can't ")
			if name == "memory" && said != 0 || name != "memory" && said != 1 {
				t.Errorf("got %d warnings, want one if there is no directory:\n%s", said, &out)
			}
		})
	}
}

// TestUnverifiedIsKeptApart signs in without verifying certificates. A program that does
// verify them must not use the cached tokens.
func TestUnverifiedIsKeptApart(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewTLSKeystone(t)
	opts := ks.AuthOptions()
	insecure := func() *http.Transport {
		config := ks.TLSConfig()
		config.InsecureSkipVerify = true
		return &http.Transport{TLSClientConfig: config}
	}
	for name, transport := range map[string]http.RoundTripper{
		"transport": insecure(), "wrapped": wrapped{insecure()},
	} {
		t.Run(name, func(t *testing.T) {
			var out webssotest.Terminal
			opts := opts
			opts.Cache, opts.Output = &websso.MemoryCache{}, &out
			client := newClient(t, ks)
			client.HTTPClient.Transport = transport
			must(t, websso.Authenticate(t.Context(), client, opts))
			opts.NonInteractive = true
			wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrLoginRequired)
			again := newClient(t, ks)
			again.HTTPClient.Transport = transport
			err := websso.Authenticate(t.Context(), again, opts)
			if name == "transport" && err != nil {
				t.Errorf("unverified: got error %v, want none", err)
			}
			if name == "wrapped" {
				await(t, &out, "does not verify certificates")
			}
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
			cache := &tampered{}
			opts.Cache = cache
			authenticate(t, ks, opts)
			cache.change = change
			client, _ := authenticate(t, ks, opts)
			wantSignIns(t, ks, 2) // the changed value was not used
			works(t, client)
		})
	}
	t.Run("swapped", func(t *testing.T) {
		t.Parallel()
		// Each value in turn under every key: what it is for counts, not its key.
		ks := webssotest.NewKeystone(t)
		cache := &tampered{}
		opts := ks.AuthOptions()
		opts.Cache = cache
		authenticate(t, ks, opts)
		opts.Scope = project("lab")
		authenticate(t, ks, opts)
		var values []string
		for _, key := range cache.keys {
			v, _ := cache.MemoryCache.Get(key)
			values = append(values, v)
		}
		for i := range values {
			for _, key := range cache.keys {
				cache.MemoryCache.Set(key, values[i])
			}
			got, _ := authenticate(t, ks, opts)
			if names, err := serverNames(t.Context(), got); err != nil || len(names) != 1 || names[0] != "experiment" {
				t.Errorf("value %d: got servers %v, %v; want that of lab", i, names, err)
			}
		}
	})
}

// tampered is a cache whose values are changed until the next Set.
type tampered struct {
	websso.MemoryCache
	keys   []string
	change func(key, value string) string
}

func (c *tampered) Get(key string) (string, error) {
	v, err := c.MemoryCache.Get(key)
	if c.change != nil && v != "" {
		v = c.change(key, v)
	}
	return v, err
}

func (c *tampered) Set(key, value string) error {
	c.keys = append(c.keys, key)
	c.change = nil
	return c.MemoryCache.Set(key, value)
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
