package websso

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
)

// session is what one Authenticate works with, and what the ReauthFunc that it
// installs goes on with.
type session struct {
	settings
	keystone *keystone
	store    *store
	output   *output
	openURL  func(string) error

	unverified bool // the client does not check certificates, and says so
}

func newSession(client *gophercloud.ProviderClient, opts AuthOptions) (*session, error) {
	opts, err := opts.matchEndpoint(client)
	if err != nil {
		return nil, err
	}
	set, err := opts.settings()
	if err != nil {
		return nil, err
	}
	if client.IdentityEndpoint == "" {
		client.IdentityBase = strings.TrimSuffix(set.endpoint, "v3")
		client.IdentityEndpoint = set.endpoint + "/"
	}
	out := newOutput(opts.Output)
	unverified := skipsVerification(client)
	return &session{
		settings:   set,
		keystone:   newKeystone(client, set.endpoint),
		store:      newStore(opts.cache(), set, unverified, out.warner(opts.cache())),
		output:     out,
		openURL:    opts.OpenURL,
		unverified: unverified,
	}, nil
}

// authenticate returns a token of the scope, by the cheapest way there is.
func (s *session) authenticate(ctx context.Context, forceLogin, nonInteractive bool) (grant, error) {
	required := s.loginRequired("a new sign-in was asked for, and no browser may be opened")
	for {
		if !forceLogin {
			g, err := s.kept(ctx)
			if !errors.Is(err, ErrLoginRequired) {
				return g, err
			}
			required = err
		}
		if nonInteractive {
			return grant{}, required
		}
		parent, err := s.signInOnce(ctx, forceLogin)
		if err != nil {
			return grant{}, err
		}
		// Somebody else signed in while we waited our turn: what they kept serves us.
		if parent.token == "" {
			continue
		}
		return s.rescopeOnce(ctx, parent)
	}
}

// kept returns a kept token, or one of the scope for a kept sign-in. The error is
// ErrLoginRequired where there is no sign-in, or it turns out to be dead.
func (s *session) kept(ctx context.Context) (grant, error) {
	if e, ok := s.store.scoped(s.scope); ok {
		return e.grant(), nil
	}
	parent, ok := s.store.signIn()
	if !ok || !parent.usable() {
		return grant{}, s.loginRequired("nobody is signed in")
	}
	g, err := s.rescopeOnce(ctx, parent.grant())
	if errors.Is(err, errDead) {
		s.store.forget(ctx, parent.Token)
		return grant{}, s.loginRequired("the sign-in was ended at the server")
	}
	return g, err
}

func (s *session) loginRequired(why string) error {
	return fmt.Errorf("websso: %s; sign in to %s first: %w", why, s.endpoint, ErrLoginRequired)
}

// rescopeOnce asks for the scope on behalf of every process that wants it now.
func (s *session) rescopeOnce(ctx context.Context, parent grant) (grant, error) {
	if s.scope == (gophercloud.AuthScope{}) {
		return parent, nil
	}
	defer s.store.lock(ctx, s.store.scopedKey(s.scope))()
	if e, ok := s.store.scoped(s.scope); ok && e.SignIn == fingerprint(parent.token) {
		return e.grant(), nil
	}
	return s.rescope(ctx, parent)
}

// errDead is a token that Keystone does not take any more.
var errDead = errors.New("the token is dead")

// rescope exchanges the token of a sign-in for one of the scope, and keeps it. A dead
// sign-in is errDead.
func (s *session) rescope(ctx context.Context, parent grant) (grant, error) {
	g, err := s.keystone.rescope(ctx, parent.token, s.scope)
	// A trust that does not exist is a 404 as well.
	notFound := gophercloud.ResponseCodeIs(err, http.StatusNotFound)
	switch {
	case notFound && s.scope.TrustID == "":
		return grant{}, fmt.Errorf("%w (%w)", err, errDead)
	case notFound, gophercloud.ResponseCodeIs(err, http.StatusUnauthorized):
		return grant{}, s.scopeError(ctx, parent.token, err)
	case err != nil:
		return grant{}, err
	}
	if s.mayKeep(g) {
		s.store.keepScoped(ctx, parent.token, s.scope, g)
	}
	return g, nil
}

// scopeError explains a scope that Keystone refused by the projects that the person
// has. Where it does not even list those, the token itself is dead.
func (s *session) scopeError(ctx context.Context, token string, refusal error) error {
	projects, err := s.keystone.projects(ctx, token)
	if isDead(err) {
		return fmt.Errorf("%w (%w)", refusal, errDead)
	}
	if err != nil {
		return fmt.Errorf("websso: %s is not yours, and your projects could not be listed (%w): %w", printable(describeScope(s.scope)), err, ErrScope)
	}
	if len(projects) == 0 {
		return fmt.Errorf("websso: %s is not yours, and no project is: ask the cloud's operator for a role: %w", printable(describeScope(s.scope)), ErrScope)
	}
	const most = 20
	var names []string
	for i, p := range projects {
		if i == most {
			names = append(names, "and "+strconv.Itoa(len(projects)-most)+" more")
			break
		}
		names = append(names, printable(p.Name)+" ("+printable(p.ID)+")")
	}
	return fmt.Errorf("websso: %s is not yours; your projects are %s: %w", printable(describeScope(s.scope)), strings.Join(names, ", "), ErrScope)
}

// mayKeep keeps what came over an unverified connection from serving runs that
// verify. Behind a transport that we can't look into, only the answer shows it.
func (s *session) mayKeep(g grant) bool {
	if g.verified || s.unverified {
		return true
	}
	s.store.warn(errors.New("websso: the sign-in is not kept: the client's transport does not verify certificates"))
	return false
}

// signInOnce opens a browser, once for all who wait. It returns an empty grant where
// the wait brought a sign-in of somebody else's.
func (s *session) signInOnce(ctx context.Context, force bool) (grant, error) {
	release, err := lock(ctx, "signin-"+strconv.Itoa(s.port), s.wait(), func(holder string) {
		s.output.say("waiting up to %s for another sign-in on port %d to finish (%s)", s.wait(), s.port, holder)
	}, s.store.warn)
	if err != nil {
		return grant{}, err
	}
	defer release()
	last, had := s.store.signIn()
	if had && last.usable() && !force {
		return grant{}, nil
	}
	g, err := s.login(ctx)
	if err != nil {
		return grant{}, err
	}
	if s.mayKeep(g) {
		s.store.keepSignIn(ctx, g)
	}
	before := ""
	if was := last.grant().holder(); had && was.userID != g.holder().userID {
		before = "; the last time it was " + was.String()
	}
	s.output.say("signed in to %s as %s, until %s%s", s.endpoint, g.holder(), g.expires.Local().Format("15:04"), before)
	return g, nil
}

// install puts the token on the client, as gophercloud's own sign-in does.
func (s *session) install(client *gophercloud.ProviderClient, g grant, mayAsk bool) error {
	if err := client.SetTokenAndAuthResult(g.result()); err != nil {
		return fmt.Errorf("websso: %w", err)
	}
	client.EndpointLocator = g.locator(client)
	client.ReauthFunc = (&reauth{session: s, client: client, current: g, mayAsk: mayAsk}).run
	return nil
}
