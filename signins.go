package websso

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/private"
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

	// CallbackURL is where the browser came back to, which Keystone has to trust. It is empty
	// if the sign-in was imported.
	CallbackURL string

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
	quiet := terminal.NewOutput(io.Discard, "")
	list, err := newStore(cache, listing{}, quiet).list().read(ctx, listKey)
	failed := []error{err}
	if files, ok := cache.(*FileCache); ok {
		files.addListed(&list) // those that the list has lost
	}
	var all []SignIn
	for _, l := range slices.SortedFunc(maps.Values(list.SignIns), func(a, b listing) int { return a.Listed.Compare(b.Listed) }) {
		st := newStore(cache, l, quiet)
		e, err := st.signIn(ctx)
		failed = append(failed, err, st.otherVersion(e))
		l.Unverified = false
		if other, _ := newStore(cache, l, quiet).signIn(ctx); !e.usable() || st.listing.Unverified && other.usable() {
			continue // Logout ends both, and the one of those who verify comes first
		}
		s := st.describe(ctx, e)
		s.Options = AuthOptions{
			IdentityEndpoint: l.Endpoint, IdentityProvider: l.IdentityProvider, Protocol: l.Protocol,
			Username: l.Username, TLSFiles: l.TLSFiles, Cache: cache,
		}
		all = append(all, *s)
	}
	return all, errors.Join(failed...)
}

// addListed adds what the entries in the directory list: each sign-in's lists itself.
func (c *FileCache) addListed(list *entry) {
	dir, _ := c.place("")
	files, _ := os.ReadDir(dir) // if that fails, reading the list does too
	for _, file := range files {
		value, _ := private.Read(dir, file.Name(), maxEntry)
		_ = json.NewDecoder(strings.NewReader(value)).Decode(list) // what is broken lists nothing
	}
}

// list returns the store of the list of all sign-ins.
func (st *store) list() *store {
	return st.at(listKey, listing{})
}

// isListed reports whether the sign-in is in the list, or nothing can be done about it.
func (st *store) isListed(ctx context.Context) bool {
	list, err := st.list().read(ctx, listKey)
	_, ok := list.SignIns[st.key]
	return ok || err != nil
}

// enlist makes the sign-in one of those that SignIns returns, and replaces what is listed of
// it. The caller holds the sign-in's lock, so that no Logout comes between.
func (st *store) enlist(ctx context.Context) {
	st.listing.Listed = time.Now()
	st.changeList(ctx, func(all map[string]listing) {
		if st.listing.TLSFiles == (TLSFiles{}) {
			st.listing.TLSFiles = all[st.key].TLSFiles // of a program that knew them
		}
		maps.DeleteFunc(all, func(_ string, l listing) bool { return st.isOver(ctx, l) })
		all[st.key] = st.listing
	})
}

// isOver reports whether a listed sign-in has ended, so that it need not be listed.
func (st *store) isOver(ctx context.Context, l listing) bool {
	if time.Since(l.Listed) < listedFor {
		return false
	}
	e, err := st.at(l.key(), l).signIn(ctx)
	return err == nil && st.otherVersion(e) == nil && !e.usable()
}

// changeList changes the list. One that can't be read is not written: it may have others. Its
// lock is the innermost one.
func (st *store) changeList(ctx context.Context, change func(map[string]listing)) {
	list := st.list()
	defer list.lockNamed(ctx, listKey, 0)()
	e, err := list.read(ctx, listKey)
	if err != nil {
		return
	}
	if e.SignIns == nil {
		e.SignIns = make(map[string]listing)
	}
	before := maps.Clone(e.SignIns)
	change(e.SignIns)
	switch {
	case maps.Equal(before, e.SignIns):
	case len(e.SignIns) == 0:
		list.warn(ctx, list.cache.Delete(listKey))
	default:
		_ = list.write(ctx, listKey, e)
	}
}

// otherVersion returns an error if another version of this package wrote the entry, which
// alone knows what belongs to it.
func (st *store) otherVersion(e entry) error {
	if e.Version == 0 || e.Version == entryVersion {
		return nil
	}
	return fmt.Errorf("websso: what is cached for %s is from another version of websso (format %d, not %d), and was left alone: sign out with that version",
		terminal.Printable(st.listing.Endpoint), e.Version, entryVersion)
}

// describe returns what there is to say about a sign-in.
func (st *store) describe(ctx context.Context, e entry) *SignIn {
	u := e.token().User()
	return &SignIn{
		UserID: u.ID, UserName: u.Name, UserDomain: u.Domain,
		IdentityProvider: u.IdentityProvider, Protocol: u.Protocol,
		ExpiresAt: e.Expires, Unverified: st.listing.Unverified, CallbackURL: e.Callback,
		// Those for which no request is needed.
		Scopes: slices.DeleteFunc(e.Scopes, func(scope gophercloud.AuthScope) bool { return !st.scoped(ctx, e, scope).usable() }),
	}
}

// relist lists a cached sign-in that is missing in the list.
func (st *store) relist(ctx context.Context, e entry) {
	if st.isListed(ctx) {
		return
	}
	defer st.lock(ctx)()
	if now, _ := st.signIn(ctx); now.Token == e.Token { // no Logout came first
		st.enlist(ctx)
	}
}
