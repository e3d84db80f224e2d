package webssotest

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"slices"
	"time"
)

// A token is one that the Keystone gave away.
type token struct {
	id              string
	audit           []string
	user            string // name
	idp, protocol   string // that the user came through; empty for a local user
	methods         []string
	scope           scope
	issued, expires time.Time
	revoked         bool
}

// scope is what a token is good for. The zero scope is that of an unscoped token.
type scope struct {
	project string // ID
	domain  string // name
	trust   string // ID; project is set too
	system  bool
}

// The answers of a Keystone that tell a client which of its tokens or wishes is bad.
// They are the real ones: who has no role on a project and who asks for one that
// does not exist can't tell the difference.
var (
	errUnauthorized = failure{http.StatusUnauthorized, "The request you have made requires authentication."}
	errUnsupported  = failure{http.StatusUnauthorized, "Attempted to authenticate with an unsupported method."}
	errNoToken      = failure{http.StatusNotFound, "No token in the request"}
	errUnrecognized = failure{http.StatusNotFound, "Could not recognize Fernet token"}
	errDead         = failure{http.StatusNotFound, "Failed to validate token"}
)

// tokenSize is that of a Fernet token of a federated user.
const tokenSize = 268

// issue makes a token of parent's sign-in: who, through what and until when are
// parent's. The caller holds k.mu.
func (k *Keystone) issue(parent token, s scope, methods ...string) *token {
	k.issued++
	for _, m := range parent.methods {
		if !slices.Contains(methods, m) {
			methods = append(methods, m)
		}
	}
	// Keystone keeps the methods in a set: nobody may rely on their order.
	if k.issued%2 == 0 {
		slices.Reverse(methods)
	}
	t := parent
	t.id = "gAAAAA" + random(tokenSize)[6:]
	t.audit = []string{random(22)}
	if t.idp == "" && len(parent.audit) > 0 {
		// Of a local user's tokens each names the first.
		t.audit = append(t.audit, parent.audit[len(parent.audit)-1])
	}
	t.methods = methods
	t.scope = s
	t.issued = k.now()
	k.tokens[t.id] = &t
	return &t
}

// signIn makes the unscoped token of a sign-in. The caller holds k.mu.
func (k *Keystone) signIn(user, idp, protocol string) *token {
	ends := k.now().Add(k.config.TokenLifetime)
	return k.issue(token{user: user, idp: idp, protocol: protocol, expires: ends}, scope{}, protocol)
}

// random is n characters of base64url.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}

// live finds a token that is still good. The caller holds k.mu.
func (k *Keystone) live(id string) (*token, error) {
	if id == "" {
		return nil, errNoToken
	}
	t := k.tokens[id]
	if t == nil {
		return nil, errUnrecognized
	}
	if t.revoked || !k.now().Before(t.expires) {
		return nil, errDead
	}
	if _, err := k.grant(*t, t.scope); err != nil {
		return nil, errDead
	}
	return t, nil
}

// grant says which roles t's user has on s. The caller holds k.mu.
func (k *Keystone) grant(t token, s scope) ([]string, error) {
	u := k.users[t.user]
	if u == nil || u.disabled {
		return nil, errUnauthorized
	}
	switch {
	case s.trust != "":
		if k.trusts[s.trust].user != u.Name {
			return nil, errUnauthorized
		}
		return []string{"member"}, nil
	case s.project != "":
		if !u.role(s.project) {
			return nil, errUnauthorized
		}
		return []string{"member", "reader"}, nil
	case s.domain != "":
		if !slices.Contains(u.Domains, s.domain) {
			return nil, errUnauthorized
		}
		return []string{"admin"}, nil
	case s.system:
		switch {
		case u.System:
			return []string{"admin"}, nil
		case t.idp != "":
			return nil, errBroken
		}
		return nil, errUnauthorized
	}
	return nil, nil
}

// Revoke ends a token, as an administrator can: its holder learns of it with the next
// request. Tokens that were made from it live on.
func (k *Keystone) Revoke(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t := k.tokens[token]; t != nil {
		t.revoked = true
	}
}

// RevokeAll ends every token.
func (k *Keystone) RevokeAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.tokens {
		t.revoked = true
	}
}

// RotateKeys makes the Keystone forget the keys of its tokens: it recognizes none that
// it ever gave away.
func (k *Keystone) RotateKeys() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.tokens)
}
