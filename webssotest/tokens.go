package webssotest

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"
)

// A token that the Keystone issued.
type token struct {
	id              string
	audit           []string
	user            string // name
	idp, protocol   string // that the user came through; empty for a local user
	methods         []string
	scope           scope
	issued, expires time.Time
	revoked         bool
	unused          bool // given to a browser, and no program has asked about it
	cached          bool // by a worker that has not noticed that it is dead: Config.ValidationCache
}

// A scope is what a token is valid for. The zero value is unscoped.
type scope struct {
	project string // ID
	domain  string // name
	trust   string // ID; project is set too
	system  bool
}

// tokenSize is the length of a federated user's Fernet token.
const tokenSize = 268

// issue makes a token of the same sign-in as parent: it has parent's user, identity
// provider and expiry.
func (c *cloud) issue(parent token, s scope, methods ...string) *token {
	c.issued++
	for _, m := range parent.methods {
		if !slices.Contains(methods, m) {
			methods = append(methods, m)
		}
	}
	// Keystone keeps the methods in a set: clients can't rely on their order.
	if c.issued%2 == 0 {
		slices.Reverse(methods)
	}
	t := parent
	t.id = "gAAAAA" + random(tokenSize)[6:]
	t.audit = []string{random(22)}
	if t.idp == "" && len(parent.audit) > 0 {
		// Only the tokens of a local user name the first of their chain.
		t.audit = append(t.audit, parent.audit[len(parent.audit)-1])
	}
	t.methods = methods
	t.scope = s
	t.issued = c.now()
	t.revoked, t.unused, t.cached = false, false, true
	c.tokens[t.id] = &t
	return &t
}

// live returns a token that is still valid.
func (c *cloud) live(id string) (*token, error) {
	if id == "" {
		return nil, errNoToken
	}
	t := c.tokens[id]
	if t == nil {
		return nil, errUnrecognized
	}
	if t.revoked || !c.now().Before(t.expires) {
		return nil, errDead
	}
	if _, err := c.roles(*t, t.scope); err != nil {
		return nil, errDead
	}
	return t, nil
}

// roles returns the roles that t's user has on s.
func (c *cloud) roles(t token, s scope) ([]string, error) {
	u := c.users[t.user]
	if u == nil || u.disabled {
		return nil, errUnauthorized
	}
	switch {
	case s.trust != "":
		if c.trusts[s.trust].user != u.Name {
			return nil, errUnauthorized
		}
		return []string{"member"}, nil
	case s.project != "":
		if !u.hasRole(s.project) {
			return nil, errUnauthorized
		}
		return []string{"member", "reader"}, nil
	case s.domain != "":
		if !slices.Contains(u.Domains, s.domain) {
			return nil, errUnauthorized
		}
		return []string{"admin"}, nil
	case s.system && u.System:
		return []string{"admin"}, nil
	case s.system && t.idp != "":
		return nil, errBroken // as Keystone 22, 27 and 30 do for a federated user
	case s.system:
		return nil, errUnauthorized
	}
	return nil, nil
}

// random returns n random characters of base64url.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}
