package webssotest

import (
	"net/http"
	"slices"
	"time"
)

// Config is how a [Keystone] differs from the plain one. [Keystone.Configure] changes
// it while the Keystone runs.
type Config struct {
	// TokenLifetime is how long a sign-in made from now on is good for. What comes
	// from a sign-in ends with it. It begins as an hour.
	TokenLifetime time.Duration

	// ClockSkew is how far ahead of the caller's clock the Keystone's is: in what it
	// says (the Date header, when tokens were issued and end) and in what it does.
	// Setting it to TokenLifetime lets every token expire.
	ClockSkew time.Duration

	// TrustedDashboards are the origins that tokens may go to, compared letter by
	// letter. It begins as the one of AuthOptions.
	TrustedDashboards []string

	// OmitSubjectToken leaves the header X-Subject-Token out of the answer to
	// GET /v3/auth/tokens, as some deployments do.
	OmitSubjectToken bool

	// Validate203 answers GET /v3/auth/tokens with 203 instead of 200.
	Validate203 bool

	// CatalogSize adds services that nobody asks for to the catalog until it is at
	// least so many bytes of JSON.
	CatalogSize int

	// NoRescope is Keystone's allow_rescope_scoped_token = false: a scoped token can't
	// be exchanged for another, which is answered with 403.
	NoRescope bool

	// ComputeRefuses makes the compute service answer 401 to every token.
	ComputeRefuses bool

	// WantClientCert refuses connections to Keystone without the client certificate of
	// [Keystone.TLSConfig], from the next connection on.
	WantClientCert bool

	// Intercept is asked before anything else, on every server of the Keystone. The
	// handler that it returns answers the request; nil lets the Keystone answer.
	Intercept func(*http.Request) http.Handler
}

// Configure changes how the Keystone behaves from the next request on.
func (k *Keystone) Configure(change func(*Config)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.config.TrustedDashboards = slices.Clone(k.config.TrustedDashboards)
	change(&k.config)
}

func (k *Keystone) configured() Config {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.config
}

func (k *Keystone) wantsClientCert() bool { return k.configured().WantClientCert }

// now is what the Keystone's clock says. The caller holds k.mu.
func (k *Keystone) now() time.Time { return time.Now().Add(k.config.ClockSkew) }
