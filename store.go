package websso

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
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
	// entryVersion is the format of an entry. One of another version is a miss.
	entryVersion = 2

	// margin is how much longer a cached token must be valid, so that it does not
	// expire while it is used.
	margin = 2 * time.Minute

	// storeWait bounds the wait for another process that changes the same sign-in.
	storeWait = 5 * time.Second
)

// entry is one cached value: a line of JSON, and after it the body of Keystone's answer
// as it came. The body is the large part and most runs need none of it, so only its sum
// is checked.
type entry struct {
	Version  int                     `json:"version"`
	For      string                  `json:"for"` // the key, which shows a value under a wrong one
	Token    string                  `json:"token,omitempty"`
	SignIn   string                  `json:"sign_in,omitempty"` // a scoped token's: the sign-in it came from
	Received time.Time               `json:"received"`
	Expires  time.Time               `json:"expires"`
	Scopes   []gophercloud.AuthScope `json:"scopes,omitempty"` // an index's: those with an entry
	Sum      string                  `json:"sum"`

	body string
}

func newEntry(t keystone.Token) entry {
	return entry{Token: t.ID, Received: t.Received, Expires: t.Expires, body: string(t.Body)}
}

func (e entry) encode() (string, error) {
	e.Version = entryVersion
	e.Sum = bodySum(e.body)
	head, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	return string(head) + "\n" + e.body, nil
}

// decodeEntry parses the value of key. If it is broken in any way, or was written by a
// later version, there is none.
func decodeEntry(key, value string) (entry, bool) {
	head, body, ok := strings.Cut(value, "\n")
	if !ok {
		return entry{}, false
	}
	var e entry
	if err := json.Unmarshal([]byte(head), &e); err != nil {
		return entry{}, false
	}
	if e.Version != entryVersion || e.For != key || e.Sum != bodySum(body) || e.Token != "" && !keystone.IsToken(e.Token) {
		return entry{}, false
	}
	e.body = body
	return e, true
}

func bodySum(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// usable reports whether the token is worth trying. If its sign-in was found dead, the
// token is gone and only the user's name is left.
func (e entry) usable() bool {
	return e.Token != "" && time.Until(e.Expires) > margin
}

func (e entry) token() keystone.Token {
	return keystone.Token{ID: e.Token, Body: json.RawMessage(e.body), Received: e.Received, Expires: e.Expires, Verified: true}
}

// fingerprint names a sign-in without telling its token.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte("sign-in " + token))
	return hex.EncodeToString(sum[:8])
}

// store caches the sign-in of one user to one cloud: an entry for it, one for each scope,
// and an index of the scopes, which a warm call need not read. Reading takes no lock,
// since values are replaced whole. A caller holds the sign-in's lock while it changes what
// other callers may change too.
//
// A cache that can't be used is reported on output, and doesn't fail the sign-in.
type store struct {
	cache   Cache
	key     string
	output  *terminal.Output
	warned  sync.Once
	failed  error // why the cache could not be read, if it could not
	blocked bool  // another process does not release a lock
}

// newStore returns the store of a sign-in by its endpoint, identity provider, protocol
// and username. What came over an unverified connection is cached apart, because a
// token from a man in the middle must not serve a run that verifies.
func newStore(cache Cache, conf settings, unverified bool, output *terminal.Output) *store {
	key := conf.webssoPath()
	if conf.username != "" {
		key += " username " + url.QueryEscape(conf.username)
	}
	if unverified {
		key += " unverified"
	}
	return &store{cache: cache, key: key, output: output}
}

// bothStores returns the stores of what came over verified connections and of what did
// not.
func bothStores(opts AuthOptions, conf settings, output *terminal.Output) []*store {
	return []*store{
		newStore(opts.cache(), conf, false, output),
		newStore(opts.cache(), conf, true, output),
	}
}

// warn says what is wrong with the cache, once: in this call, and in the whole program if
// the cache or its error can tell, as a FileCache and the errors of package keyring do.
func (st *store) warn(ctx context.Context, err error) {
	st.warned.Do(func() {
		if files, ok := st.cache.(*FileCache); ok && !files.firstReport(err) {
			return
		}
		var reported interface{ FirstReport() bool }
		if errors.As(err, &reported) && !reported.FirstReport() {
			return
		}
		st.output.Say(ctx, "%s", strings.TrimPrefix(err.Error(), "websso: "))
	})
}

func (st *store) scopedKey(scope gophercloud.AuthScope) string {
	return st.key + " scope " + keystone.ScopeKey(scope)
}

func (st *store) indexKey() string { return st.key + " scopes" }

func (st *store) read(ctx context.Context, key string) (entry, bool) {
	value, err := st.cache.Get(key)
	if err != nil {
		st.failed = err
		st.warn(ctx, err)
	}
	return decodeEntry(key, value)
}

func (st *store) write(ctx context.Context, key string, e entry) error {
	e.For = key
	value, err := e.encode()
	if err == nil {
		err = st.cache.Set(key, value)
	}
	if err != nil {
		st.warn(ctx, err)
	}
	return err
}

func (st *store) remove(ctx context.Context, key string) {
	if err := st.cache.Delete(key); err != nil {
		st.warn(ctx, err)
	}
}

// lock takes the lock of the sign-in.
func (st *store) lock(ctx context.Context) (release func()) { return st.lockKey(ctx, st.key, 0) }

