package webssotest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// identityRequest says who asks for a token: with a token, a password or an
// application credential.
type identityRequest struct {
	Methods []string `json:"methods"`
	Token   struct {
		ID string `json:"id"`
	} `json:"token"`
	Password struct {
		User userRequest `json:"user"`
	} `json:"password"`
	Mapped struct {
		IdentityProvider string `json:"identity_provider"`
		Protocol         string `json:"protocol"`
	} `json:"mapped"`
	Credential struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	} `json:"application_credential"`
}

type userRequest struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Domain   nameRequest `json:"domain"`
	Password string      `json:"password"`
}

type nameRequest struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// identify returns the token that the new one is made from. For a password or an
// application credential, that is one without an ID. The caller holds c.mu.
func (c *cloud) identify(who identityRequest) (parent *token, method string, err error) {
	switch {
	case who.Methods == nil:
		return nil, "", failure{http.StatusBadRequest, "Invalid input for field 'identity': 'methods' is a required property"}
	case len(who.Methods) != 1:
		return nil, "", errUnauthorized
	}
	switch method = who.Methods[0]; method {
	case "token":
		parent, err = c.live(who.Token.ID)
		if err == nil {
			parent.unused = false
		}
		return parent, method, err
	case "password":
		i := slices.IndexFunc(c.names, func(name string) bool { return who.Password.User.is(c.users[name]) })
		if i < 0 {
			return nil, "", errUnauthorized
		}
		parent = &token{user: c.names[i]}
	case "application_credential":
		if who.Credential.ID != credentialID {
			return nil, "", failure{http.StatusNotFound, "Could not find Application Credential: " + who.Credential.ID + "."}
		}
		if who.Credential.Secret != credentialSecret {
			return nil, "", errUnauthorized
		}
		parent = &token{user: "admin", scope: scope{project: idOf("project", defaultDomain, "demo")}}
	case "mapped":
		// Who asks is known from the web server only, and not at this address.
		switch idp, protocol := who.Mapped.IdentityProvider, who.Mapped.Protocol; {
		case !isIdentityProvider(idp):
			return nil, "", failure{http.StatusNotFound, "Could not find Identity Provider: " + idp + "."}
		case !isProtocol(protocol):
			return nil, "", failure{http.StatusNotFound, "Could not find federated protocol " + protocol + " for Identity Provider: " + idp + "."}
		}
		return nil, "", errUnauthorized
	default:
		return nil, "", errUnsupported
	}
	parent.expires = c.now().Add(c.config.TokenLifetime)
	return parent, method, nil
}

// is reports whether the request is for u, with u's password.
func (q *userRequest) is(u *User) bool {
	if !u.Local || u.Password != q.Password {
		return false
	}
	if q.ID != "" {
		return q.ID == u.id("")
	}
	return q.Name == u.Name && (q.Domain.ID == domainID(defaultDomain) || q.Domain.Name == defaultDomain)
}

// is reports whether the request is for the domain of that name.
func (n *nameRequest) is(domain string) bool {
	return n.ID == domainID(domain) || n.ID == "" && n.Name == domain
}

// wanted returns the scope that a request asks for. The caller holds c.mu.
func (c *cloud) wanted(text json.RawMessage) (scope, error) {
	if len(text) == 0 || string(text) == `"unscoped"` {
		return scope{}, nil
	}
	var want struct {
		Project *struct {
			nameRequest
			Domain *nameRequest `json:"domain"`
		} `json:"project"`
		Domain   *nameRequest `json:"domain"`
		Trust    *nameRequest `json:"OS-TRUST:trust"`
		System   *object      `json:"system"`
		Unscoped *object      `json:"unscoped"`
	}
	if err := json.Unmarshal(text, &want); err != nil {
		return scope{}, errScope
	}
	var found []scope
	if q := want.Project; q != nil {
		if q.ID == "" && (q.Name == "" || q.Domain == nil) {
			return scope{}, errScope
		}
		p := c.project(func(p *Project) bool {
			return q.ID == p.ID || q.ID == "" && q.Name == p.Name && q.Domain.is(p.Domain)
		})
		if p == nil {
			return scope{}, errUnauthorized
		}
		found = append(found, scope{project: p.ID})
	}
	if d := want.Domain; d != nil {
		domains := []string{defaultDomain, IdentityProvider, OtherIdentityProvider}
		i := slices.IndexFunc(domains, d.is)
		if i < 0 {
			return scope{}, errUnauthorized
		}
		found = append(found, scope{domain: domains[i]})
	}
	if want.Trust != nil {
		t, ok := c.trusts[want.Trust.ID]
		if !ok {
			return scope{}, errUnauthorized
		}
		found = append(found, scope{trust: t.id, project: t.project.ID})
	}
	if want.System != nil {
		found = append(found, scope{system: true})
	}
	if want.Unscoped != nil {
		found = append(found, scope{})
	}
	if len(found) != 1 {
		return scope{}, errScope
	}
	return found[0], nil
}

// caller returns the token that authorizes a request. The caller holds c.mu.
func (c *cloud) caller(r *http.Request) (*token, error) {
	t, err := c.live(r.Header.Get("X-Auth-Token"))
	if err != nil {
		return nil, errUnauthorized
	}
	return t, nil
}

// subject returns the token that a request is about, if the user may do action with
// it. The caller holds c.mu.
func (c *cloud) subject(r *http.Request, action string) (*token, error) {
	by, err := c.caller(r)
	if err != nil {
		return nil, err
	}
	t, err := c.live(r.Header.Get("X-Subject-Token"))
	own := t != nil && t.user == by.user && t.idp == by.idp
	switch {
	case errors.Is(err, errNoToken) && !by.scope.system, err == nil && !own && !by.scope.system:
		return nil, failure{http.StatusForbidden, "You are not authorized to perform the requested action: " + action + "."}
	case err != nil:
		return nil, err
	}
	return t, nil
}
