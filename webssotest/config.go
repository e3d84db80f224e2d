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

	// OmitSubjectToken leaves the X-Subject-Token header out of answers to
	// GET /v3/auth/tokens, as some deployments do.
	OmitSubjectToken bool

	// Validate203 answers GET /v3/auth/tokens with 203 instead of 200.
	Validate203 bool

	// ValidationCache answers the first GET /v3/auth/tokens that asks a dead token
	// about itself with 404, and only later ones with 401. Keystone 27 and 30 do so:
	// they look into a cache before they look at revoked tokens. Keystone 22 always
	// answers 401.
	ValidationCache bool

	// UnknownProvider401 answers the WebSSO address of an unknown identity provider
	// with 401, as for an unknown protocol, instead of 404. Both are in use.
	UnknownProvider401 bool

	// GuardAll makes the web server in front of Keystone ask for a sign-in at every
	// WebSSO address: it redirects to the identity provider even if Keystone knows no
	// such identity provider or protocol, and Keystone's error appears only after the
	// sign-in. Without it, such an address gets Keystone's error at once.
	GuardAll bool

	// Negotiate makes the web server in front of Keystone sign users in with HTTP
	// authentication (Kerberos) instead of the identity provider's page: every WebSSO
	// address is answered with 401 and the challenge Negotiate. A [Browser] meets it
	// with its User and Password.
	Negotiate bool

	// CatalogSize makes the catalog at least that many bytes of JSON, by adding
	// services.
	CatalogSize int

	// NoRescope refuses to make a token from a scoped token, with 403: Keystone's
	// allow_rescope_scoped_token = false.
	NoRescope bool

	// ComputeRefuses makes the compute service answer 401 to every token.
	ComputeRefuses bool

	// WantClientCert makes new connections to Keystone fail without the client
	// certificate of [Keystone.TLSConfig]. It needs [NewTLSKeystone].
	WantClientCert bool

	// Delay returns how long to wait before a request is answered. The wait ends early
	// when the client goes away or the Keystone is closed. If nil, nothing waits. It
	// is called from several goroutines.
	Delay func(*http.Request) time.Duration

	// Intercept returns a handler that answers the request instead of the Keystone, or
	// nil to let the Keystone answer: see [ForeignHTML] and [ForeignJSON]. It sees the
	// requests to every server of the Keystone, those of browsers too, and is called
	// from several goroutines. The handler must return when the request's context is
	// done.
	Intercept func(*http.Request) http.Handler
}
