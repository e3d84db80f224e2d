package websso

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// aliveFor is how long a token that Keystone called alive, or has just made, is not
// taken for dead when a service refuses it: that service refuses the next one too.
const aliveFor = 30 * time.Second

// reauth is what a client does about a 401.
type reauth struct {
	session *session
	client  *gophercloud.ProviderClient

	mu      sync.Mutex // gophercloud has one of its own only after UseTokenLock
	current grant
	alive   time.Time // when Keystone last said that current is
	mayAsk  bool      // a person; no more once that was in vain
}

// run replaces the client's token, if that is what the 401 was about. It leaves the
// endpoint locator alone, which other goroutines read.
func (r *reauth) run(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, err := r.renew(ctx)
	if err != nil {
		return err
	}
	r.current = g
	if err := r.client.SetTokenAndAuthResult(g.result()); err != nil {
		return fmt.Errorf("websso: %w", err)
	}
	return nil
}

func (r *reauth) renew(ctx context.Context) (grant, error) {
	s := r.session
	// Another process may have met the same 401 before us.
	if e, ok := s.store.scoped(s.scope); ok && e.Token != r.current.token {
		return e.grant(), nil
	}
	if time.Since(r.alive) < aliveFor {
		return r.current, nil
	}
	unscoped := s.scope == (gophercloud.AuthScope{})
	// A service may refuse a token for reasons of its own: one that was made a moment
	// ago, or one without a scope. Keystone knows better.
	if unscoped || time.Since(r.current.received) < aliveFor {
		_, err := s.keystone.inspect(ctx, r.current.token)
		if err == nil {
			r.alive = time.Now()
			return r.current, nil
		}
		if !isDead(err) {
			return grant{}, err
		}
	}
	if unscoped {
		s.store.forget(ctx, r.current.token)
	} else {
		s.store.forgetScoped(ctx, s.scope, r.current.token)
	}
	const forceLogin, nonInteractive = false, true
	g, err := s.authenticate(ctx, forceLogin, nonInteractive)
	if !r.mayAsk || !errors.Is(err, ErrLoginRequired) {
		return g, err
	}
	g, err = s.authenticate(ctx, forceLogin, !nonInteractive)
	// Hundreds of requests may be failing at once, each of them ready to open a tab.
	r.mayAsk = err == nil
	return g, err
}
