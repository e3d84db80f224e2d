package websso

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/tab"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// callback opens the browser and returns the unscoped token that comes back through the
// tab it opened. begin is what came back for the address to which the tab goes. If it got
// so far, an error is marked with errTabOpened.
func (s *session) callback(ctx context.Context, n need, begin keystone.Answer) (_ keystone.Token, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var change *tab.Switch
	if n.switchUser {
		change = s.change(ctx, begin) // reads a Cache, which may end this goroutine
	}
	listeners, err := loopback.Listen(ctx, s.conf.host, s.conf.port)
	switch {
	case errors.Is(err, loopback.ErrInUse):
		return keystone.Token{}, mistake(fmt.Errorf("%w (%w)", ErrPortInUse, err),
			words{"another program has ", err, ", so no browser was opened"},
			words{"end it, or set ", cloudconf.RedirectPort, " to another port that Keystone trusts"})
	case errors.Is(err, fs.ErrPermission):
		return keystone.Token{}, mistake(err, words{"you may not listen on ", s.conf.port},
			words{"use one above 1023 that Keystone trusts, with ", cloudconf.RedirectPort})
	case err != nil:
		return keystone.Token{}, fmt.Errorf("websso: can't listen for the browser: %w", err)
	}

	defer func() { err = mark(err, errTabOpened) }()
	limit := newLimit(s.conf, func() { cancel(errNoAnswer) })
	defer limit.stop()

	t, err := tab.New(tab.Config{
		Host: s.conf.host, Port: s.conf.port, User: os.Getuid(),
		Cloud: cmp.Or(s.conf.cloud, s.keystone.Host()), Facts: s.facts(),
		Next:      s.conf.start().URL(s.conf.Endpoint),
		Forward:   browser.Here().Forward(s.conf.host, s.conf.port),
		TripLimit: tab.TripLimit(begin.Took),
		Switch:    change,
		IsToken:   keystone.IsToken,
		Appeared: func() {
			until := limit.extend()
			limit.appeared.Store(true)
			s.tell(ctx, Event{Step: StepBrowser, Until: until}, "the browser is there; you have %s to sign in", terminal.Duration(s.conf.signIn))
		},
		Tell: func(text string) { s.output.Say(ctx, "%s", text) },
		ShowCode: func(user, code string) {
			s.tell(ctx, Event{Step: StepCode, User: user, Code: code},
				"another browser tab is signing in as %s. If that is you, enter this code on its page:\n  %s", user, code)
		},
		UserOf: func(id string) (string, *tab.Outcome) {
			token, err := s.inspect(ctx, id)
			if err != nil {
				o := s.outcome(token, err, "Your program is still waiting. Finish in the tab that it opened.")
				return "", &o
			}
			return token.User().String(), nil
		},
	})
	if err != nil {
		return keystone.Token{}, fmt.Errorf("websso: %w", err)
	}
	defer loopback.Serve(listeners, t, keystone.RequestTimeout+5*time.Second)()
	defer t.Close()

	var watching sync.WaitGroup
	watching.Go(func() {
		if s.watch(ctx, n, limit) {
			cancel(errOtherProgram)
		}
	})
	defer func() { cancel(nil); watching.Wait() }()

	s.tell(ctx, Event{Step: StepOpen, URL: t.StartURL(), Until: limit.until}, "to sign in to %s, open this address in your browser, if it does not open by itself:\n  %s", terminal.Printable(s.conf.Endpoint), t.StartURL())
	if s.unattended {
		s.store.setUnanswered() // before the wait, in which the program may be killed
	}
	go s.open(ctx, t.StartURL(), limit)

	post, err := t.Wait(ctx)
	if err != nil {
		return keystone.Token{}, s.waitError(err, t.StartURL(), limit, begin)
	}
	token, err := s.confirm(ctx, post.Token)
	t.Answer(s.outcome(token, err, "Start again from your program."))
	var spent []entry
	for _, id := range post.Spent {
		spent = append(spent, entry{Token: id})
	}
	_ = s.revoke(ctx, spent, discardLimit, "") // if that fails, they expire by themselves, unseen by anybody else
	if errors.Is(err, errNoAnswer) {
		err = fmt.Errorf("websso: Keystone did not say in time whose token came back: %w", ErrTimeout)
	}
	return token, err
}

