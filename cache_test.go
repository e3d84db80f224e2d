package websso_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// A folder that can't be used costs a line, not a sign-in each time.
func TestFiveProjectsOneBrowser(t *testing.T) {
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
			var out transcript
			opts := ks.AuthOptions()
			opts.Cache, opts.Output = cache, &out
			opts.OpenURL = browserOf(ks, "eve").Open
			for i := range 5 {
				opts.Scope = project(fmt.Sprint("p", i))
				authenticate(t, ks, opts)
			}
			if n := ks.SignIns(); n != 1 {
				t.Errorf("%d sign-ins", n)
			}
			said := strings.Count(out.String(), "folder") + strings.Count(out.String(), "directory")
			if name == "memory" && said != 0 || name != "memory" && said != 1 {
				t.Errorf("told %d times:\n%s", said, &out)
			}
		})
	}
}

// TestUnverifiedIsKeptApart signs in over a connection that is not verified. A run that
// verifies must not use what that brought.
func TestUnverifiedIsKeptApart(t *testing.T) {
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
			var out transcript
			opts := opts
			opts.Cache, opts.Output = &websso.MemoryCache{}, &out
			client := newClient(t, ks)
			client.HTTPClient.Transport = transport
			must(t, websso.Authenticate(t.Context(), client, opts))
			opts.NonInteractive = true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); !errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("a run that verifies: %v", err)
			}
			again := newClient(t, ks)
			again.HTTPClient.Transport = transport
			err := websso.Authenticate(t.Context(), again, opts)
			if name == "transport" && err != nil {
				t.Errorf("a run that doesn't, either: %v", err)
			}
			if name == "wrapped" {
				out.await(t, "does not verify certificates")
			}
		})
	}
}

type wrapped struct{ http.RoundTripper }

func TestCacheValuesAreChecked(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	for name, change := range map[string]func(key, value string) string{
		"empty":         func(string, string) string { return "" },
		"garbage":       func(string, string) string { return "\x00\xff garbage\n{}" },
		"head alone":    func(_, v string) string { return v[:strings.Index(v, "\n")] },
		"cut off":       func(_, v string) string { return v[:len(v)-1] },
		"one more":      func(_, v string) string { return v + " " },
		"newer version": func(_, v string) string { return strings.Replace(v, `"version":1`, `"version":2`, 1) },
		"another cloud": func(_, v string) string { return strings.Replace(v, "127.0.0.1", "127.0.0.2", 1) },
		"no token":      func(_, v string) string { return strings.Replace(v, `"token":"gAAAAA`, `"token":"\r\nX: `, 1) },
		"body changed":  func(_, v string) string { return strings.Replace(v, `"token": `, `"token":  `, 1) + "x" },
	} {
		t.Run(name, func(t *testing.T) {
			cache := &tampered{}
			opts := ks.AuthOptions()
			opts.Cache = cache
			authenticate(t, ks, opts)
			before := ks.SignIns()
			cache.change = change
			client, _ := authenticate(t, ks, opts)
			if ks.SignIns() != before+1 {
				t.Error("a broken value was used")
			}
			if _, err := serverNames(t, client); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("swapped", func(t *testing.T) {
		// Every value under every key: what it is for counts, not where it lies.
		cache := &tampered{}
		opts := ks.AuthOptions()
		opts.Cache = cache
		authenticate(t, ks, opts)
		opts.Scope = project("lab")
		lab, _ := authenticate(t, ks, opts)
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
			if names, err := serverNames(t, got); err != nil || len(names) != 1 || names[0] != "experiment" {
				t.Errorf("value %d: %v, %v", i, names, err)
			}
		}
		_ = lab
	})
}

// tampered is a cache whose values somebody changes.
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

// A cache that fails is told once, and stops nothing.
func TestCacheFails(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	var out transcript
	opts := ks.AuthOptions()
	opts.Cache, opts.Output = failing{}, &out
	client, _ := authenticate(t, ks, opts)
	if _, err := serverNames(t, client); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), "on fire"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &out)
	}
}

type failing struct{}

func (failing) Get(string) (string, error) { return "", errors.New("the cache is on fire") }
func (failing) Set(string, string) error   { return errors.New("the cache is on fire") }
func (failing) Delete(string) error        { return errors.New("the cache is on fire") }
