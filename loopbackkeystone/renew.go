package loopbackkeystone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// spare is how much longer a token that is handed over should live, unless it is more
// than a tenth of its life.
const spare = 10 * time.Minute

// errOtherUser means that another user signed in when the sign-in needed renewal.
var errOtherUser = errors.New("another user signed in")

// renewer has the token that is handed over, and replaces it.
type renewer struct {
	client   *gophercloud.ProviderClient
	keystone *keystone.Client
	opts     websso.AuthOptions
	output   *terminal.Output

	mu   sync.Mutex
	next *renewal // the one that has not begun, or nil

	turn sync.Mutex // of the renewal that runs; guards the fields below

	user   string        // the ID of the user whose tokens are handed over
	last   string        // the last token of the user's
	least  time.Duration // how long it should still live
	told   string        // the token that is handed over although it could not be renewed
	failed error         // of the last renewal; Close tells of it

	// After a tab in which nobody, or another user, signed in, the next one opens only
	// when the user has signed in elsewhere: a tool may ask again every second.
	noTab bool
}

// renewal is an answer to all who asked before it began. A tool that asks again may have
// seen its token die, so no answer is older than the request.
type renewal struct {
	done  chan struct{} // closed when there is one
	token keystone.Token
	err   error
}

// newRenewer returns one for a client that has just been signed in.
func newRenewer(client *gophercloud.ProviderClient, endpoint string, opts websso.AuthOptions) *renewer {
	result, _ := client.GetAuthResult().(tokens.CreateResult)
	body, _ := result.Body.(json.RawMessage)
	t := keystone.Token{ID: client.Token(), Body: body}
	return &renewer{
		client: client, keystone: keystone.NewClient(client, endpoint), opts: opts,
		output: terminal.NewOutput(opts.Output, terminal.Printable(opts.ProgramName)),
		user:   t.User().ID, last: t.ID, least: min(spare, t.Life()/10),
	}
}

// token returns a valid token. The renewal goes on if the request is canceled, for which others
// may wait; it ends with the server.
func (r *renewer) token(server, request context.Context) (keystone.Token, error) {
	r.mu.Lock()
	n := r.next
	if n == nil {
		n = &renewal{done: make(chan struct{}), err: errors.New("websso: the renewal of the token ended early")}
		r.next = n
		go r.run(server, n)
	}
	r.mu.Unlock()
	select {
	case <-n.done:
		return n.token, n.err
	case <-request.Done():
		return keystone.Token{}, fmt.Errorf("websso: %w", context.Cause(request))
	}
}

// run makes a renewal once the last one is over.
func (r *renewer) run(ctx context.Context, n *renewal) {
	defer close(n.done) // even if a Cache ends this goroutine
	r.turn.Lock()
	defer r.turn.Unlock()
	r.mu.Lock()
	r.next = nil
	r.mu.Unlock()
	if n.token, n.err = r.renewed(ctx); ctx.Err() == nil { // or Close ended it
		r.failed = n.err
	}
}

// renewed returns a valid token of the user's: the last one, unless it is dead or soon over,
// or a new one. If that fails, the last one is used while it lives: the command may be done
// before it ends.
func (r *renewer) renewed(ctx context.Context) (keystone.Token, error) {
	last, err := r.keystone.Inspect(ctx, r.last)
	alive := err == nil
	if err != nil && !keystone.IsDead(err) {
		return keystone.Token{}, err
	}
	if alive && time.Until(last.Expires) >= r.least {
		return last, nil
	}
	t, err := r.signIn(ctx)
	if err != nil && alive && time.Until(last.Expires) > 0 {
		if r.told != last.ID {
			r.told = last.ID
			r.output.Say(ctx, "could not renew the command's token, which is valid until %s: %s", terminal.Clock(last.Expires), strings.TrimPrefix(err.Error(), "websso: "))
		}
		return last, nil
	}
	if err != nil {
		return keystone.Token{}, err
	}
	if t.ID != r.last {
		r.output.Say(ctx, "renewed the command's token; it is valid until %s", terminal.Clock(t.Expires))
	}
	// A sign-in that is always soon over is not made anew each time.
	r.last, r.least = t.ID, min(spare, t.Life()/10, time.Until(t.Expires)/2)
	return t, nil
}

// signIn returns a token of the user's from the cache, or from a sign-in with the browser.
func (r *renewer) signIn(ctx context.Context) (keystone.Token, error) {
	opts := r.opts
	opts.Check, opts.MinValidity, opts.NonInteractive = true, r.least, true
	t, err := r.authenticate(ctx, opts)
	if err == nil || r.opts.NonInteractive || r.noTab {
		r.noTab = r.noTab && err != nil
		return t, err
	}
	opts.NonInteractive, opts.ForceLogin = false, errors.Is(err, errOtherUser)
	t, err = r.authenticate(ctx, opts)
	r.noTab = errors.Is(err, websso.ErrTimeout) || errors.Is(err, errOtherUser)
	return t, err
}

// authenticate returns the token that the client has after a sign-in.
func (r *renewer) authenticate(ctx context.Context, opts websso.AuthOptions) (keystone.Token, error) {
	if err := websso.Authenticate(ctx, r.client, opts); err != nil {
		names, _ := ctx.Value(cloudconf.NamesKey{}).(cloudconf.Names)
		return keystone.Token{}, cloudconf.Named(err, names)
	}
	t, err := r.keystone.Inspect(ctx, r.client.Token())
	if err == nil && t.User().ID != r.user {
		return keystone.Token{}, fmt.Errorf("websso: %s signed in, but the command runs as another user: sign in as that user: %w", t.User(), errOtherUser)
	}
	return t, err
}