// change returns what the page needs that lets another user sign in.
func (s *session) change(ctx context.Context, begin keystone.Answer) *tab.Switch {
	last, _ := s.store.signIn(ctx) // if it can't be read, the page asks
	was := last.token().User().ID
	// For the identity provider (OpenID Connect Core 1.0, 3.1.2.1), if the operator passes them on.
	asking := url.Values{"prompt": {"login"}}
	if s.conf.Username != "" {
		asking.Set("login_hint", s.conf.Username)
	}
	return &tab.Switch{
		Next:    s.conf.start().URL(s.conf.Endpoint) + "&" + asking.Encode(),
		SignOut: s.keystone.SignOut(begin),
		Another: func(id string) (string, bool) {
			token, err := s.inspect(ctx, id)
			if err != nil {
				return "", true // the second trip shows what is wrong
			}
			return token.User().String(), was != "" && token.User().ID != was
		},
	}
}

// limit ends the wait for the user: until the browser appears, and then until they have
// signed in.
type limit struct {
	appeared atomic.Bool

	mu     sync.Mutex
	timer  *time.Timer
	length time.Duration
	until  time.Time
	next   time.Duration // once the browser is there; 0: no more than that
}

func newLimit(conf settings, end func()) *limit {
	l := &limit{length: conf.appear, next: conf.signIn}
	if conf.appear == 0 { // one limit covers both
		l.length, l.next = conf.signIn, 0
	}
	l.timer, l.until = time.AfterFunc(l.length, end), time.Now().Add(l.length)
	return l
}

// extend gives the user the time to sign in, once it is clear that they were asked, and
// returns until when that is.
func (l *limit) extend() (until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next > 0 {
		l.timer.Reset(l.next)
		l.length, l.until, l.next = l.next, time.Now().Add(l.next), 0
	}
	return l.until
}

// stop ends the limit. A slow browser that fails later does not start it again.
func (l *limit) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
	l.next = 0
}

// waited is how long the wait was when it ended.
func (l *limit) waited() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return terminal.Duration(l.length)
}

// open shows the start page to the user. If that fails, it says how else to get there.
func (s *session) open(ctx context.Context, url string, limit *limit) {
	err := s.openURL(url)
	if err == nil || limit.appeared.Load() {
		return
	}
	limit.extend() // the user has to open it
	what, instead, _ := strings.Cut(err.Error(), "\n")
	s.output.Say(ctx, "could not open a browser: %s", terminal.Printable(what))
	for line := range strings.Lines(instead) {
		s.output.Say(ctx, "%s", terminal.Escape(strings.TrimSuffix(line, "\n")))
	}
	if hint := browser.Here().ForwardHint(s.conf.host, s.conf.port); hint != "" {
		s.output.Say(ctx, "%s", hint)
	}
}

// signOutBrowser opens the address that ends the browser's session with the cloud.
func (s *session) signOutBrowser(ctx context.Context) {
	seen := s.keystone.Look(ctx, s.conf.start(), false)
	address := s.keystone.SignOut(seen.Begin)
	if seen.Mistake() != nil || address == "" {
		s.output.Say(ctx, "this cloud doesn't show how to sign the browser out; close a private window, or delete the cookies of %s and of the identity provider", s.keystone.Host())
		return
	}
	s.output.Say(ctx, "to sign your browser out, open this address in it, if it does not open by itself:\n  %s", terminal.Printable(address))
	opened := make(chan error, 1)
	go func() { opened <- s.openURL(address) }() // which may stay until the browser ends
	select {
	case err := <-opened:
		if err != nil {
			s.output.Say(ctx, "could not open a browser: %s", terminal.Printable(err.Error()))
		}
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
	}
}

// errOtherProgram is the cause of a context that ended because another program has signed in.
var errOtherProgram = errors.New("another program signed in")

// watch reports whether another program has cached a sign-in that serves this one, such as
// one from a computer that has a browser. Once the browser is here, the user is at it.
func (s *session) watch(ctx context.Context, n need, limit *limit) bool {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for !limit.appeared.Load() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		if _, err := s.signIn(ctx, n); err == nil {
			return true
		}
	}
	return false
}

// waitError explains a wait that ended without a token.
func (s *session) waitError(cause error, startURL string, limit *limit, begin keystone.Answer) error {
	odd := begin.Odd()
	if odd != "" {
		odd = "; before it opened, the program itself got " + odd + " there"
	}
	switch {
	case !errors.Is(cause, errNoAnswer):
		return fmt.Errorf("websso: %w", cause)
	case !limit.appeared.Load():
		return mistake(ErrTimeout,
			words{"no browser opened ", startURL, " within ", limit.waited(), odd, "; sign in again and open the address yourself"},
			words{`if it opens but shows an error
  - it may refuse http on localhost (a warning in Safari, or an HSTS rule that
    another program left): set `, cloudconf.RedirectHost, ` to 127.0.0.1, if the cloud trusts it
  - Windows or an editor may have port `, s.conf.port, ` in front of WSL or a container: end what
    has it there, or set `, cloudconf.RedirectPort, ` to another port that the cloud trusts`})
	}
	return mistake(ErrTimeout,
		words{"the browser opened ", startURL, ", but no sign-in came back within ", limit.waited(), odd},
		words{`if you closed its tab, sign in again
If it shows an error of Keystone's, the operator must add this line to the
[federation] section of keystone.conf, exactly as it is:
  trusted_dashboard = `, s.conf.callbackURL(), `
If it is one of the identity provider's, check `, cloudconf.IdentityProvider, ` and `, cloudconf.Protocol, `.`})
}

