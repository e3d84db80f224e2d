package keyring_test

import (
	"strings"
	"sync"
	"testing"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/keyring"
)

// fake is a keyring. Its zero value is empty and unlocked.
type fake struct {
	mu     sync.Mutex
	secret string
	err    error         // of every call
	hang   chan struct{} // every call waits for its end
	panics bool          // every call panics
	drops  bool          // Set stores nothing
	gets   int
	sets   int
	inside int // calls under way
	most   int // calls under way at once
}

func (f *fake) call(count *int) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*count++
	f.inside++
	f.most = max(f.most, f.inside)
	if hang := f.hang; hang != nil {
		f.mu.Unlock()
		<-hang
		f.mu.Lock()
	}
	if f.panics {
		f.inside--
		panic("a nil signal")
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.inside--
	}, f.err
}

func (f *fake) Get(_, _ string) (string, error) {
	leave, err := f.call(&f.gets)
	defer leave()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.secret == "" {
		err = gokeyring.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return f.secret, nil
}

func (f *fake) Set(_, _, secret string) error {
	leave, err := f.call(&f.sets)
	defer leave()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && !f.drops {
		f.secret = secret
	}
	return err
}

// change changes the keyring while programs may use it.
func (f *fake) change(do func(f *fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do(f)
}

// start starts a program that uses the keyring.
func (f *fake) start() keyring.Program {
	return keyring.NewProgram(f, make(chan struct{}, 1))
}

// must fails the test if a call failed.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get fails the test unless the cache has want under key. "" is a miss.
func get(t testing.TB, c websso.Cache, key, want string) {
	t.Helper()
	if got, err := c.Get(key); got != want || err != nil {
		t.Errorf("Get(%q): got %.40q, %v, want %.40q", key, got, err, want)
	}
}

// getError fails the test unless Get is a miss with an error that says want.
func getError(t testing.TB, c websso.Cache, key, want string) {
	t.Helper()
	got, err := c.Get(key)
	if got != "" {
		t.Errorf("Get(%q): got %.40q, want a miss", key, got)
	}
	says(t, err, want)
}

// says fails the test unless there is an error that says all of that.
func says(t testing.TB, err error, all ...string) {
	t.Helper()
	for _, want := range all {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}

// shared is an inner cache whose content tests look at.
type shared struct {
	mu     sync.Mutex
	values map[string]string
	err    map[string]error // by method
}

func (s *shared) Get(key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[key], s.err["Get"]
}

func (s *shared) Set(key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err["Set"]; err != nil {
		return err
	}
	if s.values == nil {
		s.values = make(map[string]string)
	}
	s.values[key] = value
	return nil
}

func (s *shared) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err["Delete"]; err != nil {
		return err
	}
	delete(s.values, key)
	return nil
}

// only returns the key and the value of the one entry.
func (s *shared) only(t testing.TB) (key, value string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) != 1 {
		t.Fatalf("got %d entries in the inner cache, want 1: %q", len(s.values), s.values)
	}
	for key, value = range s.values {
	}
	return key, value
}

// none fails the test if the inner cache has an entry.
func (s *shared) none(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) != 0 {
		t.Errorf("got %q in the inner cache, want nothing", s.values)
	}
}
