package websso

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// need is what a call asks of a token.
type need struct {
	since    time.Time     // when the call began
	newer    bool          // only a sign-in made since then will do
	validity time.Duration // how long it must be valid, unless it was made since then
	check    bool          // ask Keystone about a cached one
	mayOpen  bool          // the browser

	switchUser bool // the browser may be signed in as somebody else
}

func (o AuthOptions) need() need {
	return need{since: time.Now(), newer: o.ForceLogin || o.SwitchUser, switchUser: o.SwitchUser, validity: cmp.Or(o.MinValidity, margin), check: o.Check, mayOpen: !o.NonInteractive}
}

// authenticate returns a token for the scope: from the cache, else by rescoping the
// cached sign-in, else through the browser.
func (s *session) authenticate(ctx context.Context, n need) (keystone.Token, error) {
	limited, cancel := s.conf.bound(ctx)
	token, err := s.cached(limited, n)
	cancel()
	if !needsUser(err) || !n.mayOpen {
		return token, err
	}

	release, waited, err := s.lock(ctx)
	if err != nil {
		return keystone.Token{}, err
	}
	defer release()
	ctx, cancel = s.conf.bound(ctx)
	defer cancel()
	token, err = s.meanwhile(ctx, n)
	if err == nil && waited {
		s.tell(ctx, signedIn(token), "the other sign-in has finished, as %s until %s", token.User(), terminal.Clock(token.Expires))
	}
	if !needsUser(err) {
		return token, err
	}
	if err := s.unanswered(); err != nil {
		return keystone.Token{}, err
	}
	signIn, err := s.browse(ctx, n, err)
	if err != nil {
		return keystone.Token{}, err
	}
	s.origin = signIn
	release()
	return s.rescope(ctx, signIn, n)
}

// browse has the user sign in with the browser, and caches the sign-in, or returns the one
// that another program has cached meanwhile. why is what makes that necessary.
func (s *session) browse(ctx context.Context, n need, why error) (signIn keystone.Token, err error) {
	seen := s.keystone.Look(ctx, s.conf.start(), false)
	if err := seen.Mistake(); err != nil {
		return keystone.Token{}, err
	}
	if ctx.Err() != nil {
		return keystone.Token{}, fmt.Errorf("websso: %w", context.Cause(ctx))
	}
	if short := new(shortError); errors.As(why, &short) {
		s.output.Say(ctx, "%s, so sign in again", short.why)
	}
	if cache, ok := s.store.cache.below.(interface{ Check() error }); ok {
		s.store.warn(ctx, cache.Check())
	}
	signIn, err = s.callback(ctx, n, seen.Begin)
	switch {
	case errors.Is(err, errOtherProgram):
		e, err := s.signIn(ctx, n)
		if err == nil {
			signIn = e.token()
			s.tell(ctx, signedIn(signIn), "another program has signed in to %s as %s, until %s", terminal.Printable(s.conf.Endpoint), signIn.User(), terminal.Clock(e.Expires))
		}
		return signIn, err
	case err != nil:
		if errors.Is(context.Cause(ctx), context.Canceled) {
			s.store.answered() // by a user who wants no sign-in
		}
		return keystone.Token{}, err
	}
	_ = s.cacheSignIn(ctx, signIn, n) // the user has been told, and this program can go on
	if time.Until(signIn.Expires) < n.validity && n.validity > margin {
		s.output.Say(ctx, "that is less than the %s asked for: a sign-in to this cloud lasts no longer", terminal.Duration(n.validity))
	}
	return signIn, nil
}

// needsUser reports whether err means that only the user can go on: there is no sign-in, or
// the cache can't be read, which stops nobody from signing in.
func needsUser(err error) bool {
	return errors.Is(err, ErrLoginRequired) || errors.Is(err, errUnreadable)
}

// cached returns the cached token for the scope, or one from a sign-in that this session
// knows. The error answers to needsUser if there is no sign-in, or if it has ended.
func (s *session) cached(ctx context.Context, n need) (keystone.Token, error) {
	signIn, why := s.signIn(ctx, n)
	if why == nil {
		e := s.store.scoped(ctx, signIn, s.conf.scope)
		if good, err := s.isGood(ctx, e, signIn.Expires, n); good || err != nil {
			s.origin = signIn.token()
			return e.token(), err
		}
	}
	for _, from := range []keystone.Token{signIn.token(), s.origin} {
		if from.ID == "" || s.dead[from.ID] {
			continue
		}
		token, err := s.rescope(ctx, from, n)
		if !errors.Is(err, errDead) {
			s.origin = from
			return token, err
		}
		s.markDead(ctx, from.ID)
	}
	return keystone.Token{}, cmp.Or(why, s.loginRequired("the sign-in was ended at Keystone"))
}

