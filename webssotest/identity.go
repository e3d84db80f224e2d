package webssotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// identity handles Keystone's API, the addresses that browsers go to, and the compute
// service.
func (c *cloud) identity() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.api(c.showVersions))
	for _, path := range []string{"/v3", "/v3/{$}"} {
		mux.HandleFunc("GET "+path, c.api(c.showVersion))
	}
	mux.HandleFunc("POST /v3/auth/tokens", c.api(c.createToken))
	mux.HandleFunc("GET /v3/auth/tokens", c.api(c.showToken))
	mux.HandleFunc("DELETE /v3/auth/tokens", c.api(c.deleteToken))
	mux.HandleFunc("GET /v3/auth/projects", c.api(c.listProjects))
	mux.HandleFunc("GET /v3/auth/catalog", c.api(c.showCatalog))
	mux.HandleFunc("GET "+federationPath+"websso/{protocol}", c.api(c.webSSO))
	mux.HandleFunc("GET "+federationPath+"identity_providers/{idp}/protocols/{protocol}/websso", c.api(c.webSSO))
	mux.HandleFunc("GET "+comeBackPath, c.comeBack)
	mux.HandleFunc("GET "+mellonPath+"login", c.mellonLogin)
	mux.HandleFunc("GET "+mellonPath+"logout", c.mellonLogout)
	mux.Handle("/compute/", c.compute())
	for _, path := range []string{"/{$}", "/v3", "/v3/{$}", "/v3/auth/tokens", "/v3/auth/projects", "/v3/auth/catalog"} {
		mux.HandleFunc(path, c.api(notAllowed))
	}
	mux.HandleFunc("/", c.api(notFound))

	prefixed := http.NewServeMux()
	prefixed.Handle("/identity/", http.StripPrefix("/identity", mux))
	// A mux would redirect this one, with a status that depends on Go's version.
	prefixed.HandleFunc("GET /identity", c.api(c.showVersions))
	prefixed.Handle("/", mux)
	return prefixed
}

func (c *cloud) showVersions(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusMultipleChoices, object{"versions": object{"values": []object{c.describeVersion(r)}}})
	return nil
}

func (c *cloud) showVersion(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, object{"version": c.describeVersion(r)})
	return nil
}

func (c *cloud) describeVersion(r *http.Request) object {
	return object{
		"id":      "v3.14",
		"status":  "stable",
		"updated": "2020-04-07T00:00:00Z",
		"links":   []object{{"rel": "self", "href": c.base(r) + "/v3/"}},
		"media-types": []object{{
			"base": "application/json", "type": "application/vnd.openstack.identity-v3+json",
		}},
	}
}

func (c *cloud) createToken(w http.ResponseWriter, r *http.Request) error {
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

	c.mu.Lock()
	defer c.mu.Unlock()
	parent, method, err := c.identify(body.Auth.Identity)
	if err != nil {
		return err
	}
	s, err := c.wanted(body.Auth.Scope)
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
	case parent.scope != scope{} && c.config.Quirks.NoRescope:
		return failure{http.StatusForbidden, "Rescoping a scoped token is not allowed."}
	}
	if _, err := c.roles(*parent, s); err != nil {
		return err
	}
	t := c.issue(*parent, s, method)
	w.Header().Set("X-Subject-Token", t.id)
	writeJSON(w, http.StatusCreated, c.describeToken(r, t))
	return nil
}

func (c *cloud) showToken(w http.ResponseWriter, r *http.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.cachedAnswer(r); err != nil {
		return err
	}
	t, err := c.subject(r, "identity:validate_token")
	if err != nil {
		return err
	}
	t.unused = false
	if !c.config.Quirks.OmitSubjectToken {
		w.Header().Set("X-Subject-Token", t.id)
	}
	status := http.StatusOK
	if c.config.Quirks.Validate203 {
		status = http.StatusNonAuthoritativeInfo
	}
	writeJSON(w, status, c.describeToken(r, t))
	return nil
}

// cachedAnswer is what a worker answers that still has a dead token in its cache: the
// token passes as X-Auth-Token and fails as X-Subject-Token. The caller holds c.mu.
func (c *cloud) cachedAnswer(r *http.Request) error {
	id := r.Header.Get("X-Auth-Token")
	if _, err := c.live(id); !c.config.Quirks.ValidationCache || !errors.Is(err, errDead) || id != r.Header.Get("X-Subject-Token") {
		return nil
	}
	if t := c.tokens[id]; t.cached {
		t.cached = false
		return errDead
	}
	return nil
}

