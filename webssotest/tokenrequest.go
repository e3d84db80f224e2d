package webssotest

import (
	"encoding/json"
	"net/http"
	"slices"
)

// identityRequest says who somebody is: by a token, a password, or an application
// credential.
type identityRequest struct {
	Methods []string `json:"methods"`
	Token   struct {
		ID string `json:"id"`
	} `json:"token"`
	Password struct {
		User userRequest `json:"user"`
	} `json:"password"`
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

// identify finds the token that a request's is made from. For a password or a
// credential that is one which nobody holds. The caller holds k.mu.
func (k *Keystone) identify(who identityRequest) (parent *token, method string, err error) {
	switch {
	case who.Methods == nil:
		return nil, "", failure{http.StatusBadRequest, "Invalid input for field 'identity': 'methods' is a required property"}
	case len(who.Methods) != 1:
		return nil, "", errUnauthorized
	}
	switch method = who.Methods[0]; method {
	case "token":
		parent, err = k.live(who.Token.ID)
		return parent, method, err
	case "password":
		i := slices.IndexFunc(k.names, func(name string) bool { return k.users[name].isLocal(who.Password.User) })
		if i < 0 {
			return nil, "", errUnauthorized
		}
		parent = &token{user: k.names[i]}
	case "application_credential":
		if who.Credential.ID != CredentialID {
			return nil, "", failure{http.StatusNotFound, "Could not find Application Credential: " + who.Credential.ID + "."}
		}
		if who.Credential.Secret != CredentialSecret {
			return nil, "", errUnauthorized
		}
		parent = &token{user: "admin", scope: scope{project: idOf("project", defaultDomain, "demo")}}
	default:
		return nil, "", errUnsupported
	}
	parent.expires = k.now().Add(k.config.TokenLifetime)
	return parent, method, nil
}

func (u *User) isLocal(who userRequest) bool {
	if !u.Local || u.Password != who.Password {
		return false
	}
	if who.ID != "" {
		return who.ID == u.id("")
	}
	return who.Name == u.Name && (who.Domain.ID == domainID(u.Domain) || who.Domain.Name == u.Domain)
}

// wanted reads the scope of a request. A project or domain that does not exist is
// refused as one on which the user has no role. The caller holds k.mu.
func (k *Keystone) wanted(text json.RawMessage) (scope, error) {
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
		return scope{}, badScope
	}
	var found []scope
	if p := want.Project; p != nil {
		if p.ID == "" && (p.Name == "" || p.Domain == nil) {
			return scope{}, badScope
		}
		i := slices.IndexFunc(k.projects, func(q Project) bool {
			if p.ID != "" {
				return q.ID == p.ID
			}
			return q.Name == p.Name && p.Domain.names(q.Domain)
		})
		if i < 0 {
			return scope{}, errUnauthorized
		}
		found = append(found, scope{project: k.projects[i].ID})
	}
	if d := want.Domain; d != nil {
		domains := []string{defaultDomain, IdentityProvider, OtherIdentityProvider}
		i := slices.IndexFunc(domains, d.names)
		if i < 0 {
			return scope{}, errUnauthorized
		}
		found = append(found, scope{domain: domains[i]})
	}
	if want.Trust != nil {
		t, ok := k.trusts[want.Trust.ID]
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
		return scope{}, badScope
	}
	return found[0], nil
}

var badScope = failure{http.StatusBadRequest, "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope."}

// names says whether it means the domain of that name.
func (n *nameRequest) names(domain string) bool {
	return n.ID == domainID(domain) || n.ID == "" && n.Name == domain
}
