package websso

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// session is what one Authenticate works with, and then the ReauthFunc that it
// installs.
type session struct {
	conf     settings
	keystone *keystone.Client
	store    *store
	output   *terminal.Output
	openURL  func(string) error

	unverified bool // the client does not check certificates, and shows it
}

func newSession(client *gophercloud.ProviderClient, opts AuthOptions) (*session, error) {
	opts, err := opts.withEndpoint(client)
	if err != nil {
		return nil, err
	}
	conf, err := opts.settings()
	if err != nil {
		return nil, err
	}
	if client.IdentityEndpoint == "" {
		client.IdentityBase = strings.TrimSuffix(conf.endpoint, "v3")
		client.IdentityEndpoint = conf.endpoint + "/"
	}
	out := terminal.NewOutput(opts.Output)
	unverified := skipsVerification(client)
	return &session{
		conf:       conf,
		keystone:   keystone.NewClient(client, conf.endpoint),
		store:      newStore(opts.cache(), conf, unverified, out),
		output:     out,
		openURL:    opts.OpenURL,
		unverified: unverified,
	}, nil
}

// authenticate returns a token for the scope: from the cache, else by rescoping the
// cached sign-in, else through the browser.
func (s *session) authenticate(ctx context.Context, force, mayOpen bool) (keystone.Token, error) {
	required := s.loginRequired("a new sign-in was requested")
	if !force {
		token, err := s.cached(ctx)
		if !errors.Is(err, ErrLoginRequired) {
			return token, err
		}
		required = err
	}
	if !mayOpen {
		return keystone.Token{}, required
	}

	release, err := s.lock(ctx)
	if err != nil {
		return keystone.Token{}, err
	}
	defer release()
	if !force {
		// Another caller may have signed in while we waited for the lock.
		token, err := s.cached(ctx)
		if !errors.Is(err, ErrLoginRequired) {
			return token, err
		}
	}
	signIn, err := s.callback(ctx)
	if err != nil {
		return keystone.Token{}, err
	}
	s.welcome(ctx, signIn)
	release()
	return s.rescope(ctx, signIn)
}

// cached returns the cached token for the scope, or one from the cached sign-in. The
// error is ErrLoginRequired if there is no sign-in, or if it has ended.
func (s *session) cached(ctx context.Context) (keystone.Token, error) {
	if e, ok := s.store.scoped(ctx, s.conf.scope); ok {
		return e.token(), nil
	}
	signIn, ok := s.store.signIn(ctx)
	if !ok || !signIn.usable() {
		return keystone.Token{}, s.loginRequired("nobody is signed in")
	}
	token, err := s.rescope(ctx, signIn.token())
	if errors.Is(err, errDead) {
		s.store.forget(ctx, signIn.Token)
		return keystone.Token{}, s.loginRequired("the sign-in was ended at Keystone")
	}
	return token, err
}

func (s *session) loginRequired(why string) error {
	return fmt.Errorf("websso: %s; sign in to %s first: %w", why, terminal.Printable(s.conf.endpoint), ErrLoginRequired)
}

// lock waits until no other sign-in of this user runs on the port. The result may be
// called more than once.
func (s *session) lock(ctx context.Context) (release func(), err error) {
	limit := s.conf.patience()
	release, err = private.Lock{
		Dir:   userDir(),
		Name:  "signin-" + strconv.Itoa(s.conf.port),
		Limit: limit,
		Waiting: func(holder string) {
			s.output.Say(ctx, "waiting up to %s for another sign-in on port %d to finish (%s)", terminal.Duration(limit), s.conf.port, holder)
		},
		Warn: func(err error) { s.store.warn(ctx, err) },
	}.Take(ctx)
	switch {
	case errors.Is(err, private.ErrLockTimeout):
		return nil, fmt.Errorf("websso: another sign-in did not finish: %w (%w)", err, ErrTimeout)
	case err != nil:
		return nil, fmt.Errorf("websso: %w", err)
	}
	return sync.OnceFunc(release), nil
}

// welcome caches a new sign-in and says whose it is.
func (s *session) welcome(ctx context.Context, signIn keystone.Token) {
	last, had := s.store.signIn(ctx)
	if s.mayCache(ctx, signIn) {
		s.store.setSignIn(ctx, signIn)
	}
	before := ""
	if was := last.token().User(); had && was.ID != signIn.User().ID {
		before = "; the last sign-in here was by " + was.String()
	}
	s.output.Say(ctx, "signed in to %s as %s, until %s%s", terminal.Printable(s.conf.endpoint), signIn.User(), terminal.Clock(signIn.Expires), before)
}

// mayCache keeps what came over an unverified connection from serving runs that verify.
// If we can't look into the client's transport, only the answer shows it.
func (s *session) mayCache(ctx context.Context, t keystone.Token) bool {
	if t.Verified || s.unverified {
		return true
	}
	s.store.warn(ctx, errors.New("websso: the sign-in is not cached, because the client's transport does not verify certificates"))
	return false
}

// errDead means that Keystone no longer knows a token.
var errDead = errors.New("the token is no longer valid")

// rescope exchanges the token of a sign-in for one of the scope, once for all processes
// that want it now. The error is errDead if the sign-in has ended.
func (s *session) rescope(ctx context.Context, signIn keystone.Token) (keystone.Token, error) {
	if s.conf.scope == (gophercloud.AuthScope{}) {
		return signIn, nil
	}
	defer s.store.lockScope(ctx, s.conf.scope)()
	if e, ok := s.store.scoped(ctx, s.conf.scope); ok && e.SignIn == fingerprint(signIn.ID) {
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
	for i, p := range projects {
		if i == most {
			names = append(names, "and "+strconv.Itoa(len(projects)-most)+" more")
			break
		}
		names = append(names, terminal.Printable(p.Name)+" ("+terminal.Printable(p.ID)+")")
	}
	return fmt.Errorf("websso: you have no role on %s; your projects are %s: %w", scope, strings.Join(names, ", "), ErrScope)
}
