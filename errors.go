package websso

import "errors"

// Errors to check for with [errors.Is]. The errors that functions return wrap them, and
// say what happened and what to do about it.
var (
	// ErrLoginRequired means that only the user at a browser can go on, and that this
	// call may not open one: nobody is signed in, or the sign-in has ended, and
	// [AuthOptions].NonInteractive is set, or a token died while the program ran
	// without [AuthOptions].AllowReauth. Call [Authenticate] without NonInteractive to
	// sign in again.
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
	// loopback addresses. No browser was opened: what comes back to that port could
	// reach the other program.
	ErrPortInUse = errors.New("port in use")

	// ErrScope means that Keystone does not give the user a token for the scope. The
	// sign-in itself is valid and stays cached.
	ErrScope = errors.New("scope refused")
)

// lateError is the cause of a context whose caller set a limit that is over.
type lateError struct{}