// inspect asks Keystone whose token it is, and accepts only one of the identity provider
// and protocol asked for.
func (s *session) inspect(ctx context.Context, id string) (keystone.Token, error) {
	token, err := s.keystone.Inspect(ctx, id)
	if err != nil {
		return keystone.Token{}, err
	}
	switch u := token.User(); {
	case u.Protocol != s.conf.Protocol || s.conf.IdentityProvider != "" && u.IdentityProvider != s.conf.IdentityProvider:
		return keystone.Token{}, &refusal{
			"Another identity provider",
			"signed in through " + describeProvider(u.IdentityProvider, u.Protocol) + ", not through " + describeProvider(s.conf.IdentityProvider, s.conf.Protocol),
			"check the identity provider and the protocol, or sign in again",
		}
	case s.user != "" && u.ID != s.user:
		return keystone.Token{}, &refusal{
			"Another user",
			"signed in as " + u.String() + ", but the program runs as " + s.origin.User().String(),
			"sign in as that user, or restart the program",
		}
	}
	return token, nil
}

// confirm inspects the token that the user brought. If Keystone has a bad moment, it is
// asked again: the user has done their part.
func (s *session) confirm(ctx context.Context, id string) (keystone.Token, error) {
	const tries, pause = 3, time.Second
	for try := 1; ; try++ {
		token, err := s.inspect(ctx, id)
		if !keystone.IsUnavailable(err) || try == tries {
			return token, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return keystone.Token{}, fmt.Errorf("websso: %w", context.Cause(ctx))
		}
	}
}

// refusal means that what the user signed in as can't be used.
type refusal struct{ title, problem, advice string }

func (e *refusal) Error() string { return "websso: you " + e.problem + ": " + e.advice }

func describeProvider(idp, protocol string) string {
	switch {
	case idp == "" && protocol == "":
		return "no identity provider"
	case idp == "":
		return "protocol " + terminal.Printable(protocol)
	}
	return "identity provider " + terminal.Printable(idp) + " (protocol " + terminal.Printable(protocol) + ")"
}

// facts are what a page says of a sign-in, whoever the user is.
func (s *session) facts() []tab.Fact {
	facts := []tab.Fact{{Name: "Account", Value: terminal.Printable(s.conf.Username)}}
	switch sc := s.conf.scope; {
	case sc.ProjectName != "" || sc.ProjectID != "":
		facts = append(facts, tab.Fact{Name: "Project", Value: terminal.Printable(cmp.Or(sc.ProjectName, sc.ProjectID))})
	case sc != gophercloud.AuthScope{}:
		facts = append(facts, tab.Fact{Name: "Scope", Value: terminal.Printable(keystone.DescribeScope(sc))})
	}
	facts = append(facts, tab.Fact{Name: "Cloud", Value: s.conf.cloud}, tab.Fact{Name: "Keystone", Value: s.keystone.Host()})
	return slices.DeleteFunc(facts, func(f tab.Fact) bool { return f.Value == "" })
}

// outcome returns what the page says about a token that came back, or about err, and
// what to do next.
func (s *session) outcome(token keystone.Token, err error, next string) tab.Outcome {
	var refused *refusal
	switch {
	case err == nil:
		u := token.User()
		facts := append([]tab.Fact{{Name: "User", Value: u.String()}}, s.facts()...)
		facts = append(facts, tab.Fact{Name: "Until", Value: terminal.Clock(token.Expires)})
		return tab.Outcome{OK: true, Title: "You are signed in", Facts: facts, Text: "You can close this tab and return to " + cmp.Or(s.conf.program, "your program") + "."}
	case errors.As(err, &refused):
		return tab.Outcome{Title: refused.title, Text: "You " + refused.problem + ". " + next}
	case keystone.IsDead(err):
		return tab.Outcome{Title: "Keystone refused the sign-in", Text: "Keystone does not know the token that came with it, or no longer. " + next}
	case errors.Is(err, errNoAnswer), errors.Is(err, context.Canceled):
		return tab.Outcome{Title: "The program is no longer waiting", Text: "It stopped waiting before Keystone answered. Start again from there."}
	default:
		return tab.Outcome{Title: "Couldn’t reach Keystone", Text: "The sign-in may be valid, but asking Keystone about it failed: " + strings.TrimPrefix(err.Error(), "websso: ") + ". " + next}
	}
}
