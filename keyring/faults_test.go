package keyring_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/keyring"
)

// faults are the ways in which a keyring fails at once.
var faults = map[string]struct {
	spoil func(f *fake)
	says  string
}{
	"locked": {
		func(f *fake) {
			f.err = errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")
		},
		"the keyring is locked, so sign-ins are cached in memory until this program ends: unlock it",
	},
	"absent": {
		func(f *fake) {
			f.err = errors.New("The name org.freedesktop.secrets was not provided by any .service files") //nolint:revive // D-Bus's
		},
		"there is no keyring here",
	},
	"refuses":          {func(f *fake) { f.err = errors.New("access denied") }, "access denied"},
	"dies":             {func(f *fake) { f.panics = true }, "the connection to it was lost"},
	"keeps nothing":    {func(f *fake) { f.drops, f.secret = true, "" }, "did not keep the key"},
	"too big, it says": {func(f *fake) { f.err = errors.New("data passed to Set was too big") }, "too big"},
}

func TestFaultFromTheStart(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			inner, f := &shared{}, &fake{}
			fault.spoil(f)
			c := f.start().NewCache(inner)
			get(t, c, entry, "")
			says(t, c.Set(entry, "token"), "websso: ", fault.says, "use another cache")
			inner.none(t)
			get(t, c, entry, "")
			must(t, c.Delete(entry))
			inner.none(t)
		})
	}
}

func TestFaultLater(t *testing.T) {
	for name, fault := range faults {
		if name == "keeps nothing" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			inner, f := &shared{}, &fake{}
			must(t, f.start().NewCache(inner).Set(entry, "old"))
			must(t, f.start().NewCache(inner).Set("other", "other"))
			secret := f.secret
			fault.spoil(f)
			c := f.start().NewCache(inner)
			getError(t, c, entry, fault.says)
			getError(t, c, "other", fault.says)
			get(t, c, "third", "")
			if err := c.Set(entry, "new"); err == nil {
				t.Error("Set: got no error, want one")
			}
			get(t, c, entry, "")
			for _, value := range inner.values {
				if strings.Contains(value, "new") {
					t.Errorf("got %q in the inner cache", value)
				}
			}
			must(t, c.Delete("other"))

			// The keyring is back: what was replaced or deleted is not.
			*f = fake{secret: secret}
			later := f.start().NewCache(inner)
			get(t, later, entry, "")
			get(t, later, "other", "")
			inner.none(t)
		})
	}
}

// A value in the clear stays what it was if it can't be sealed.
func TestFaultWithPlain(t *testing.T) {
	inner, f := &shared{}, &fake{err: errors.New("access denied")}
	must(t, inner.Set(entry, "plain"))
	c := f.start().NewCache(inner)
	getError(t, c, entry, "access denied")
	getError(t, c, entry, "access denied")
	if _, value := inner.only(t); value != "plain" {
		t.Errorf("got %q in the inner cache, want the value as it was", value)
	}
	// But an older value must not come back.
	_ = c.Set(entry, "new")
	inner.none(t)
	get(t, c, entry, "")
}

// A program that has the key needs the keyring no more.
func TestFaultAfterwards(t *testing.T) {
	inner, f := &shared{}, &fake{}
	c := f.start().NewCache(inner)
	must(t, c.Set(entry, "one"))
	f.err = errors.New("access denied")
	get(t, c, entry, "one")
	must(t, c.Set(entry, "two"))
	get(t, c, entry, "two")
	if f.gets > 4 {
		t.Errorf("the keyring was asked %d times", f.gets)
	}
	// Not even if another program has made another key.
	other := &fake{}
	must(t, other.start().NewCache(inner).Set(entry, "three"))
	get(t, c, entry, "")
	must(t, c.Set(entry, "four"))
	f.err = nil
	get(t, f.start().NewCache(inner), entry, "four")
}

func TestUndeletable(t *testing.T) {
	inner, f := &shared{}, &fake{}
	must(t, f.start().NewCache(inner).Set(entry, "old"))
	inner.err = map[string]error{"Delete": errors.New("websso: read-only")}
	f.err = errors.New("access denied")
	says(t, f.start().NewCache(inner).Set(entry, "new"), "read-only", "access denied")
}

