package websso

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// traveler is a sign-in on its way to another computer: one line of JSON. It names the
// Keystone that may see the token. Who signed in, and how, Keystone says itself.
type traveler struct {
	Version  int    `json:"websso"`
	Endpoint string `json:"auth_url"`
	Token    string `json:"token"`
}

const travelerVersion = 1

// byteOrderMark begins what some shells pipe (RFC 3629, section 6).
const byteOrderMark = "\ufeff"

// Export returns the sign-in to the cloud that opts names, as text for [Import] on
// another computer. If nobody is signed in, or if the sign-in was ended at Keystone, the
// user signs in first as with [Authenticate]. The client is not signed in.
//
// The text contains the unscoped token, with which anyone can act as the user until it
// expires. Pass it to Import through a pipe that only the user can read, such as SSH, and
// don't store it. Both computers then share one sign-in: [Logout] on either of them ends
// it for both, but for the tokens of a scope that the other one has cached.
func Export(ctx context.Context, client *gophercloud.ProviderClient, opts AuthOptions) (string, error) {
	opts.Scope = nil
	s, err := newSession(client, opts)
	if err != nil {
		return "", err
	}
	token, err := s.authenticate(ctx, opts.ForceLogin, !opts.NonInteractive)
	if err != nil {
		return "", err
	}
	if _, err := s.inspect(ctx, token.ID); keystone.IsDead(err) {
		s.bury(ctx, token)
		token, err = s.authenticate(ctx, false, !opts.NonInteractive)
		if err != nil {
			return "", err
		}
	} else if err != nil {
		return "", err
	}
	text, err := json.Marshal(traveler{Version: travelerVersion, Endpoint: s.conf.endpoint, Token: token.ID})
	if err != nil {
		return "", fmt.Errorf("websso: %w", err)
	}
	s.output.Say(ctx, "passing on the sign-in of %s to %s, valid until %s", token.User(), terminal.Printable(s.conf.endpoint), terminal.Clock(token.Expires))
	return string(text), nil
}

// Import caches a sign-in that [Export] returned on another computer. From then on,
// [Authenticate] uses it for the cloud that opts names, and a program that waits for the
// user to sign in to that cloud goes on. The client is not signed in.
//
// The text must be for the endpoint of opts: the token is sent nowhere else. Keystone is
// asked whose token it is, and its identity provider and protocol must be those of opts.
// Output says who is signed in. If Keystone no longer knows the token, the error is
// [ErrLoginRequired].
func Import(ctx context.Context, client *gophercloud.ProviderClient, opts AuthOptions, text string) error {
	opts.Scope = nil
	s, err := newSession(client, opts)
	if err != nil {
		return err
	}
	id, err := s.arrived(text)
	if err != nil {
		return err
	}
	token, err := s.inspect(ctx, id)
	switch {
	case keystone.IsDead(err):
		return fmt.Errorf("websso: Keystone no longer knows this sign-in: export it again (%w): %w", err, ErrLoginRequired)
	case err != nil:
		return err
	case token.Scoped():
		return errors.New("websso: this token has a scope, so it is not a sign-in: use what websso export or Export returns")
	case time.Until(token.Expires) <= margin:
		return fmt.Errorf("websso: this sign-in ends at %s: sign in again and export that: %w", terminal.Clock(token.Expires), ErrLoginRequired)
	case !s.mayCache(ctx, token):
		return errors.New("websso: the sign-in was not imported")
	}
	return s.welcome(ctx, token)
}

// arrived returns the token in a text that came from another computer, if this session's
// Keystone may see it.
func (s *session) arrived(text string) (string, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	var t traveler
	switch err := json.Unmarshal([]byte(text), &t); {
	case text == "":
		return "", errors.New("websso: no sign-in came: the other computer says why")
	case err != nil || t.Version == 0:
		return "", errors.New("websso: this is not a sign-in that websso export or Export made")
	case t.Version != travelerVersion:
		return "", fmt.Errorf("websso: this sign-in comes from another version of websso (format %d, not %d): use the same one on both computers", t.Version, travelerVersion)
	case !keystone.IsToken(t.Token):
		return "", errors.New("websso: this sign-in was damaged on its way: export it again")
	}
	endpoint, err := parseEndpoint(t.Endpoint)
	if err != nil {
		return "", errors.New("websso: this sign-in names no Keystone: export it again")
	}
	if endpoint != s.conf.endpoint {
		return "", mistake("this sign-in is for %s, but here {auth_url} is %s: its token is sent to its own Keystone only, so use the same address on both computers",
			terminal.Printable(endpoint), terminal.Printable(s.conf.endpoint))
	}
	return t.Token, nil
}
