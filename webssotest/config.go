package webssotest

import (
	"net/http"
	"time"
)

// A Config is how a [Keystone] behaves. A new Keystone has the zero value except for
// TokenLifetime and TrustedDashboards, and answers as Keystone 22 does.
// [Keystone.Configure] changes it.
type Config struct {
	// TokenLifetime is how long the tokens of a new sign-in are valid. Tokens that are
	// made from others expire with them. A new Keystone has an hour.
	TokenLifetime time.Duration

	// ClockSkew is how far the Keystone's clock is ahead of the real one: in the Date
	// header, in what it says about tokens, and for when they expire. Setting it to
	// TokenLifetime expires every token.
	ClockSkew time.Duration

	// TrustedDashboards are the origins that tokens may be sent to. They are compared
	// byte by byte. A new Keystone has the one of AuthOptions.
	TrustedDashboards []string

	// Delay returns how long to wait before a request is answered. The wait ends early
	// when the client goes away or the Keystone is closed. If nil, nothing waits. It
	// is called from several goroutines.
	Delay func(*http.Request) time.Duration

	// Intercept returns a handler that answers the request instead of the Keystone, or
	// nil to let the Keystone answer. It sees the requests to every server of the
	// Keystone, those of browsers too, and is called from several goroutines. The handler
	// must return when the request's context is done.
	Intercept func(*http.Request) http.Handler

	// Quirks are for this module's own tests.
	Quirks Quirks
}