func (c *cloud) deleteToken(w http.ResponseWriter, r *http.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.subject(r, "identity:revoke_token")
	if err != nil {
		return err
	}
	t.revoked = true
	if t.unused {
		c.signIns--
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *cloud) listProjects(w http.ResponseWriter, r *http.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.caller(r)
	if err != nil {
		return err
	}
	list := []object{}
	for _, p := range c.projects {
		if c.users[t.user].hasRole(p.ID) {
			list = append(list, object{
				"id": p.ID, "name": p.Name, "domain_id": domainID(p.Domain), "parent_id": domainID(p.Domain),
				"description": "", "enabled": true, "is_domain": false, "tags": []string{}, "options": object{},
				"links": object{"self": c.base(r) + "/v3/projects/" + p.ID},
			})
		}
	}
	writeJSON(w, http.StatusOK, object{
		"projects": list,
		"links":    object{"next": nil, "previous": nil, "self": c.base(r) + "/v3/auth/projects"},
	})
	return nil
}

func (c *cloud) showCatalog(w http.ResponseWriter, r *http.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.caller(r)
	if err != nil {
		return err
	}
	if t.scope == (scope{}) {
		return failure{http.StatusForbidden, "You are not authorized to perform the requested action."}
	}
	writeJSON(w, http.StatusOK, object{
		"catalog": c.catalog(r),
		"links":   object{"self": c.base(r) + "/v3/auth/catalog"},
	})
	return nil
}

// describeToken returns the body of a token. The caller holds c.mu.
func (c *cloud) describeToken(r *http.Request, t *token) object {
	u := c.users[t.user]
	user := object{"id": u.id(t.idp), "name": u.Name}
	if t.idp == "" {
		user["domain"] = domain(defaultDomain)
		user["password_expires_at"] = nil
	} else {
		user["domain"] = domain(t.idp)
		user["OS-FEDERATION"] = object{
			"groups":            []object{},
			"identity_provider": object{"id": t.idp},
			"protocol":          object{"id": t.protocol},
		}
	}
	body := object{
		"audit_ids":  t.audit,
		"expires_at": timestamp(t.expires),
		"issued_at":  timestamp(t.issued),
		"methods":    t.methods,
		"user":       user,
	}
	if t.scope == (scope{}) {
		return object{"token": body}
	}

	names, _ := c.roles(*t, t.scope)
	roles := []object{}
	for _, name := range names {
		roles = append(roles, object{"id": idOf("role", name), "name": name})
	}
	body["roles"] = roles
	if !r.URL.Query().Has("nocatalog") {
		body["catalog"] = c.catalog(r)
	}
	switch {
	case t.scope.project != "":
		p := c.projectByID(t.scope.project)
		body["project"] = object{"id": p.ID, "name": p.Name, "domain": domain(p.Domain)}
		body["is_domain"] = false
	case t.scope.domain != "":
		body["domain"] = domain(t.scope.domain)
	case t.scope.system:
		body["system"] = object{"all": true}
	}
	if t.scope.trust != "" {
		body["OS-TRUST:trust"] = object{
			"id":            t.scope.trust,
			"impersonation": false,
			"trustee_user":  object{"id": u.id(t.idp)},
			"trustor_user":  object{"id": idOf("trustor")},
		}
	}
	return object{"token": body}
}

// catalog lists the services. The caller holds c.mu.
func (c *cloud) catalog(r *http.Request) []object {
	services := []object{
		service("identity", "keystone", c.base(r)+"/v3"),
		service("compute", "nova", c.url+"/compute/v2.1"),
	}
	size := func(v any) int {
		text, _ := json.Marshal(v)
		return len(text)
	}
	for n, have := 1, size(services); have < c.config.Quirks.CatalogSize; n++ {
		s := service(fmt.Sprintf("padding-%d", n), "padding", fmt.Sprintf("%s/padding/%d", c.url, n))
		services = append(services, s)
		have += size(s)
	}
	return services
}

func service(kind, name, url string) object {
	endpoints := []object{}
	for _, face := range []string{"public", "internal", "admin"} {
		endpoints = append(endpoints, object{
			"id": idOf("endpoint", kind, face), "interface": face, "region": Region, "region_id": Region, "url": url,
		})
	}
	return object{"id": idOf("service", kind), "type": kind, "name": name, "endpoints": endpoints}
}

func domain(name string) object { return object{"id": domainID(name), "name": name} }

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
