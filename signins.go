package websso

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

const (
	// listKey is the key of the list of all sign-ins in a Cache, which can't be listed
	// itself.
	listKey = "sign-ins"

	// listedFor is how long a sign-in without an entry stays in the list at least. It is
	// listed before its entry is written.
	listedFor = 24 * time.Hour
)

// SignIn says who is signed in to a cloud.
type SignIn struct {
	UserID, UserName, UserDomain string
	IdentityProvider, Protocol   string

	// ExpiresAt is when the sign-in, and every token that comes from it, ends.
	ExpiresAt time.Time

	// Scopes are those with a cached token.
	Scopes []gophercloud.AuthScope

	// Unverified is whether the client that signed in did not verify certificates.
	Unverified bool

	// Options name the sign-in for Logout. Only SignIns sets them.
	Options AuthOptions
}

// SignIns returns all sign-ins in cache, or in the user's if cache is nil, whatever program
// and whatever cloud they were made for. It makes no request. [Logout] ends one of them by
// its Options, with a client that trusts its Keystone.
//
// The error says what could not be read, if anything. The sign-ins that could are returned
// all the same.
func SignIns(cache Cache) ([]SignIn, error) {
	ctx := context.Background()
	cache = AuthOptions{Cache: cache}.cache()
	value, err := newBackedCache(cache, listKey).Get(listKey)
	failed := []error{err}
	list := decodeAnyVersion(listKey, value)
	// Of two sign-ins that Logout ends at once, the one of those who verify comes first.
	slices.SortStableFunc(list.SignIns, func(a, b listing) int { return compareBools(a.Unverified, b.Unverified) })
	var all []SignIn
	for _, l := range list.SignIns {
		st, err := l.store(cache)
		if err != nil {
			continue // nothing can have been cached for it
		}
		e, err := st.signIn(ctx)
		failed = append(failed, err, st.otherVersion(st.key))
		opts := l.options(cache)
		if e.usable() && !slices.ContainsFunc(all, func(s SignIn) bool { return sameSignIn(s.Options, opts) }) {
			s := st.describe(ctx, e)
			s.Options = opts
			all = append(all, *s)
		}
	}
	return all, errors.Join(failed...)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func sameSignIn(a, b AuthOptions) bool {
	return a.IdentityEndpoint == b.IdentityEndpoint && a.IdentityProvider == b.IdentityProvider && a.Protocol == b.Protocol && a.Username == b.Username
}

func (l listing) options(cache Cache) AuthOptions {
	return AuthOptions{
		IdentityEndpoint: l.Endpoint, IdentityProvider: l.IdentityProvider, Protocol: l.Protocol,
		Username: l.Username, TLSFiles: l.TLSFiles, Cache: cache,
	}
}

// store returns the store of the sign-in, which tells the user nothing.
func (l listing) store(cache Cache) (*store, error) {
	conf, err := l.options(cache).settings()
	if err != nil {
		return nil, err
	}
	return newStore(cache, conf, l.Unverified, terminal.NewOutput(io.Discard, "")), nil
}

func (l listing) is(other listing) bool {
	l.TLSFiles, l.Listed = other.TLSFiles, other.Listed
	return l == other
}

// list makes the sign-in one of those that SignIns returns. With renew it replaces what is
// listed of it. The caller holds the sign-in's lock, so that no Logout comes between.
func (st *store) list(ctx context.Context, renew bool) {
	if !renew && st.isListed() {
		return
	}
	st.changeList(ctx, func(all []listing) ([]listing, bool) {
		l := st.listing
		l.Listed = time.Now()
		i := slices.IndexFunc(all, l.is)
		switch {
		case i >= 0 && !renew:
			return nil, false
		case i >= 0:
			if l.TLSFiles == (TLSFiles{}) {
				l.TLSFiles = all[i].TLSFiles // of a program that knew them
			}
			all[i] = l
			return all, true
		}
		return append(slices.DeleteFunc(all, st.isOver), l), true
	})
}

// isListed reports whether the sign-in is in the list, or nothing can be done about it.
func (st *store) isListed() bool {
	value, err := newBackedCache(st.cache.below, listKey).Get(listKey)
	list := decodeAnyVersion(listKey, value)
	return err != nil || slices.ContainsFunc(list.SignIns, st.listing.is)
}

// unlist is for a sign-in whose entry is gone. The caller holds its lock.
func (st *store) unlist(ctx context.Context) {
	st.changeList(ctx, func(all []listing) ([]listing, bool) {
		n := len(all)
		all = slices.DeleteFunc(all, st.listing.is)
		return all, len(all) < n
	})
}

// isOver reports whether a listed sign-in has ended, so that it need not be listed.
func (st *store) isOver(l listing) bool {
	if time.Since(l.Listed) < listedFor {
		return false
	}
	other, err := l.store(st.cache.below)
	if err != nil {
		return true
	}
	value, err := other.cache.Get(other.key)
	e := decodeEntry(other.key, value)
	return err == nil && versionOf(other.key, value) == 0 && !e.usable()
}

// changeList replaces the list by what change returns, if that reports a change. A list that
// can't be read is not written: it may have others. Its lock is the innermost one.
func (st *store) changeList(ctx context.Context, change func([]listing) ([]listing, bool)) {
	defer st.lockNamed(ctx, listKey, 0)()
	all := newBackedCache(st.cache.below, listKey)
	value, err := all.Get(listKey)
	if err != nil {
		st.warn(ctx, err)
		return
	}
	e := decodeAnyVersion(listKey, value)
	changed, ok := change(e.SignIns)
	if !ok {
		return
	}
	e.For, e.Written, e.SignIns = listKey, time.Now(), changed
	switch value, err = e.encode(); {
	case len(changed) == 0:
		err = all.Delete(listKey)
	case err == nil:
		err = all.Set(listKey, value)
	}
	if err != nil {
		st.warn(ctx, err)
	}
}

// otherVersion returns an error if what the cache has under key is of another version of
// this package, which alone knows what belongs to it.
func (st *store) otherVersion(key string) error {
	value, _ := st.cache.Get(key)
	if v := versionOf(key, value); v != 0 {
		return fmt.Errorf("websso: what is cached for %s is from another version of websso (format %d, not %d), and was left alone: sign out with that version",
			terminal.Printable(st.listing.Endpoint), v, entryVersion)
	}
	return nil
}

// describe returns what there is to say about a sign-in.
func (st *store) describe(ctx context.Context, e entry) *SignIn {
	u := e.token().User()
	return &SignIn{
		UserID: u.ID, UserName: u.Name, UserDomain: u.Domain,
		IdentityProvider: u.IdentityProvider, Protocol: u.Protocol,
		ExpiresAt:  e.Expires,
		Scopes:     st.cachedScopes(ctx, e),
		Unverified: st.listing.Unverified,
	}
}

// relist lists a cached sign-in that is missing in the list.
func (st *store) relist(ctx context.Context, e entry) {
	if st.isListed() {
		return
	}
	defer st.lock(ctx)()
	if now, _ := st.signIn(ctx); now.Token == e.Token { // no Logout came first
		st.list(ctx, false)
	}
}
