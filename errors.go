package websso

import (
	"errors"
	"fmt"
)

// Errors to check for with [errors.Is]. The errors that functions return wrap them, and
// say what happened and what to do about it.
var (
	// ErrLoginRequired means that only the user at a browser can go on: nobody is signed
	// in, or the sign-in has ended. It comes with [AuthOptions].NonInteractive, and if a
	// token dies while the program runs without [AuthOptions].AllowReauth. Call
	// [Authenticate] without NonInteractive to sign in again.
	//
	// A request that meets it through gophercloud fails with
	// [gophercloud.ErrUnableToReauthenticate], which does not unwrap. Look at its
	// ErrReauth field:
	//
	//	var failed *gophercloud.ErrUnableToReauthenticate
	//	if errors.As(err, &failed) && errors.Is(failed.ErrReauth, websso.ErrLoginRequired) {
	//		// sign in again
	//	}
	ErrLoginRequired = errors.New("sign-in required")

	// ErrTimeout means that the user did not sign in within the time allowed, that
	// Keystone did not answer within it, or that another program's sign-in on the same
	// port did not finish within it.
	ErrTimeout = errors.New("timed out")

	// ErrPortInUse means that another program has the redirect port on one of the
	// loopback addresses. No browser was opened: the other program could get the token.
	ErrPortInUse = errors.New("port in use")

	// ErrScope means that Keystone does not give the user a token for the scope. The
	// sign-in itself is valid and stays cached.
	ErrScope = errors.New("scope refused")
)

// Marks of errors, for [errors.Is]: they say what to do about one, and nothing to the user.
var (
	errUnreadable = errors.New("the cache could not be read, so nothing is known of what it has")
	errTabOpened  = errors.New("a tab was opened for the sign-in")
	errNoAnswer   = errors.New("nobody signed in in time")
)

// errLate is the cause of a context whose caller set a limit that is over.
var errLate = mark(fmt.Errorf("no answer from Keystone in time: %w", ErrTimeout), errNoAnswer)

// mark returns err with a mark, which does not show in its text.
func mark(err, as error) error {
	if err == nil {
		return nil
	}
	return &marked{err, as}
}

type marked struct{ err, as error }

func (m *marked) Error() string { return m.err.Error() }

func (m *marked) Unwrap() []error { return []error{m.err, m.as} }
