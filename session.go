package websso

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// session is what one Authenticate works with, and then the ReauthFunc that it
// installs. It is not safe for concurrent use.
type session struct {
	conf     settings
	keystone *keystone.Client
	store    *store
	output   *terminal.Output
	openURL  func(string) error
	progress func(Event)

	unattended bool // others start the program again

	// What a session learns: it never takes a token again that it found dead, and
	// once a program runs as a user it never becomes another.
	user   string          // the ID of the user whom the program runs as, or ""
	origin keystone.Token  // the sign-in that the program's token came from
	dead   map[string]bool // tokens that Keystone no longer knows
}

func newSession(client *gophercloud.ProviderClient, opts AuthOptions) (*session, error) {
	if client == nil {
		return nil, errors.New("websso: the client is nil: make one with openstack.NewClient, or use AuthenticatedClient")
	}
	own := cmp.Or(client.IdentityEndpoint, client.IdentityBase)
	opts.IdentityEndpoint = cmp.Or(opts.IdentityEndpoint, own)
	conf, err := opts.settings()
	if err != nil {
		return nil, err
	}
	switch endpoint, err := keystone.ParseEndpoint(cmp.Or(own, conf.Endpoint)); {
	case err != nil:
		return nil, err
	case endpoint != conf.Endpoint:
		return nil, mistake(nil, words{"the client was made for ", terminal.Printable(endpoint), " but ", cloudconf.AuthURL, " is ", terminal.Printable(conf.Endpoint)}, words{"leave it empty to use the client's"})
	}
	if client.IdentityEndpoint == "" {
		client.IdentityBase = strings.TrimSuffix(conf.Endpoint, "v3")
		client.IdentityEndpoint = conf.Endpoint + "/"
	}
	asks, out := keystone.NewClient(client, conf.Endpoint), terminal.NewOutput(opts.Output, conf.program)
	conf.Unverified = asks.SkipsVerification()
	s := &session{
		conf: conf, keystone: asks, store: newStore(opts.cache(), conf.listing, out), output: out,
		openURL: opts.OpenURL, progress: opts.Progress, unattended: opts.Unattended, dead: make(map[string]bool),
	}
	if s.openURL == nil {
		s.openURL = browser.Here().Open
	}
	return s, nil
}

// tell says something to the user, and reports it as an event.
func (s *session) tell(ctx context.Context, e Event, format string, args ...any) {
	s.output.Say(ctx, format, args...)
	if s.progress != nil {
		s.output.Do(ctx, func() { s.progress(e) })
	}
}

// signedIn is the event of a sign-in that has succeeded.
func signedIn(t keystone.Token) Event {
	return Event{Step: StepSignedIn, User: t.User().String(), Until: t.Expires}
}

func (s *session) loginRequired(why string) error {
	return fmt.Errorf("websso: %s; sign in to %s first: %w", why, terminal.Printable(s.conf.Endpoint), ErrLoginRequired)
}

// discardLimit is how long a sign-in waits for tokens to be revoked that nobody uses.
const discardLimit = 5 * time.Second

// revoke ends the tokens at Keystone, which leaves the scoped tokens of a revoked one valid,
// and the other way round. done is what a message about those that live begins with.
func (s *session) revoke(ctx context.Context, tokens []entry, limit time.Duration, done string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	failed := make([]error, len(tokens))
	turns := make(chan struct{}, 8)
	var wg sync.WaitGroup
	var last time.Time
	for i, token := range tokens {
		if token.Expires.After(last) {
			last = token.Expires
		}
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			failed[i] = s.keystone.Revoke(ctx, token.Token)
		})
	}
	wg.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) == 0 {
		return nil
	}
	until := "they expire"
	if !last.IsZero() {
		until = terminal.Clock(last)
	}
	problem := fmt.Sprintf("%s%d of %d tokens could not be revoked at Keystone and stay valid until %s", done, len(failed), len(tokens), until)
	var setting *cloudconf.SettingError
	if errors.As(failed[0], &setting) {
		return mistake(setting.Err, append(words{problem, "; "}, setting.Problem...), setting.Advice)
	}
	return fmt.Errorf("websso: %s: %w", problem, failed[0]) // the others are like it
}
