package websso

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

const (
	// storeVersion is the format of an entry; one of another version is a miss.
	storeVersion = 1

	// margin is how much longer a kept token must be good for, so that it does not
	// end in the middle of what it is used for.
	margin = 2 * time.Minute

	// storeWait bounds the wait for another process that changes the same sign-in.
	storeWait = 5 * time.Second
)

// entry is one kept value: a line of JSON, and after it the body of Keystone's
// answer as it came. The body is the large part, and most runs need none of it, so
// nothing but its sum is looked at.
type entry struct {
	Version  int                     `json:"version"`
	For      string                  `json:"for"` // the key, so that a value under a wrong one is seen
	Token    string                  `json:"token,omitempty"`
	SignIn   string                  `json:"sign_in,omitempty"` // a scoped token's: the sign-in it came from
	Received time.Time               `json:"received"`
	Expires  time.Time               `json:"expires"`
	Scopes   []gophercloud.AuthScope `json:"scopes,omitempty"` // a sign-in's: those with an entry
	Sum      string                  `json:"sum"`

	body string
}

func (e entry) encode() (string, error) {
	e.Version = storeVersion
	e.Sum = bodySum(e.body)
	head, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	return string(head) + "\n" + e.body, nil
}

// decodeEntry reads a value that was kept under key. What is broken in any way, or
// was written by a version to come, was not kept.
func decodeEntry(key, value string) (entry, bool) {
	head, body, ok := strings.Cut(value, "\n")
	if !ok {
		return entry{}, false
	}
	var e entry
	if err := json.Unmarshal([]byte(head), &e); err != nil {
		return entry{}, false
	}
	if e.Version != storeVersion || e.For != key || e.Sum != bodySum(body) || e.Token != "" && !isToken(e.Token) {
		return entry{}, false
	}
	e.body = body
	return e, true
}

func bodySum(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// usable tells whether the token is worth trying. One whose sign-in was found dead
// is gone, and only the name of the person is left.
func (e entry) usable() bool {
	return e.Token != "" && time.Until(e.Expires) > margin
}

func (e entry) grant() grant {
	return grant{token: e.Token, body: json.RawMessage(e.body), received: e.Received, expires: e.Expires, verified: true}
}

// fingerprint names a sign-in without giving its token away.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte("sign-in " + token))
	return hex.EncodeToString(sum[:8])
}

// store keeps one cloud's sign-in: an entry for it, and one for each scope. Reading
// takes no lock, since values are replaced whole; whoever changes what another may
// change too holds the sign-in's lock.
//
// Nothing here fails: a cache that can't be used is told to warn.
type store struct {
	cache Cache
	key   string
	warn  func(error)
}

// newStore keys what is kept by endpoint, identity provider and protocol, and keeps
// what an unverified connection brought apart: whoever sat in between must not
// serve a run that verifies.
func newStore(cache Cache, s settings, unverified bool, warn func(error)) *store {
	key := s.webssoPath()
	if unverified {
		key += " unverified"
	}
	return &store{cache: cache, key: key, warn: warn}
}

func (st *store) scopedKey(scope gophercloud.AuthScope) string {
	return st.key + " scope " + scopeKey(scope)
}

func (st *store) read(key string) (entry, bool) {
	value, err := st.cache.Get(key)
	if err != nil {
		st.warn(err)
	}
	return decodeEntry(key, value)
}

func (st *store) write(key string, e entry) {
	e.For = key
	value, err := e.encode()
	if err == nil {
		err = st.cache.Set(key, value)
	}
	if err != nil {
		st.warn(err)
	}
}

func (st *store) remove(key string) {
	if err := st.cache.Delete(key); err != nil {
		st.warn(err)
	}
}

