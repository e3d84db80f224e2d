package webssotest

import (
	"encoding/json"
	"errors"
	"net/http"
)

func (k *Keystone) createToken(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Auth *struct {
			Identity identityRequest `json:"identity"`
			Scope    json.RawMessage `json:"scope"`
		} `json:"auth"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&body); err != nil {
		return failure{http.StatusBadRequest, "Expecting to find valid JSON in request body."}
	}
	if body.Auth == nil {
		return failure{http.StatusBadRequest, "Expecting to find auth in request body."}
	}

	k.mu.Lock()
	defer k.mu.Unlock()
	parent, method, err := k.identify(body.Auth.Identity)
	if err != nil {
		return err
	}
	s, err := k.wanted(body.Auth.Scope)
	if err != nil {
		return err
	}
	switch {
	case method == "application_credential":
		if s != (scope{}) {
			return errUnauthorized
		}
		s = parent.scope
	case parent.scope.trust != "":
		return failure{http.StatusForbidden, "Using trust-scoped token to create another token. Create a new trust-scoped token instead"}
	case parent.scope != scope{} && k.config.NoRescope:
		return failure{http.StatusForbidden, "Rescoping a scoped token is not allowed."}
	}
	if _, err := k.grant(*parent, s); err != nil {
		return err
	}
	t := k.issue(*parent, s, method)
	w.Header().Set("X-Subject-Token", t.id)
	writeJSON(w, http.StatusCreated, k.render(r, t))
	return nil
}

func (k *Keystone) showToken(w http.ResponseWriter, r *http.Request) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, err := k.subject(r, "identity:validate_token")
	if err != nil {
		return err
	}
	if !k.config.OmitSubjectToken {
		w.Header().Set("X-Subject-Token", t.id)
	}
	status := http.StatusOK
	if k.config.Validate203 {
		status = http.StatusNonAuthoritativeInfo
	}
	writeJSON(w, status, k.render(r, t))
	return nil
}

func (k *Keystone) deleteToken(w http.ResponseWriter, r *http.Request) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, err := k.subject(r, "identity:revoke_token")
	if err != nil {
		return err
	}
	t.revoked = true
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (k *Keystone) listProjects(w http.ResponseWriter, r *http.Request) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, err := k.caller(r)
	if err != nil {
		return err
	}
	list := []object{}
	for _, p := range k.projects {
		if k.users[t.user].role(p.ID) {
			list = append(list, object{
				"id": p.ID, "name": p.Name, "domain_id": domainID(p.Domain), "parent_id": domainID(p.Domain),
				"description": "", "enabled": true, "is_domain": false, "tags": []string{}, "options": object{},
				"links": object{"self": k.base(r) + "/v3/projects/" + p.ID},
			})
		}
	}
	writeJSON(w, http.StatusOK, object{
		"projects": list,
		"links":    object{"next": nil, "previous": nil, "self": k.base(r) + "/v3/auth/projects"},
	})
	return nil
}

func (k *Keystone) showCatalog(w http.ResponseWriter, r *http.Request) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, err := k.caller(r)
	if err != nil {
		return err
	}
	if t.scope == (scope{}) {
		return failure{http.StatusForbidden, "You are not authorized to perform the requested action."}
	}
	writeJSON(w, http.StatusOK, object{
		"catalog": k.catalog(r),
		"links":   object{"self": k.base(r) + "/v3/auth/catalog"},
	})
	return nil
}

// caller is the token that authorizes a request. The caller holds k.mu.
func (k *Keystone) caller(r *http.Request) (*token, error) {
	t, err := k.live(r.Header.Get("X-Auth-Token"))
	if err != nil {
		return nil, errUnauthorized
	}
	return t, nil
}

// subject is the token that a request is about, to which something is to be done. The
// caller holds k.mu.
func (k *Keystone) subject(r *http.Request, action string) (*token, error) {
	c, err := k.caller(r)
	if err != nil {
		return nil, err
	}
	t, err := k.live(r.Header.Get("X-Subject-Token"))
	own := t != nil && t.user == c.user && t.idp == c.idp
	switch {
	case errors.Is(err, errNoToken) && !c.scope.system, err == nil && !own && !c.scope.system:
		return nil, failure{http.StatusForbidden, "You are not authorized to perform the requested action: " + action + "."}
	case err != nil:
		return nil, err
	}
	return t, nil
}
