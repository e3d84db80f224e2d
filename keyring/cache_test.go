package keyring_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/keyring"
)

const entry = "https://identity.example.com/v3/auth/OS-FEDERATION/websso/openid alice"

func TestCache(t *testing.T) {
	inner, f := &shared{}, &fake{}
	c := f.start().NewCache(inner)
	for _, key := range []string{entry, "", "a", "A", "a\x00b", strings.Repeat("k", 5000)} {
		get(t, c, key, "")
		for _, value := range []string{"first of " + key, "second\n" + key, "\xff\x00 binary"} {
			must(t, c.Set(key, value))
			get(t, c, key, value)
			get(t, f.start().NewCache(inner), key, value)
		}
	}
	must(t, c.Delete("a"))
	get(t, c, "a", "")
	get(t, c, "A", "\xff\x00 binary")
	must(t, c.Delete("never set"))
	if f.sets != 1 {
		t.Errorf("got %d keys made, want 1", f.sets)
	}
}

// Nor is the same value twice the same ciphertext.
func TestNothingIsShown(t *testing.T) {
	inner, f := &shared{}, &fake{}
	c := f.start().NewCache(inner)
	must(t, c.Set(entry, "token of alice"))
	key, value := inner.only(t)
	for _, secret := range []string{"alice", "token", "identity", "openid", f.secret} {
		if strings.Contains(key+value, secret) {
			t.Errorf("the inner cache shows %q: %q: %q", secret, key, value)
		}
	}
	must(t, c.Set(entry, "token of alice"))
	if _, again := inner.only(t); again == value {
		t.Errorf("got %q twice", value)
	}
}

func TestChangedValueIsMiss(t *testing.T) {
	// Three lengths, since base64 leaves bits over at the end of two.
	for _, value := range []string{"token of al", "token of ali", "token of alic"} {
		inner, f := &shared{}, &fake{}
		must(t, f.start().NewCache(inner).Set(entry, value))
		key, sealed := inner.only(t)
		c := f.start().NewCache(inner)
		get(t, c, entry, value)
		for i := range len(sealed) {
			for bit := range 8 {
				changed := []byte(sealed)
				changed[i] ^= 1 << bit
				must(t, inner.Set(key, string(changed)))
				get(t, c, entry, "")
			}
			must(t, inner.Set(key, sealed[:i]))
			get(t, c, entry, "")
			must(t, inner.Set(key, sealed[:i]+"A"+sealed[i:]))
			get(t, c, entry, "")
		}
		for _, changed := range []string{sealed + "A", sealed + "=", sealed + sealed, "token of mallory", "sealed 1 ", "sealed 1  "} {
			must(t, inner.Set(key, changed))
			get(t, c, entry, "")
		}
		must(t, c.Set(entry, "new"))
		get(t, f.start().NewCache(inner), entry, "new")
	}
}

func TestMovedValueIsMiss(t *testing.T) {
	inner, f := &shared{}, &fake{}
	c := f.start().NewCache(inner)
	must(t, c.Set("mallory", "token of mallory"))
	_, theirs := inner.only(t)
	must(t, c.Delete("mallory"))
	must(t, c.Set("alice", "token of alice"))
	key, _ := inner.only(t)
	must(t, inner.Set(key, theirs))
	get(t, c, "alice", "")
	get(t, f.start().NewCache(inner), "alice", "")
}

func TestKeyLost(t *testing.T) {
	for name, secret := range map[string]string{
		"deleted":       "",
		"replaced":      strings.Repeat("A", 43),
		"garbled":       "no key",
		"too short":     "AAAA",
		"not in base64": strings.Repeat("!", 43),
	} {
		t.Run(name, func(t *testing.T) {
			inner, f := &shared{}, &fake{}
			must(t, f.start().NewCache(inner).Set(entry, "old"))
			f.secret = secret
			c := f.start().NewCache(inner)
			get(t, c, entry, "")
			asked := f.gets
			get(t, c, entry, "")
			if f.gets != asked {
				t.Errorf("the keyring was asked %d times about a key that it does not have", f.gets)
			}
			must(t, c.Set(entry, "new"))
			get(t, c, entry, "new")
			get(t, f.start().NewCache(inner), entry, "new")
		})
	}
}

// A program that runs for long finds out that others have another key.
func TestKeyReplacedMeanwhile(t *testing.T) {
	inner, f := &shared{}, &fake{}
	daemon := f.start().NewCache(inner)
	must(t, daemon.Set(entry, "one"))
	f.secret = ""
	get(t, daemon, entry, "one")
	must(t, f.start().NewCache(inner).Set(entry, "two"))
	get(t, daemon, entry, "two")
	must(t, daemon.Set(entry, "three"))
	get(t, f.start().NewCache(inner), entry, "three")
}