// meanwhile returns a token from a sign-in that another caller made while this one waited
// for its turn at the browser.
func (s *session) meanwhile(ctx context.Context, n need) (keystone.Token, error) {
	token, err := s.cached(ctx, n)
	if !needsUser(err) {
		return token, err
	}
	id := s.store.cache.madeSince(n.since)
	if id == "" || s.dead[id] || n.switchUser {
		return keystone.Token{}, err
	}
	// This session asks Keystone about it by itself: its connection may be one that
	// verifies certificates, and the other's not.
	signIn, confirmErr := s.confirm(ctx, id)
	switch {
	case confirmErr == nil:
		s.origin = signIn
		return s.rescope(ctx, signIn, n)
	case keystone.IsUnavailable(confirmErr):
		return keystone.Token{}, confirmErr // the user has signed in, and need not do it again
	}
	return keystone.Token{}, err
}

// signIn returns the cached sign-in, or why there is none that serves this session. The
// scoped tokens that came from it then do as well; that of a trust may name another user,
// for whom this one acts.
func (s *session) signIn(ctx context.Context, n need) (entry, error) {
	e, err := s.store.signIn(ctx)
	left := time.Until(e.Expires)
	switch {
	case err != nil:
		return entry{}, err
	case e.Token == "" || s.dead[e.Token] || left <= 0:
		return entry{}, s.loginRequired(nobody)
	case s.user != "" && e.token().User().ID != s.user:
		return entry{}, s.loginRequired("this program runs as another user than " + e.token().User().String() + ", who is signed in now")
	case e.Received.After(n.since) && !n.switchUser:
		return e, nil // no newer one can be had
	case n.newer:
		return entry{}, s.loginRequired("a new sign-in was requested")
	case e.lasts(n.validity):
		return e, nil
	case n.validity == margin:
		return entry{}, s.loginRequired(nobody)
	}
	return entry{}, &shortError{fmt.Sprintf("the sign-in to %s ends at %s, in %s, which is less than the %s asked for",
		terminal.Printable(s.conf.Endpoint), terminal.Clock(e.Expires), terminal.Duration(left.Round(time.Minute)), terminal.Duration(n.validity))}
}

const nobody = "nobody is signed in"

// shortError means that the cached sign-in does not last as long as it has to.
type shortError struct{ why string }

func (e *shortError) Error() string { return "websso: " + e.why + ": " + ErrLoginRequired.Error() }

func (e *shortError) Unwrap() error { return ErrLoginRequired }

// fits reports whether a cached token of a scope will do, or is as good as a new one would
// be, which ends with the sign-in.
func (s *session) fits(e entry, signInEnds time.Time, n need) bool {
	left := time.Until(e.Expires)
	long := left >= n.validity || left > 0 && !e.Expires.Add(margin).Before(signInEnds)
	return e.Token != "" && !s.dead[e.Token] && long
}

// isGood reports whether a cached token of a scope fits and, if that is to be checked, whether
// Keystone still knows it.
func (s *session) isGood(ctx context.Context, e entry, signInEnds time.Time, n need) (bool, error) {
	if fits := s.fits(e, signInEnds, n); !fits || !n.check {
		return fits, nil
	}
	_, err := s.keystone.Inspect(ctx, e.Token)
	if !keystone.IsDead(err) {
		return err == nil, err
	}
	s.markDead(ctx, e.Token)
	s.store.forgetScoped(ctx, s.conf.scope, e.Token)
	return false, nil
}

// markDead remembers that a token is dead, here and, if it is the sign-in's, in the cache.
func (s *session) markDead(ctx context.Context, token string) {
	s.dead[token] = true
	s.store.forget(ctx, token)
}

// lock waits until no other sign-in of this user runs on the port, and reports whether the
// user was told so. release may be called more than once.
func (s *session) lock(ctx context.Context) (release func(), waited bool, err error) {
	limit := s.conf.appear + s.conf.signIn
	ctx, cancel := context.WithTimeoutCause(ctx, limit, private.ErrLockTimeout)
	defer cancel()
	release, err = private.Lock{
		Dir:   userDir(),
		Name:  "signin-" + strconv.Itoa(s.conf.port),
		Limit: limit,
		Waiting: func(holder string) {
			waited = true
			s.tell(ctx, Event{Step: StepWait, Until: time.Now().Add(limit)}, "waiting up to %s for another sign-in on port %d to finish (%s)", terminal.Duration(limit), s.conf.port, holder)
		},
		Warn: func(err error) { s.store.warn(ctx, fileErrorf("websso: %w", err)) },
	}.Take(ctx)
	switch {
	case errors.Is(err, private.ErrLockTimeout):
		return nil, waited, mark(fileErrorf("websso: another sign-in did not finish: %w", err), ErrTimeout)
	case err != nil:
		return nil, waited, fileErrorf("websso: %w", err)
	}
	return sync.OnceFunc(release), waited, nil
}

