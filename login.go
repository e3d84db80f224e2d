package websso

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// lastWord is how long the outcome page may take to leave.
const lastWord = 2 * time.Second

// login asks the person: it opens the browser and returns the unscoped token that
// comes back through the tab it opened.
func (s *session) login(ctx context.Context) (grant, error) {
	listeners, err := s.listen(ctx)
	if err != nil {
		return grant{}, err
	}
	cb, err := newCallback(s.settings, s.output)
	if err != nil {
		closeAll(listeners)
		return grant{}, err
	}
	defer cb.serve(listeners)()
	defer close(cb.gone)

	s.output.say("to sign in to %s, open this address in a browser on this computer, if it does not open by itself:\n  %s", s.endpoint, cb.startURL())
	opened := make(chan error, 1)
	go func() { opened <- s.open(cb.startURL()) }()
	return s.await(ctx, cb, opened)
}

// await waits for the browser, and then for the person.
func (s *session) await(ctx context.Context, cb *callback, opened <-chan error) (grant, error) {
	limit := s.appear
	if limit == 0 {
		limit = s.signIn
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	came := cb.came
	seen := false
	for {
		select {
		case <-ctx.Done():
			return grant{}, fmt.Errorf("websso: %w", context.Cause(ctx))
		case <-timer.C:
			return grant{}, s.timeoutError(cb.startURL(), seen, limit)
		case err := <-opened:
			opened = nil
			if err == nil || seen {
				break
			}
			s.output.say("no browser could be opened: %s", printable(err.Error()))
			if to := sshDestination(); to != "" && !hasDisplay() {
				s.output.say("you came here by SSH, so run this on the computer with the browser, open the address there, and end it after the sign-in:\n  %s", s.sshCommand(to))
			}
			limit = s.restart(timer, limit)
		case <-came:
			came, seen = nil, true
			limit = s.restart(timer, limit)
			s.output.say("the browser is there; waiting up to %s for you to sign in", limit)
		case a := <-cb.arrivals:
			g, err := s.accept(ctx, a.token)
			if !a.proven && err == nil {
				s.output.say("a tab that does not prove to be the one opened here wants to sign you in as %s. If that is you, type this code there:\n  %s", g.holder(), a.code)
			}
			said := s.outcome(g, err, a.proven)
			if ctx.Err() != nil {
				said = timedOut // whatever Keystone would have said
			}
			a.answer <- said
			if a.proven {
				cb.waitShown(ctx)
				return g, err
			}
		}
	}
}

// restart gives the person the time to sign in, once it is clear that they are asked:
// unless the caller set one limit for everything.
func (s *session) restart(timer *time.Timer, limit time.Duration) time.Duration {
	if s.appear == 0 {
		return limit
	}
	timer.Reset(s.signIn)
	return s.signIn
}

// accept asks Keystone whose token it is, and takes only one of the identity provider
// and protocol asked for.
func (s *session) accept(ctx context.Context, token string) (grant, error) {
	g, err := s.keystone.inspect(ctx, token)
	if err != nil {
		return grant{}, err
	}
	h := g.holder()
	if h.protocol != s.protocol || s.idp != "" && h.idp != s.idp {
		return grant{}, &providerError{wanted: describeProvider(s.idp, s.protocol), got: describeProvider(h.idp, h.protocol)}
	}
	return g, nil
}

// providerError is a token of another identity provider or protocol.
type providerError struct{ wanted, got string }

func (e *providerError) Error() string {
	return "websso: the browser came back with a sign-in of " + e.got + ", not of " + e.wanted + ": check IdentityProvider and Protocol, or sign in again"
}

func describeProvider(idp, protocol string) string {
	switch {
	case idp == "" && protocol == "":
		return "no identity provider"
	case idp == "":
		return "protocol " + printable(protocol)
	}
	return "identity provider " + printable(idp) + " (protocol " + printable(protocol) + ")"
}

// outcome is what the page says of err.
func (s *session) outcome(g grant, err error, final bool) outcome {
	again := " Start again from your program."
	if !final {
		again = " Your program is still waiting; finish in the tab that it opened."
	}
	var other *providerError
	switch {
	case err == nil:
		return outcome{OK: true, Title: "You are signed in", Text: "You are signed in to " + s.endpoint + " as " + g.holder().String() + ". You can close this tab and go back to your program."}
	case errors.As(err, &other):
		return outcome{Title: "Another identity provider", Text: "This sign-in is one of " + other.got + ", and your program asked for " + other.wanted + "." + again}
	case isDead(err):
		return outcome{Title: "Keystone refused the sign-in", Text: "Keystone does not know the token that came with it, or not any more." + again}
	default:
		return outcome{Title: "Keystone could not be asked", Text: "The sign-in may be good, but asking Keystone about it failed: " + strings.TrimPrefix(err.Error(), "websso: ") + "." + again}
	}
}

func (s *session) timeoutError(startURL string, seen bool, limit time.Duration) error {
	if !seen {
		return fmt.Errorf("websso: no browser opened %s within %s; sign in again and open the address yourself: %w", startURL, limit, ErrTimeout)
	}
	return fmt.Errorf("websso: the browser opened %s, but no sign-in came back within %s; if Keystone showed an error there, have the operator put this line into [federation] of keystone.conf, exactly so:\n  trusted_dashboard = %s\n%w",
		startURL, limit, s.callbackURL(), ErrTimeout)
}

// open shows the person the start page.
func (s *session) open(url string) error {
	if s.openURL != nil {
		return s.openURL(url)
	}
	return openBrowser(url)
}

// serve answers on the listeners until the returned function is called, which ends
// every connection: a browser keeps silent ones open that would never end.
func (cb *callback) serve(listeners []net.Listener) (stop func()) {
	gs := &guests{}
	server := &http.Server{
		Handler:           cb,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      requestTimeout + lastWord,
		// Other programs on localhost leave cookies that browsers send here as well
		// (RFC 6265, 8.5: cookies are not kept apart by port).
		MaxHeaderBytes: 64 << 10,
		ConnContext:    withGuest,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	server.SetKeepAlivesEnabled(false)
	for _, l := range listeners {
		go func() { _ = server.Serve(guestList{Listener: l, guests: gs}) }()
	}
	return func() { server.Close() }
}

// waitShown gives the outcome time to leave before the listener is closed.
func (cb *callback) waitShown(ctx context.Context) {
	timer := time.NewTimer(lastWord)
	defer timer.Stop()
	select {
	case <-cb.shown:
	case <-timer.C:
	case <-ctx.Done():
	}
}