// lockScope takes the lock of a scope of the sign-in. A goroutine of this process that
// has it waits for Keystone, for one request or two.
func (st *store) lockScope(ctx context.Context, scope gophercloud.AuthScope) (release func()) {
	return st.lockKey(ctx, st.scopedKey(scope), 2*keystone.RequestTimeout)
}

// lockKey takes the lock of one entry. Nobody waits for the user while holding it, so if
// another process does not release it soon, that process was stopped. It is then better
// to go on without the lock, and without waiting for the next one.
func (st *store) lockKey(ctx context.Context, key string, own time.Duration) (release func()) {
	limit := storeWait
	if st.blocked {
		limit = 0
	}
	release, err := private.Lock{
		Dir:   userDir(),
		Name:  hashName(key),
		Limit: limit,
		Own:   own,
		// Many may come before, and each of them only writes its files.
		PerHolder: true,
		Waiting: func(holder string) {
			st.output.Say(ctx, "waiting for %s, which is using the same sign-in", holder)
		},
		Warn: func(err error) { st.warn(ctx, fileErrorf("websso: %w", err)) },
	}.Take(ctx)
	if err != nil {
		st.blocked = st.blocked || errors.Is(err, private.ErrLockTimeout)
		return func() {}
	}
	return release
}

// signIn returns the entry of the sign-in, usable or not.
func (st *store) signIn(ctx context.Context) (entry, bool) { return st.read(ctx, st.key) }

// scoped returns the entry of a scope, if it comes from signIn.
func (st *store) scoped(ctx context.Context, signIn entry, scope gophercloud.AuthScope) (entry, bool) {
	if scope == (gophercloud.AuthScope{}) {
		return signIn, true
	}
	e, ok := st.read(ctx, st.scopedKey(scope))
	return e, ok && e.SignIn == fingerprint(signIn.Token)
}

// setSignIn replaces the sign-in and its scopes by a new sign-in.
func (st *store) setSignIn(ctx context.Context, signIn keystone.Token) error {
	defer st.lock(ctx)()
	st.removeScopes(ctx)
	return st.write(ctx, st.key, newEntry(signIn))
}

// setScoped caches a token that came from signIn, if that is still the sign-in.
func (st *store) setScoped(ctx context.Context, signIn string, scope gophercloud.AuthScope, token keystone.Token) {
	defer st.lock(ctx)()
	if e, ok := st.signIn(ctx); !ok || e.Token != signIn {
		return
	}
	// The index comes first: a token that it does not name would outlive a Logout.
	index, _ := st.read(ctx, st.indexKey())
	if !slices.Contains(index.Scopes, scope) {
		index.Scopes = append(index.Scopes, scope)
		_ = st.write(ctx, st.indexKey(), index)
	}
	scoped := newEntry(token)
	scoped.SignIn = fingerprint(signIn)
	_ = st.write(ctx, st.scopedKey(scope), scoped)
}

// forget drops a dead sign-in, unless it has been replaced. The user's name stays, so
// that the next sign-in can say if it is another user's.
func (st *store) forget(ctx context.Context, token string) {
	defer st.lock(ctx)()
	e, ok := st.signIn(ctx)
	if !ok || e.Token != token {
		return
	}
	st.removeScopes(ctx)
	e.Token = ""
	_ = st.write(ctx, st.key, e)
}

// forgetScoped drops a dead scoped token, unless it has been replaced.
func (st *store) forgetScoped(ctx context.Context, scope gophercloud.AuthScope, token string) {
	defer st.lock(ctx)()
	if e, ok := st.read(ctx, st.scopedKey(scope)); ok && e.Token == token {
		st.remove(ctx, st.scopedKey(scope))
	}
}

// clear forgets the sign-in and returns its tokens, scoped ones first.
func (st *store) clear(ctx context.Context) (tokens []string, err error) {
	defer st.lock(ctx)()
	index, _ := st.read(ctx, st.indexKey())
	var failed []error
	for _, scope := range index.Scopes {
		if e, ok := st.read(ctx, st.scopedKey(scope)); ok && e.Token != "" {
			tokens = append(tokens, e.Token)
		}
		failed = append(failed, st.cache.Delete(st.scopedKey(scope)))
	}
	if e, _ := st.signIn(ctx); e.Token != "" {
		tokens = append(tokens, e.Token)
	}
	// Even if they could not be read: whatever they were must go.
	failed = append(failed, st.cache.Delete(st.indexKey()), st.cache.Delete(st.key))
	return tokens, errors.Join(failed...)
}

func (st *store) removeScopes(ctx context.Context) {
	index, ok := st.read(ctx, st.indexKey())
	if !ok {
		return
	}
	for _, scope := range index.Scopes {
		st.remove(ctx, st.scopedKey(scope))
	}
	st.remove(ctx, st.indexKey())
}

// cachedScopes returns the scopes of signIn for which no request is needed.
func (st *store) cachedScopes(ctx context.Context, signIn entry) []gophercloud.AuthScope {
	index, _ := st.read(ctx, st.indexKey())
	return slices.DeleteFunc(index.Scopes, func(scope gophercloud.AuthScope) bool {
		e, ok := st.scoped(ctx, signIn, scope)
		return !ok || !e.usable()
	})
}