// cacheSignIn caches a new sign-in and says whose it is. The error is the cache's.
func (s *session) cacheSignIn(ctx context.Context, signIn keystone.Token, n need) (err error) {
	last, _ := s.store.signIn(ctx)
	var replaced []entry
	if s.mayCache(ctx, signIn) {
		callback := ""
		if n.mayOpen { // it was not imported
			callback = s.conf.callbackURL()
		}
		replaced, err = s.store.setSignIn(ctx, signIn, n.validity, callback)
	}
	s.store.answered()
	s.store.cache.setLatest(signIn.ID)
	before := ""
	if was := last.token().User(); was.ID != "" && was.ID != signIn.User().ID {
		before = "; the last sign-in here was by " + was.String()
	}
	s.tell(ctx, signedIn(signIn), "signed in to %s as %s, until %s%s", terminal.Printable(s.conf.Endpoint), signIn.User(), terminal.Clock(signIn.Expires), before)
	// Once the new one is cached, nobody else can end those that it replaces.
	if n.newer && err == nil {
		if err := s.revoke(ctx, replaced, discardLimit, ""); err != nil {
			s.output.Say(ctx, "of the last sign-in, %s", strings.TrimPrefix(err.Error(), "websso: "))
		}
	}
	return err
}

// mayCache reports whether t may be cached: a token that came over an unverified
// connection must not serve runs that verify. If the client's transport is of an unknown
// type, only the answer shows which it is.
func (s *session) mayCache(ctx context.Context, t keystone.Token) bool {
	if t.Verified || s.conf.Unverified {
		return true
	}
	s.store.warn(ctx, errors.New("websso: the sign-in is not cached, because the client's transport does not verify certificates"))
	return false
}

// errDead means that Keystone no longer knows a token.
var errDead = errors.New("the token is no longer valid")

// rescope exchanges the token of a sign-in for one of the scope, once for all processes
// that want it now. The error is errDead if the sign-in has ended.
func (s *session) rescope(ctx context.Context, signIn keystone.Token, n need) (keystone.Token, error) {
	if s.conf.scope == (gophercloud.AuthScope{}) {
		return signIn, nil
	}
	defer s.store.lockScope(ctx, s.conf.scope)()
	if e := s.store.scoped(ctx, entry{Token: signIn.ID}, s.conf.scope); s.fits(e, signIn.Expires, n) {
		return e.token(), nil
	}
	token, err := s.keystone.Rescope(ctx, signIn.ID, s.conf.scope)
	switch {
	case keystone.IsNotFound(err) && s.conf.scope.TrustID == "":
		return keystone.Token{}, fmt.Errorf("%w (%w)", err, errDead)
	case keystone.IsNotFound(err), keystone.IsScopeRefused(err):
		return keystone.Token{}, s.scopeError(ctx, signIn.ID, err)
	case err != nil:
		return keystone.Token{}, err
	}
	if s.mayCache(ctx, token) {
		s.store.setScoped(ctx, signIn.ID, s.conf.scope, token)
	}
	return token, nil
}

// scopeError explains a scope that Keystone refused, by the projects that the user has.
// If Keystone does not even list those, the token itself is dead.
func (s *session) scopeError(ctx context.Context, token string, refusal error) error {
	scope := terminal.Printable(keystone.DescribeScope(s.conf.scope))
	projects, err := s.keystone.Projects(ctx, token)
	switch {
	case keystone.IsDead(err):
		return fmt.Errorf("%w (%w)", refusal, errDead)
	case err != nil:
		return fmt.Errorf("websso: you have no role on %s, and your projects could not be listed (%w): %w", scope, err, ErrScope)
	case len(projects) == 0:
		return fmt.Errorf("websso: you have no role on %s, nor on any other: ask the cloud's operator for one: %w", scope, ErrScope)
	}
	const most = 20
	var names []string
	for _, p := range projects[:min(most, len(projects))] {
		names = append(names, terminal.Printable(p.Name)+" ("+terminal.Printable(p.ID)+")")
	}
	if more := len(projects) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("websso: you have no role on %s; your projects are %s: %w", scope, strings.Join(names, ", "), ErrScope)
}
