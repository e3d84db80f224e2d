package loopbackkeystone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/lifetime"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// spare is how much longer a token that is handed over should live, unless it is more
// than a tenth of its life.
const spare = 10 * time.Minute

// errOtherUser means that another user signed in when the sign-in needed renewal.
var errOtherUser = errors.New("another user signed in")

// renewer has the token that is handed over, and replaces it.
type renewer struct {
	client *gophercloud.ProviderClient
	opts   websso.AuthOptions
	output *terminal.Output
	user   string // the ID of the user whose tokens are handed over
	asked  chan chan<- answered

	// Used by serve alone.
	last handed // the last token of the user's

	// After a tab in which nobody, or another user, signed in, the next one opens only
	// when the user has signed in elsewhere: a tool may ask again every second.
	inVain bool

	// fresh is until when the last sign-in made here is not soon over, whatever this
	// computer's clock makes of the times that Keystone names.
	fresh time.Time

	told string // the token that is handed over although it could not be renewed
}

// answered is what becomes of a request for a token.
type answered struct {
	token handed
	err   error
}

// handed is a token as it is handed over.
type handed struct {
	id   string
	body []byte
	user tokens.User

	issued, expires time.Time
}

func (t handed) life() time.Duration { return t.expires.Sub(t.issued) }

func (t handed) spare() time.Duration { return min(spare, t.life()/10) }

func newRenewer(client *gophercloud.ProviderClient, opts websso.AuthOptions) (*renewer, error) {
	if opts.Output == nil {
		opts.Output = os.Stderr
	}
	r := &renewer{
		client: client, opts: opts, asked: make(chan chan<- answered),
		output: terminal.NewOutput(opts.Output, terminal.Printable(opts.ProgramName)),
	}
	t, err := r.current()
	if err != nil {
		return nil, err
	}
	r.user, r.last = t.user.ID, t
	return r, nil
}

