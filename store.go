package websso

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

const (
	// storeWait bounds the wait for another process that changes the same sign-in. If it
	// does not finish, no other one is waited for within storePause.
	storeWait  = 5 * time.Second
	storePause = time.Minute
)

// store caches the sign-in of one user to one cloud: an entry for it, which names its scopes,
// and one for each scope. Reading takes no lock, since values are replaced whole. A caller
// holds the sign-in's lock while it changes what other callers may change too.
//
// A cache that can't be used is reported on output, and doesn't fail the sign-in.
type store struct {
	cache   backedCache
	key     string
	listing listing
	output  *terminal.Output
	*troubles
}

// troubles are those that several stores have in common.
type troubles struct {
	warned sync.Once
	stuck  time.Time // when a process last kept a lock for too long
}

func newStore(cache Cache, l listing, output *terminal.Output) *store {
	key := l.key()
	return &store{newBackedCache(cache, key), key, l, output, &troubles{}}
}

// at returns a store of something else in the same cache.
func (st *store) at(key string, l listing) *store {
	return &store{newBackedCache(st.cache.below, key), key, l, st.output, st.troubles}
}

// bothStores returns the stores of what came over verified connections and of what did
// not.
func bothStores(opts AuthOptions, conf settings, output *terminal.Output) []*store {
	verified := newStore(opts.cache(), conf.listing, output)
	conf.Unverified = true
	return []*store{verified, verified.at(conf.key(), conf.listing)}
}

// warn says what is wrong with the cache, if anything, once in this call and in the whole
// program.
func (st *store) warn(ctx context.Context, err error) {
	if err == nil {
		return
	}
	st.warned.Do(func() {
		// A Cache that can't be used is worth one line, however many sign-ins it is for.
		if _, again := memoryOf(st.cache.below, "").shown.LoadOrStore(err.Error(), true); !again {
			st.output.Say(ctx, "%s", strings.TrimPrefix(err.Error(), "websso: "))
		}
	})
}

func (st *store) scopedKey(scope gophercloud.AuthScope) string {
	return st.key + " scope " + keystone.ScopeKey(scope)
}

// read returns the entry of key, or a zero one if there is none. If the cache can't be read,
// the error says so, and there may be one all the same, from memory.
func (st *store) read(ctx context.Context, key string) (entry, error) {
	value, err := st.cache.Get(key)
	st.warn(ctx, err)
	return decodeEntry(key, value), mark(err, errUnreadable)
}

func (st *store) write(ctx context.Context, key string, e entry) error {
	e.For, e.Written = key, time.Now()
	value, err := e.encode()
	if err == nil {
		err = st.cache.Set(key, value)
	}
	st.warn(ctx, err)
	return err
}

// lock takes the lock of the sign-in.
func (st *store) lock(ctx context.Context) (release func()) {
	return st.lockNamed(ctx, "cache-"+hexSum(st.key)[:2], 0)
}

// lockScope takes the lock of a scope of the sign-in. A goroutine of this process that
// has it waits for Keystone, for one request or two.
func (st *store) lockScope(ctx context.Context, scope gophercloud.AuthScope) (release func()) {
	return st.lockNamed(ctx, "scope-"+hexSum(st.scopedKey(scope))[:2], 2*keystone.RequestTimeout)
}

// lockNamed takes the lock of an entry. Nobody waits for the user while holding it, so a
// process that does not release it soon was stopped, and this one goes on without.
//
// The entries of a kind share 256 lock files, since a killed process leaves its own. Two locks
// of one kind are never held at once.
func (st *store) lockNamed(ctx context.Context, name string, own time.Duration) (release func()) {
	limit := storeWait
	if time.Since(st.stuck) < storePause {
		limit = 0
	}
	release, err := private.Lock{
		Dir:   userDir(),
		Name:  name,
		Limit: limit,
		Own:   own,
		Waiting: func(holder string) {
			st.output.Say(ctx, "waiting for %s, which is using the same sign-in", holder)
		},
		Warn: func(err error) { st.warn(ctx, fileErrorf("websso: %w", err)) },
	}.Take(ctx)
	if errors.Is(err, private.ErrLockTimeout) && limit > 0 {
		st.stuck = time.Now()
	}
	if err != nil {
		return func() {}
	}
	return release
}

