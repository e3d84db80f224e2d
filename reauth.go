package websso

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
)

// aliveFor is how long a token that Keystone called valid, or has just issued, is not
// taken for dead if a service refuses it: that service would refuse the next one too.
const aliveFor = 30 * time.Second

// install puts the token on the client, as gophercloud's own sign-in does.
func (s *session) install(client *gophercloud.ProviderClient, token keystone.Token, mayOpen bool) error {
	if err := client.SetTokenAndAuthResult(token.Result()); err != nil {
		return fmt.Errorf("websso: %w", err)
	}
	client.EndpointLocator = token.Locator(client)
	client.ReauthFunc = (&reauth{session: s, client: client, current: token, mayOpen: mayOpen}).run
	return nil
}

// reauth is what a client does about a 401.
type reauth struct {
	session *session
	client  *gophercloud.ProviderClient

	mu      sync.Mutex // gophercloud has one of its own only after UseTokenLock
	current keystone.Token
	alive   time.Time // when Keystone last said that current is valid
	mayOpen bool      // whether the browser may open; cleared after a failed attempt
}

// run replaces the client's token, if that is what the 401 was about. It does not touch
// the endpoint locator, which other goroutines read.
func (r *reauth) run(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	token, err := r.renew(ctx)
	if err != nil {
		return err
	}
	r.current = token
	if err := r.client.SetTokenAndAuthResult(token.Result()); err != nil {
		return fmt.Errorf("websso: %w", err)
	}
	return nil
}

func (r *reauth) renew(ctx context.Context) (keystone.Token, error) {
	s := r.session
	// Another process may have met the same 401 before us.
	if e, ok := s.store.scoped(ctx, s.conf.scope); ok && e.Token != r.current.ID {
		return e.token(), nil
	}
	if time.Since(r.alive) < aliveFor {
		return r.current, nil
	}
	unscoped := s.conf.scope == (gophercloud.AuthScope{})
	// A service may refuse a token for reasons of its own: one that was issued a moment
	// ago, or one without a scope. Keystone knows better.
	if unscoped || time.Since(r.current.Received) < aliveFor {
		_, err := s.keystone.Inspect(ctx, r.current.ID)
		if err == nil {
			r.alive = time.Now()
			return r.current, nil
		}
		if !keystone.IsDead(err) {
			return keystone.Token{}, err
		}
	}
	if unscoped {
		s.store.forget(ctx, r.current.ID)
	} else {
		s.store.forgetScoped(ctx, s.conf.scope, r.current.ID)
	}
	token, err := s.authenticate(ctx, false, false)
	if !r.mayOpen || !errors.Is(err, ErrLoginRequired) {
		return token, err
	}
	token, err = s.authenticate(ctx, false, true)
	// Hundreds of requests may fail at once, each of them ready to open a tab.
	r.mayOpen = err == nil
	return token, err
}