// Nobody waits longer than 3 seconds, nobody waits twice, and no second call joins the
// one that hangs.
func TestKeyringHangs(t *testing.T) {
	for name, first := range map[string]func(c websso.Cache) error{
		"Set": func(c websso.Cache) error { return c.Set(entry, "new") },
		"Get": func(c websso.Cache) error { _, err := c.Get(entry); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner, f := &shared{}, &fake{}
				must(t, f.start().NewCache(inner).Set(entry, "old"))
				f.hang = make(chan struct{})
				p := f.start()
				began := time.Now()
				says(t, first(p.NewCache(inner)), "no answer within 3s")
				if took := time.Since(began); took != 3*time.Second {
					t.Errorf("it took %s, want 3s", took)
				}
				began = time.Now()
				var wg sync.WaitGroup
				for range 100 {
					wg.Go(func() {
						c := p.NewCache(inner)
						_ = c.Set("x", "value")
						get(t, c, "x", "")
						_, _ = c.Get(entry)
						must(t, c.Delete("x"))
					})
				}
				wg.Wait()
				if took := time.Since(began); took != 0 {
					t.Errorf("others took %s, want no time", took)
				}
				f.change(func(f *fake) {
					if f.most != 1 || f.inside != 1 {
						t.Errorf("got %d calls at once, and %d under way, want 1", f.most, f.inside)
					}
				})
				close(f.hang)
			})
		})
	}
}

// The user answers the prompt after more than 3 seconds, while the browser is open.
func TestKeyringAnswersLate(t *testing.T) {
	for name, made := range map[string]bool{"with a key": true, "with no key": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner, f := &shared{}, &fake{}
				if made {
					must(t, f.start().NewCache(inner).Set("other", "sealed before"))
				}
				f.hang = make(chan struct{})
				c := f.start().NewCache(inner)
				if err := c.Set(entry, "one"); err == nil {
					t.Error("Set returned no error while the keyring hangs")
				}
				close(f.hang)
				synctest.Wait()
				must(t, c.Set(entry, "two"))
				get(t, c, entry, "two")
				get(t, f.start().NewCache(inner), entry, "two")
				if made {
					get(t, c, "other", "sealed before")
				}
			})
		})
	}
}

// A miss opens the keyring's window at once, so that the user can answer it along with
// the browser's.
func TestKeyringIsAskedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, f := &shared{}, &fake{hang: make(chan struct{})}
		c := f.start().NewCache(inner)
		began := time.Now()
		get(t, c, entry, "")
		get(t, c, entry, "")
		if took := time.Since(began); took != 0 {
			t.Errorf("a miss took %s, want no time", took)
		}
		synctest.Wait()
		f.change(func(f *fake) {
			if f.gets != 1 || f.sets != 0 {
				t.Errorf("got %d questions and %d keys, want 1 and none", f.gets, f.sets)
			}
		})
		time.Sleep(time.Minute) // the user's
		close(f.hang)
		synctest.Wait()
		must(t, c.Set(entry, "one"))
		get(t, f.start().NewCache(inner), entry, "one")
	})
}

// A program that knows one key is not held up by a keyring that hangs when it is asked
// about another one.
func TestKeyringHangsMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, f, other := &shared{}, &fake{}, &fake{}
		c := f.start().NewCache(inner)
		must(t, c.Set("mine", "mine"))
		must(t, other.start().NewCache(inner).Set(entry, "theirs"))
		must(t, (&fake{}).start().NewCache(inner).Set("third", "with a third key"))
		f.change(func(f *fake) { f.hang = make(chan struct{}) })
		began := time.Now()
		for range 10 {
			get(t, c, entry, "")
			get(t, c, "third", "")
			get(t, c, "mine", "mine")
			must(t, c.Set("mine", "mine"))
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %s, want 3s", took)
		}
		close(f.hang)
	})
}

// The one who makes the key holds the lock and hangs.
func TestLockIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, f := &shared{}, &fake{}
		turn := make(chan struct{}, 1)
		turn <- struct{}{}
		began := time.Now()
		c := keyring.NewProgram(f, turn).NewCache(inner)
		if err := c.Set(entry, "value"); err == nil || time.Since(began) != 3*time.Second {
			t.Errorf("got %v after %s, want an error after 3s", err, time.Since(began))
		}
		inner.none(t)
		synctest.Wait()
	})
}

func TestCheck(t *testing.T) {
	f := &fake{}
	must(t, f.start().NewCache(nil).Check())
	if f.sets != 0 {
		t.Error("Check made a key")
	}
	must(t, f.start().NewCache(&shared{}).Set(entry, "value"))
	must(t, f.start().NewCache(nil).Check())
	for name, fault := range faults {
		if name == "keeps nothing" {
			continue
		}
		f := &fake{}
		fault.spoil(f)
		says(t, f.start().NewCache(nil).Check(), fault.says)
	}
	synctest.Test(t, func(t *testing.T) {
		f := &fake{hang: make(chan struct{})}
		says(t, f.start().NewCache(nil).Check(), "no answer within 3s")
		close(f.hang)
	})
}
