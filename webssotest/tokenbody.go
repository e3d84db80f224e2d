package webssotest

import (
	"net/http"
	"slices"
	"time"
)

// render is the body that describes a token. The caller holds k.mu.
func (k *Keystone) render(r *http.Request, t *token) object {
	u := k.users[t.user]
	user := object{"id": u.id(t.idp), "name": u.Name}
	if t.idp == "" {
		user["domain"] = domain(u.Domain)
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

	granted, _ := k.grant(*t, t.scope)
	roles := []object{}
	for _, name := range granted {
		roles = append(roles, object{"id": idOf("role", name), "name": name})
	}
	body["roles"] = roles
	if !r.URL.Query().Has("nocatalog") {
		body["catalog"] = k.catalog(r)
	}
	switch {
	case t.scope.project != "":
		i := slices.IndexFunc(k.projects, func(p Project) bool { return p.ID == t.scope.project })
		p := k.projects[i]
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

// id is Keystone's for the user that came through an identity provider, or through
// none. Those of federated users are longer.
func (u *User) id(idp string) string {
	if idp == "" {
		return idOf("user", u.Name)
	}
	return idOf("user", idp, u.Name) + idOf("federated", u.Name)
}

func domain(name string) object { return object{"id": domainID(name), "name": name} }

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