func TestKeyDeletedMeanwhile(t *testing.T) {
	inner, f := &shared{}, &fake{}
	daemon := f.start().NewCache(inner)
	must(t, daemon.Set("one", "1"))
	f.secret = ""
	must(t, f.start().NewCache(inner).Set("two", "2"))
	f.secret = ""
	get(t, daemon, "two", "")
	must(t, daemon.Set("one", "11"))
	get(t, f.start().NewCache(inner), "one", "11")
}

func TestPlainIsSealed(t *testing.T) {
	inner, f := &shared{}, &fake{}
	must(t, inner.Set(entry, "plain"))
	c := f.start().NewCache(inner)
	get(t, c, entry, "plain")
	if _, value := inner.only(t); strings.Contains(value, "plain") {
		t.Errorf("got %q in the inner cache, want it sealed", value)
	}
	get(t, c, entry, "plain")
	get(t, f.start().NewCache(inner), entry, "plain")

	// Another program goes on without this Cache: its value is its own.
	must(t, inner.Set(entry, "other"))
	get(t, c, entry, "plain")
	must(t, c.Set(entry, "new"))
	get(t, inner, entry, "other")
	must(t, c.Delete(entry))
	inner.none(t)
}

func TestPlainDoesNotComeBack(t *testing.T) {
	for name, change := range map[string]func(c websso.Cache) error{
		"set":    func(c websso.Cache) error { return c.Set(entry, "new") },
		"delete": func(c websso.Cache) error { return c.Delete(entry) },
	} {
		inner, f := &shared{}, &fake{}
		must(t, inner.Set(entry, "plain"))
		must(t, change(f.start().NewCache(inner)))
		get(t, inner, entry, "")
		get(t, f.start().NewCache(inner), entry, map[string]string{"set": "new"}[name])
	}
}

// A program is killed after it has sealed a value, and before it has deleted the other.
func TestPlainIsLeftOver(t *testing.T) {
	inner, f := &shared{}, &fake{}
	must(t, inner.Set(entry, "plain"))
	inner.err = map[string]error{"Delete": errors.New("killed")}
	if _, err := f.start().NewCache(inner).Get(entry); err == nil {
		t.Fatal("Get: got no error although the value is still in the clear")
	}
	inner.err = nil
	get(t, inner, entry, "plain")
	c := f.start().NewCache(inner)
	get(t, c, entry, "plain")
	must(t, c.Set(entry, "new"))
	get(t, inner, entry, "")
	get(t, c, entry, "new")
}

// However many look at once, a value in the clear is a miss for none of them.
func TestPlainIsSealedConcurrently(t *testing.T) {
	for range 50 {
		inner, f := &shared{}, &fake{}
		must(t, inner.Set(entry, "plain"))
		turn := make(chan struct{}, 1)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { get(t, keyring.NewProgram(f, turn).NewCache(inner), entry, "plain") })
		}
		wg.Wait()
		if key, _ := inner.only(t); key == entry {
			t.Fatal("the value is still in the clear")
		}
		if f.sets != 1 {
			t.Fatalf("got %d keys made, want 1", f.sets)
		}
	}
}

// If another program seals a value between two reads, Get still finds it.
func TestPlainIsSealedMeanwhile(t *testing.T) {
	inner, f := &shared{}, &fake{}
	must(t, inner.Set(entry, "plain"))
	other := f.start().NewCache(inner)
	c := f.start().NewCache(before{inner, func() { get(t, other, entry, "plain") }})
	get(t, c, entry, "plain")
}

// before is a cache that does something before it is asked for the entry.
type before struct {
	websso.Cache
	do func()
}

func (c before) Get(key string) (string, error) {
	if key == entry {
		c.do()
	}
	return c.Cache.Get(key)
}

func TestInnerErrors(t *testing.T) {
	broken := errors.New("websso: the disk is on fire")
	for method, call := range map[string]func(c websso.Cache) error{
		"Get":    func(c websso.Cache) error { _, err := c.Get(entry); return err },
		"Set":    func(c websso.Cache) error { return c.Set(entry, "value") },
		"Delete": func(c websso.Cache) error { return c.Delete(entry) },
	} {
		inner, f := &shared{}, &fake{}
		must(t, inner.Set(entry, "plain"))
		inner.err = map[string]error{method: broken}
		c := f.start().NewCache(inner)
		for range 2 {
			if err := call(c); !errors.Is(err, broken) {
				t.Errorf("%s: got %v, want %v", method, err, broken)
			}
		}
	}
}

func TestNilInner(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	f := &fake{}
	must(t, f.start().NewCache(nil).Set(entry, "value"))
	get(t, f.start().NewCache(websso.NewFileCache("")), entry, "value")
}
