package keyring

import (
	"context"
	"errors"
	"sync"
	"time"

	gokeyring "github.com/zalando/go-keyring"
)

const (
	// The key's place in the keyring.
	service = "gophercloud-websso"
	account = "cache-key"

	// limit bounds the wait for the keyring. If it is unlocked, it answers within
	// milliseconds; it takes longer only if it asks the user for a password.
	limit = 3 * time.Second

	// maxLost bounds how many keys are remembered that the keyring does not have.
	maxLost = 64
)

// store is what is asked of a keyring.
type store interface {
	Get(service, account string) (string, error)
	Set(service, account, secret string) error
}

// userRing is one for the whole program: the key is the user's, and a keyring that hangs
// must not hang once for each Cache.
var userRing = &ring{store: system{}, lock: lock}

// ring gets the key from a keyring, and makes it if there is none.
//
// A call of the keyring can't be canceled: on Linux it waits for the answer to a prompt,
// on macOS for a process. It runs in a goroutine of its own, one at a time, and nobody
// waits for it longer than limit. What it brings later still counts.
type ring struct {
	store store
	lock  func() (release func(), err error) // of the one who makes the key

	mu    sync.Mutex
	key   *key
	err   error           // why the keyring can't be used; only if there is no key
	empty bool            // the keyring answered that it has no key
	lost  map[string]bool // names of keys that the keyring does not have
	call  *call           // the call under way
}

// call is one call of the keyring.
type call struct {
	done chan struct{}
	late bool // its caller no longer waits
}

// get returns the key, or nil if the keyring has none and none is to be made.
func (r *ring) get(create bool) (*key, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.key == nil && r.err == nil && (create || !r.empty) {
		if r.call == nil {
			r.begin(r.empty)
		}
		r.wait(ctx)
	}
	return r.key, r.err
}

// open decrypts a value, or returns "" if no key opens it. An error says why the keyring
// can't be used.
func (r *ring) open(entry, sealed string) (string, error) {
	name, _, ok := split(sealed)
	if !ok {
		return "", nil
	}
	k, err := r.named(name)
	if k == nil {
		return "", err
	}
	value, _ := k.open(entry, sealed)
	return value, nil
}

// named returns the key of that name, or nil if the keyring does not have it. It asks
// again if it knows another key: in a long run the keyring may have been given a new one.
func (r *ring) named(name string) (*key, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	for asked := false; ; {
		switch {
		case r.key != nil && r.key.name == name:
			return r.key, nil
		case r.key == nil && r.err != nil:
			return nil, r.err
		case r.lost[name], r.call != nil && r.call.late:
			return nil, nil
		case asked:
			r.lose(name)
			return nil, nil
		case r.call == nil:
			r.begin(false)
			asked = true
		}
		r.wait(ctx)
	}
}

func (r *ring) lose(name string) {
	if r.lost == nil || len(r.lost) >= maxLost {
		r.lost = make(map[string]bool)
	}
	r.lost[name] = true
}

// prepare asks for the key in advance. It does not wait.
func (r *ring) prepare() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key == nil && r.err == nil && !r.empty && r.call == nil {
		r.begin(false)
	}
}

// begin calls the keyring, to get the key or to make it. The caller holds r.mu.
func (r *ring) begin(create bool) {
	c := &call{done: make(chan struct{})}
	r.call = c
	go func() {
		defer close(c.done)
		k, err := r.ask(create)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.call = nil
		switch {
		case err == nil:
			r.key, r.err, r.empty = k, nil, k == nil
		case r.key == nil:
			r.err = unusable(err)
		}
	}()
}

// wait returns when the call has ended, or ctx has. The caller holds r.mu, which it
// releases meanwhile.
func (r *ring) wait(ctx context.Context) {
	c := r.call
	r.mu.Unlock()
	select {
	case <-c.done:
		r.mu.Lock()
	case <-ctx.Done():
		r.mu.Lock()
		if r.call != c {
			return // it ended just now
		}
		c.late = true
		if r.key == nil {
			r.err = unusable(errSlow)
		}
	}
}

// ask returns the key that the keyring has; if it has none, a new one or nil.
func (r *ring) ask(create bool) (k *key, err error) {
	defer func() {
		// go-keyring v0.2.8 reads the answer to a prompt from a nil signal if the
		// connection to D-Bus is lost before it comes.
		if recover() != nil {
			k, err = nil, errors.New("the connection to it was lost")
		}
	}()
	k, err = r.load()
	if k != nil || err != nil || !create {
		return k, err
	}
	release, err := r.lock()
	if err != nil {
		return nil, err
	}
	defer release()
	if k, err = r.load(); k != nil || err != nil {
		return k, err
	}
	if err := r.store.Set(service, account, newKey().String()); err != nil {
		return nil, err
	}
	// As it is now in the keyring: that is the one that other programs get.
	if k, err = r.load(); k == nil && err == nil {
		err = errors.New("it did not keep the key that it was given")
	}
	return k, err
}

// load returns the key that the keyring has, or nil if it has none. An invalid key
// counts as none, so that it is replaced.
func (r *ring) load() (*key, error) {
	text, err := r.store.Get(service, account)
	if errors.Is(err, gokeyring.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseKey(text), nil
}