// lock is the sign-in's own lock, or a scope's. Those who hold it don't wait for
// people, so one that can't be had soon is held by a process that is stopped:
// better then to go on than to stop as well.
func (st *store) lock(ctx context.Context, key string) (release func()) {
	release, err := lock(ctx, strings.TrimSuffix(fileName(key), entrySuffix), storeWait, func(string) {}, st.warn)
	if err != nil {
		return func() {}
	}
	return release
}

// signIn is the entry of the sign-in, usable or not.
func (st *store) signIn() (entry, bool) { return st.read(st.key) }

// scoped is the kept token for scope, if it is usable and from the present sign-in.
func (st *store) scoped(scope gophercloud.AuthScope) (entry, bool) {
	parent, ok := st.signIn()
	if !ok || !parent.usable() {
		return entry{}, false
	}
	if scope == (gophercloud.AuthScope{}) {
		return parent, true
	}
	e, ok := st.read(st.scopedKey(scope))
	return e, ok && e.usable() && e.SignIn == fingerprint(parent.Token)
}

// keepSignIn puts a new sign-in in the place of the old one and its scopes.
func (st *store) keepSignIn(ctx context.Context, g grant) {
	defer st.lock(ctx, st.key)()
	if old, ok := st.signIn(); ok {
		st.removeScopes(old)
	}
	st.write(st.key, entry{Token: g.token, Received: g.received, Expires: g.expires, body: string(g.body)})
}

// keepScoped keeps a token that came from the sign-in parent, if that is still the
// one kept.
func (st *store) keepScoped(ctx context.Context, parent string, scope gophercloud.AuthScope, g grant) {
	defer st.lock(ctx, st.key)()
	e, ok := st.signIn()
	if !ok || e.Token != parent {
		return
	}
	// The list first: a token that no list names would outlive a Logout.
	if !slices.Contains(e.Scopes, scope) {
		e.Scopes = append(e.Scopes, scope)
		st.write(st.key, e)
	}
	st.write(st.scopedKey(scope), entry{
		Token: g.token, SignIn: fingerprint(parent), Received: g.received, Expires: g.expires, body: string(g.body),
	})
}

// forget drops a sign-in that is dead, unless it has been replaced since. The name
// of the person stays, to tell them if the next one is another.
func (st *store) forget(ctx context.Context, token string) {
	defer st.lock(ctx, st.key)()
	e, ok := st.signIn()
	if !ok || e.Token != token {
		return
	}
	st.removeScopes(e)
	e.Token, e.Scopes = "", nil
	st.write(st.key, e)
}

// forgetScoped drops a scoped token that is dead, unless it has been replaced since.
func (st *store) forgetScoped(ctx context.Context, scope gophercloud.AuthScope, token string) {
	defer st.lock(ctx, st.key)()
	if e, ok := st.read(st.scopedKey(scope)); ok && e.Token == token {
		st.remove(st.scopedKey(scope))
	}
}

// clear forgets everything and returns the tokens that were kept, scoped ones first.
func (st *store) clear(ctx context.Context) (tokens []string, err error) {
	defer st.lock(ctx, st.key)()
	e, _ := st.signIn()
	var failed []error
	for _, scope := range e.Scopes {
		if s, ok := st.read(st.scopedKey(scope)); ok && s.Token != "" {
			tokens = append(tokens, s.Token)
		}
		failed = append(failed, st.cache.Delete(st.scopedKey(scope)))
	}
	if e.Token != "" {
		tokens = append(tokens, e.Token)
	}
	// Also where it can't be read: whatever it was is to go.
	failed = append(failed, st.cache.Delete(st.key))
	return tokens, errors.Join(failed...)
}

func (st *store) removeScopes(e entry) {
	for _, scope := range e.Scopes {
		st.remove(st.scopedKey(scope))
	}
}

// keptScopes lists the scopes that a run would need no request for.
func (st *store) keptScopes(e entry) []gophercloud.AuthScope {
	var scopes []gophercloud.AuthScope
	for _, scope := range e.Scopes {
		if _, ok := st.scoped(scope); ok {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
