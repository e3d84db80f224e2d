package websso

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso/internal/keystone"
)

// aliveFor is how long a token that Keystone called valid, or has just issued, is not
// taken for dead if a service refuses it: that service would refuse the next one too.
const aliveFor = 30 * time.Second

// install puts the token on the client, as gophercloud's own sign-in does.
func (s *session) install(client *gophercloud.ProviderClient, token keystone.Token, mayOpen bool) error {
	r := &reauth{session: s, client: client, current: token, mayOpen: mayOpen}
	client.EndpointLocator = token.Locator(client)
	client.ReauthFunc = r.run
	return r.install()
}

// userOf returns who the client is signed in as, if that can be told.
func userOf(client *gophercloud.ProviderClient) keystone.User {
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return keystone.User{}
	}
	user, err := result.ExtractUser()
	if err != nil || user == nil {
		return keystone.User{}
	}
	return keystone.User{ID: user.ID, Name: user.Name}
}

// reauth is what a client does about a 401.
type reauth struct {
	session *session
	client  *gophercloud.ProviderClient

	mu      sync.Mutex
	ongoing *renewal // the one that runs, or nil

	// Used by the ongoing renewal alone.
	current keystone.Token
	alive   time.Time // when Keystone last said that current is valid
	mayOpen bool      // whether the browser may open; cleared after a failed attempt
}

// renewal is one attempt to replace the token, for all requests that fail meanwhile.
type renewal struct {
	done chan struct{} // closed when err is set
	err  error
}

// run replaces the client's token, if that is what the 401 was about. If ctx ends, the
// renewal goes on to its own limits, since others may wait for it.
func (r *reauth) run(ctx context.Context) error {
	r.mu.Lock()
	attempt := r.ongoing
	if attempt == nil && r.current.ID != r.client.Token() {
		// A request that was canceled started the renewal, so nobody put its token on
		// the client.
		r.mu.Unlock()
		return r.install()
	}
	if attempt == nil {
		attempt = &renewal{done: make(chan struct{})}
		r.ongoing = attempt
		go r.replace(context.WithoutCancel(ctx), attempt)
	}
	r.mu.Unlock()
	select {
	case <-attempt.done:
		if attempt.err != nil {
			return attempt.err
		}
		return r.install()
	case <-ctx.Done():
		return fmt.Errorf("websso: %w", context.Cause(ctx))
	}
}

// install puts the token on the client. Only a ReauthFunc may: gophercloud's Reauthenticate
// reads the client's token without its lock, while no other ReauthFunc runs. The endpoint
// locator stays, which other goroutines read.
func (r *reauth) install() error {
	r.mu.Lock()
	token := r.current
	r.mu.Unlock()
	if err := r.client.SetTokenAndAuthResult(token.Result()); err != nil {
		return fmt.Errorf("websso: %w", err)
	}
	return nil
}

// replace renews the token.
func (r *reauth) replace(ctx context.Context, attempt *renewal) {
	attempt.err = errors.New("websso: the renewal of the token ended early")
	defer func() { // even if a Cache, or what a test calls, ends this goroutine
		r.session.output.Wait()
		r.mu.Lock()
		r.ongoing = nil
		r.mu.Unlock()
		close(attempt.done)
	}()
	token, err := r.renew(ctx)
	attempt.err = err
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if token.ID != r.current.ID {
		r.alive = time.Time{} // that was said of the old one
	}
	r.current = token
}

// renew returns a token to use instead of the current one, which a service has refused.
func (r *reauth) renew(ctx context.Context) (keystone.Token, error) {
	s := r.session
	if s.user == "" {
		s.user = s.origin.User().ID
	}
	n := need{since: time.Now(), validity: margin, mayOpen: r.mayOpen}
	// Another process may have met the same 401 before us.
	if signIn, err := s.signIn(ctx, n); err == nil {
		if e := s.store.scoped(ctx, signIn, s.conf.scope); s.fits(e, signIn.Expires, n) && e.Token != r.current.ID {
			return e.token(), nil
		}
	}
	// A service may refuse a token for reasons of its own: one that was issued a moment
	// ago, or one without a scope. Keystone knows better.
	if time.Since(r.alive) < aliveFor {
		return r.current, nil
	}
	unscoped := s.conf.scope == (gophercloud.AuthScope{})
	young := unscoped || time.Since(r.current.Received) < aliveFor
	if young && !s.dead[r.current.ID] {
		limited, cancel := s.conf.bound(ctx)
		_, err := s.keystone.Inspect(limited, r.current.ID)
		cancel()
		if err == nil {
			r.alive = time.Now()
			return r.current, nil
		}
		if !keystone.IsDead(err) {
			return keystone.Token{}, err
		}
	}
	s.markDead(ctx, r.current.ID)
	// A cached token of a scope stays until there is a new one: if Keystone is down, the service
	// may have been wrong about it.
	token, err := s.authenticate(ctx, n)
	var refused *refusal
	switch {
	case errors.Is(err, ErrLoginRequired):
		s.store.forgetScoped(ctx, s.conf.scope, r.current.ID)
	case errors.Is(err, errTabOpened) && (errors.Is(err, ErrTimeout) || errors.As(err, &refused)):
		// Hundreds of requests may fail one after another, each of them ready to open
		// a tab.
		r.mayOpen = false
	}
	return token, err
}
