package webssotest

import (
	"slices"
	"strings"
)

// SetUser adds a user, or replaces the user of that name, and adds projects that are
// new. If a project exists, it gets the servers of u's project, if that has any.
func (k *Keystone) SetUser(u User) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	k.cloud.setUser(u)
}

// Users returns the users, oldest first. The caller owns them.
func (k *Keystone) Users() []User {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	return k.cloud.listUsers()
}

// Project returns the oldest project of that name, or the zero value if there is none.
func (k *Keystone) Project(name string) Project {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	if p := k.cloud.project(func(p *Project) bool { return p.Name == name }); p != nil {
		return *p
	}
	return Project{}
}

// DisableUser makes Keystone refuse the user and all of the user's tokens. The
// identity providers don't notice and still sign the user in. If there is no such
// user, nothing happens.
func (k *Keystone) DisableUser(name string) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	if u := k.cloud.users[name]; u != nil {
		u.disabled = true
	}
	// keystone/identity/core.py, update_user: the tokens are revoked.
	for _, t := range k.cloud.tokens {
		t.revoked = t.revoked || t.user == name
	}
}

// Revoke revokes a token, as an administrator can: the client notices at its next
// request. Tokens that were made from it stay valid, as in a real Keystone. If there
// is no such token, nothing happens.
func (k *Keystone) Revoke(token string) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	if t := k.cloud.tokens[token]; t != nil {
		t.revoked = true
	}
}

// RevokeAll revokes every token.
func (k *Keystone) RevokeAll() {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	for _, t := range k.cloud.tokens {
		t.revoked = true
	}
}

// Requests returns all requests since the Keystone started or ResetRequests was
// called, oldest first.
func (k *Keystone) Requests() []Request { return k.cloud.journal.list() }

// APIRequests returns the requests to Keystone's API: what a program asks in order to
// sign in. It leaves out those of browsers and those to the compute service.
func (k *Keystone) APIRequests() []Request {
	return slices.DeleteFunc(k.Requests(), func(r Request) bool {
		return r.Browser || strings.HasPrefix(r.Path, "/compute/")
	})
}

// ResetRequests forgets the requests so far.
func (k *Keystone) ResetRequests() { k.cloud.journal.reset() }

// Logins returns how often a user gave the right password to an identity provider. A
// browser that has a session there signs in without a password.
func (k *Keystone) Logins() int {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	return k.cloud.logins
}

// SignIns returns how often Keystone gave a token to a browser, without the tokens that a
// program revoked before it used them: the browser fetches one more for each sign-in, to
// show that nobody else's token has come in between.
func (k *Keystone) SignIns() int {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	return k.cloud.signIns
}