// signIn returns the entry of the sign-in, usable or not, and a zero one if there is none.
func (st *store) signIn(ctx context.Context) (entry, error) {
	e, err := st.read(ctx, st.key)
	if st.cache.hasSaved() && !st.isListed(ctx) {
		st.enlist(ctx)
	}
	if e.Token != "" {
		return e, nil
	}
	return e, err
}

// scoped returns the entry of a scope, if it comes from signIn.
func (st *store) scoped(ctx context.Context, signIn entry, scope gophercloud.AuthScope) entry {
	if scope == (gophercloud.AuthScope{}) {
		return signIn
	}
	e, _ := st.read(ctx, st.scopedKey(scope)) // a request gets another one
	if e.SignIn != fingerprint(signIn.Token) {
		return entry{}
	}
	return e
}

// setSignIn replaces the sign-in and its scopes by a new sign-in, which was to be valid for
// so long and came by the callback URL, if not "". It returns the tokens that were replaced.
func (st *store) setSignIn(ctx context.Context, signIn keystone.Token, asked time.Duration, callback string) (replaced []entry, err error) {
	defer st.lock(ctx)()
	// The list comes first: a sign-in that it does not have could not be ended.
	st.enlist(ctx)
	last, _ := st.signIn(ctx)
	replaced, err = st.removeTokens(ctx, last)
	st.warn(ctx, err)
	e := newEntry(signIn)
	e.Asked, e.Callback, e.SignIns = asked, callback, map[string]listing{st.key: st.listing}
	return replaced, st.write(ctx, st.key, e)
}

// setScoped caches a token that came from signIn, if that is still the sign-in.
func (st *store) setScoped(ctx context.Context, signIn string, scope gophercloud.AuthScope, token keystone.Token) {
	defer st.lock(ctx)()
	e, _ := st.signIn(ctx)
	if e.Token != signIn {
		return
	}
	if !st.isListed(ctx) {
		st.enlist(ctx)
	}
	// The sign-in comes first: a token that it does not name would outlive a Logout.
	if !slices.Contains(e.Scopes, scope) {
		e.Scopes = append(e.Scopes, scope)
		_ = st.write(ctx, st.key, e)
	}
	scoped := newEntry(token)
	scoped.SignIn = fingerprint(signIn)
	_ = st.write(ctx, st.scopedKey(scope), scoped)
}

// forget drops a dead sign-in, unless it has been replaced. The user's name stays, so
// that the next sign-in can say if it is another user's.
func (st *store) forget(ctx context.Context, token string) {
	defer st.lock(ctx)()
	e, _ := st.signIn(ctx)
	if e.Token != token {
		return
	}
	_, err := st.removeTokens(ctx, e)
	st.warn(ctx, err)
	e.Token, e.Scopes = "", nil
	_ = st.write(ctx, st.key, e)
}

// forgetScoped drops a dead scoped token, unless it has been replaced.
func (st *store) forgetScoped(ctx context.Context, scope gophercloud.AuthScope, token string) {
	defer st.lock(ctx)()
	if e, _ := st.read(ctx, st.scopedKey(scope)); e.Token == token {
		st.warn(ctx, st.cache.Delete(st.scopedKey(scope)))
	}
}

// clear forgets the sign-in and returns its tokens, scoped ones first. It leaves alone what
// another version cached, and says so.
func (st *store) clear(ctx context.Context) (tokens []entry, err error) {
	defer st.lock(ctx)()
	signIn, _ := st.signIn(ctx)
	if err := st.otherVersion(signIn); err != nil {
		return nil, err
	}
	// Even if it can't be read: whatever it is must go.
	tokens, err = st.removeTokens(ctx, signIn)
	err = errors.Join(err, st.cache.Delete(st.key))
	if err == nil {
		st.changeList(ctx, func(all map[string]listing) { delete(all, st.key) })
	}
	return tokens, err
}

// removeTokens removes the scoped tokens of a sign-in, and returns them and the sign-in's own,
// which stays.
func (st *store) removeTokens(ctx context.Context, signIn entry) (tokens []entry, err error) {
	for _, scope := range signIn.Scopes {
		if e, _ := st.read(ctx, st.scopedKey(scope)); e.Token != "" {
			tokens = append(tokens, e)
		}
		err = errors.Join(err, st.cache.Delete(st.scopedKey(scope)))
	}
	if signIn.Token != "" {
		tokens = append(tokens, signIn)
	}
	return tokens, err
}