// current reads the token that the client has.
func (r *renewer) current() (handed, error) {
	result, ok := r.client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return handed{}, errors.New("websso: the client is not signed in")
	}
	body, err := json.Marshal(result.Body)
	if err != nil {
		return handed{}, fmt.Errorf("websso: %w", err)
	}
	var said struct {
		Token struct {
			IssuedAt  time.Time   `json:"issued_at"`
			ExpiresAt time.Time   `json:"expires_at"`
			User      tokens.User `json:"user"`
		} `json:"token"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return handed{}, fmt.Errorf("websso: can't read the token's description: %w", err)
	}
	return handed{id: r.client.Token(), body: body, user: said.Token.User, issued: said.Token.IssuedAt, expires: said.Token.ExpiresAt}, nil
}

// token returns a valid token, when serve has one.
func (r *renewer) token(ctx context.Context) (handed, error) {
	answer := make(chan answered, 1)
	select {
	case r.asked <- answer:
	case <-ctx.Done():
		return handed{}, fmt.Errorf("websso: %w", context.Cause(ctx))
	}
	select {
	case got := <-answer:
		return got.token, got.err
	case <-ctx.Done():
		return handed{}, fmt.Errorf("websso: %w", context.Cause(ctx))
	}
}

// serve answers requests for a token until ctx is done. All that have come meanwhile get
// one answer, and a request that is canceled takes it from no other. A tool that asks again
// may have seen its token die, so no answer is older than the request.
func (r *renewer) serve(ctx context.Context) {
	ctx = lifetime.With(ctx, ctx) // nothing of a renewal outlives the server
	for {
		var all []chan<- answered
		select {
		case one := <-r.asked:
			all = append(all, one)
		case <-ctx.Done():
			return
		}
		for more := true; more; {
			select {
			case one := <-r.asked:
				all = append(all, one)
			default:
				more = false
			}
		}
		t, err := r.renewed(ctx)
		for _, one := range all {
			one <- answered{t, err}
		}
	}
}

// renewed returns a valid token of the user's.
func (r *renewer) renewed(ctx context.Context) (handed, error) {
	t, err := handed{}, r.renew(ctx)
	if err == nil {
		t, err = r.current()
	}
	if err != nil {
		return r.leftOver(ctx, r.last, err)
	}
	if t.id != r.last.id {
		r.output.Say(ctx, "renewed the command's token; it is valid until %s", terminal.Clock(t.expires))
	}
	r.last = t
	return t, nil
}

// leftOver returns a token that could not be renewed, if it is still valid: the command may
// be done before it ends.
func (r *renewer) leftOver(ctx context.Context, t handed, why error) (handed, error) {
	if alive, err := r.alive(ctx, t.id); err != nil || !alive {
		return handed{}, why
	}
	if r.told != t.id {
		r.told = t.id
		r.output.Say(ctx, "could not renew the command's token, which is valid until %s: %s", terminal.Clock(t.expires), strings.TrimPrefix(why.Error(), "websso: "))
	}
	return t, nil
}

// renew replaces the client's token if it is dead, another user's, or soon over.
func (r *renewer) renew(ctx context.Context) error {
	t, err := r.current()
	if err != nil {
		return err
	}
	if t.user.ID != r.user || r.soonOver(t) {
		if err := r.signIn(ctx); err != nil {
			return err
		}
	}
	// What replaces a dead token may come from the cache, and be dead too.
	for range 3 {
		t, err := r.current()
		if err != nil {
			return err
		}
		if t.user.ID != r.user {
			return fmt.Errorf("websso: %s signed in, but the command runs as another user: sign in as that user: %w", terminal.Printable(t.user.Name), errOtherUser)
		}
		alive, err := r.alive(ctx, t.id)
		if err != nil || alive {
			return err
		}
		if err := r.client.Reauthenticate(ctx, t.id); err != nil {
			return err
		}
	}
	return errors.New("websso: Keystone gives out tokens that it calls invalid at once: tell the cloud's operator")
}

// signIn uses the sign-in that another program has made meanwhile, or makes one.
func (r *renewer) signIn(ctx context.Context) error {
	err := r.authenticate(ctx)
	t, currentErr := r.current()
	switch {
	case errors.Is(err, websso.ErrTimeout), err == nil && currentErr == nil && t.user.ID != r.user:
		r.inVain = true
	case err == nil:
		r.inVain = false
	}
	return err
}

func (r *renewer) authenticate(ctx context.Context) error {
	opts := r.opts
	opts.NonInteractive = opts.NonInteractive || r.inVain
	if err := websso.Authenticate(ctx, r.client, opts); err != nil {
		return err
	}
	if t, err := r.current(); err != nil || t.user.ID == r.user && !r.soonOver(t) {
		return err
	}
	force := opts
	force.ForceLogin = true
	if err := websso.Authenticate(ctx, r.client, force); err != nil {
		return err
	}
	t, err := r.current()
	r.fresh = time.Now().Add(t.life() - t.spare())
	return err
}

// soonOver reports whether the token lives too shortly to be handed over.
func (r *renewer) soonOver(t handed) bool {
	return time.Now().After(r.fresh) && time.Until(t.expires) < t.spare()
}

// alive asks Keystone whether the token is valid.
func (r *renewer) alive(ctx context.Context, id string) (bool, error) {
	_, err := keystone.NewClient(r.client, endpointOf(r.client)).Inspect(ctx, id)
	if keystone.IsDead(err) {
		return false, nil
	}
	return err == nil, err
}

// endpointOf returns the identity endpoint of a client, which ends in /v3.
func endpointOf(client *gophercloud.ProviderClient) string {
	endpoint := client.IdentityBase
	if endpoint == "" {
		endpoint = client.IdentityEndpoint
	}
	return strings.TrimSuffix(strings.TrimRight(endpoint, "/"), "/v3") + "/v3"
}
