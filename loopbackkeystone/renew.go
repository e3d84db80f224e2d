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
	user   string        // the ID of the user whose tokens are handed over
	turn   chan struct{} // holds one element during a renewal

	checked time.Time // when Keystone was last asked and said that the token is valid

	// After a tab in which nobody, or another user, signed in, the next one opens only
	// when the user has signed in elsewhere: a tool may ask again every second.
	inVain bool

	// fresh is until when the last sign-in made here is not soon over, whatever this
	// computer's clock makes of the times that Keystone names.
	fresh time.Time
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
		client: client, opts: opts, turn: make(chan struct{}, 1),
		output: terminal.NewOutput(opts.Output, terminal.Printable(opts.ProgramName)),
	}
	t, err := r.current()
	if err != nil {
		return nil, err
	}
	r.user = t.user.ID
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

// token returns a valid token. If several requests ask at once, one of them renews it and
// the others wait, each under its own ctx. A tool that asks again may have seen its token
// die, so what Keystone said before it asked does not count.
func (r *renewer) token(ctx context.Context) (handed, error) {
	asked := time.Now()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return handed{}, fmt.Errorf("websso: %w", context.Cause(ctx))
	}
	t, err := r.current()
	if err != nil {
		return handed{}, err
	}
	if err := r.renew(ctx, t, asked); err != nil {
		return handed{}, err
	}
	now, err := r.current()
	if err != nil {
		return handed{}, err
	}
	if now.user.ID != r.user {
		return handed{}, fmt.Errorf("websso: %s signed in, but the command runs as another user: sign in as that user: %w", terminal.Printable(now.user.Name), errOtherUser)
	}
	if now.id != t.id {
		r.output.Say(ctx, "renewed the command's token; it is valid until %s", terminal.Clock(now.expires))
	}
	return now, nil
}

// renew replaces the client's token if it is dead, another user's, or soon over.
func (r *renewer) renew(ctx context.Context, t handed, asked time.Time) error {
	if t.user.ID != r.user || r.soonOver(t) {
		return r.signIn(ctx)
	}
	if r.checked.After(asked) {
		return nil
	}
	// What replaces a dead token may come from the cache, and be dead too.
	for range 3 {
		now, id := time.Now(), r.client.Token()
		alive, err := r.alive(ctx, id)
		if err != nil {
			return err
		}
		if alive {
			r.checked = now
			return nil
		}
		if err := r.client.Reauthenticate(ctx, id); err != nil {
			return err
		}
	}
	return nil
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
	r.checked = time.Now()
	t, err := r.current()
	r.fresh = r.checked.Add(t.life() - t.spare())
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
