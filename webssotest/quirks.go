package webssotest

import (
	"net/http"
	"slices"
)

// Quirks are deployments and troubles that this module has to cope with, for its own
// tests. The promise of compatibility does not cover this type: its fields and methods
// may change with any version. Its methods change the Keystone at once, and are called
// on the Quirks that [Keystone.Configure] gives.
type Quirks struct {
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

	// Mellon makes the web server in front of Keystone redirect as mod_auth_mellon does,
	// which signs users in through SAML: to an address of its own first. Without it, it
	// redirects as mod_auth_openidc does.
	Mellon bool

	// NoRescope refuses to make a token from a scoped token, with 403: Keystone's
	// allow_rescope_scoped_token = false.
	NoRescope bool

	// ComputeRefuses makes the compute service answer 401 to every token.
	ComputeRefuses bool

	// WantClientCert makes new connections to Keystone fail without the client
	// certificate of [Keystone.TLSConfig]. It needs [NewTLSKeystone].
	WantClientCert bool

	// HTML5Form is whether a token comes in the form of Keystone's template of 2026,
	// HTML5, or else in that of the years before, XHTML.
	HTML5Form bool

	cloud *cloud
}

// EnableUser undoes [Keystone.DisableUser]. Tokens from before stay dead.
func (q *Quirks) EnableUser(name string) {
	if u := q.cloud.users[name]; u != nil {
		u.disabled = false
	}
}

// RemoveRole removes every user's role on the projects of that name. Tokens for them
// are dead.
func (q *Quirks) RemoveRole(project string) {
	for _, u := range q.cloud.users {
		u.Projects = slices.DeleteFunc(u.Projects, func(p Project) bool { return p.Name == project })
	}
}

// AddTrust lets a user act on the oldest project of that name, which must exist, without
// a role on it, and returns the ID of the trust.
func (q *Quirks) AddTrust(user, project string) string {
	p := q.cloud.project(func(p *Project) bool { return p.Name == project })
	t := trust{id: idOf("trust", user, p.ID), user: user, project: *p}
	q.cloud.trusts[t.id] = t
	return t.id
}

// RotateKeys makes Keystone forget the keys of its tokens, so that it recognizes none
// of those that it issued.
func (q *Quirks) RotateKeys() { clear(q.cloud.tokens) }

// ForeignHTML returns a handler for [Config].Intercept that answers every request with
// a web page: as an ingress, a proxy or a maintenance page does in front of Keystone,
// or another site in its place. A 401 comes with a challenge for HTTP basic
// authentication.
func (Quirks) ForeignHTML(status int) http.Handler {
	return foreign(status, func(w http.ResponseWriter, _ *http.Request) { writeHTML(w, status) })
}

// ForeignJSON is ForeignHTML with JSON that is not Keystone's. Its "error" is a
// string, where Keystone's is an object.
func (Quirks) ForeignJSON(status int) http.Handler {
	return foreign(status, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, status, object{"status": status, "error": http.StatusText(status), "path": r.URL.Path})
	})
}
