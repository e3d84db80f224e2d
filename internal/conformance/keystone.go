package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func versions(t *testing.T, c *Cloud) {
	for path, status := range map[string]int{"/v3": 200, "/v3/": 200, "/v3/nothing": 404, "/v2.0": 404} {
		c.ask(t, "GET", path, "").is(t, status)
	}
	got := c.ask(t, "GET", "/", "")
	got.is(t, http.StatusMultipleChoices)
	var body struct {
		Versions struct {
			Values []struct {
				ID, Status string
				Links      []struct{ Rel, Href string }
			}
		}
	}
	must(t, json.Unmarshal([]byte(got.text), &body))
	values := body.Versions.Values
	if len(values) != 1 || !strings.HasPrefix(values[0].ID, "v3.") || values[0].Status != "stable" ||
		len(values[0].Links) != 1 || values[0].Links[0].Href != c.Options.IdentityEndpoint+"/" {
		t.Errorf("got versions %s, want one stable v3 with its link", got.text)
	}
	c.ask(t, "PUT", "/v3/auth/tokens", "").is(t, http.StatusMethodNotAllowed)
}

func malformedRequests(t *testing.T, c *Cloud) {
	for _, body := range []string{`{}`, `auth`, `{"auth": {"identity": {}}}`} {
		c.ask(t, "POST", "/v3/auth/tokens", body).is(t, http.StatusBadRequest)
	}
}

func unsupportedMethods(t *testing.T, c *Cloud) {
	c.ask(t, "POST", "/v3/auth/tokens", `{"auth": {"identity": {"methods": ["kerberos"], "kerberos": {}}}}`).says(t, 401, unsupported)
	c.ask(t, "POST", "/v3/auth/tokens", `{"auth": {"identity": {"methods": []}}}`).says(t, 401, unauthorized)
}

// mappedAlone asks for a token by identity provider and protocol, without an assertion.
// The look before a sign-in lives by these answers.
func mappedAlone(t *testing.T, c *Cloud) {
	ask := func(idp, protocol string) answer {
		return c.ask(t, "POST", "/v3/auth/tokens", fmt.Sprintf(`{"auth": {"identity": {"methods": ["mapped"], "mapped": {"identity_provider": %q, "protocol": %q}}}}`, idp, protocol))
	}
	idp, protocol := c.Options.IdentityProvider, c.Options.Protocol
	ask(idp, protocol).says(t, 401, unauthorized)
	ask("nosuch", protocol).says(t, 404, "Could not find Identity Provider: nosuch.")
	ask(idp, "nosuch").says(t, 404, "Could not find federated protocol nosuch for Identity Provider: "+idp+".")
}

func unscopedToken(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	got := c.show(t, mine, mine)
	got.is(t, http.StatusOK)
	if echo := got.header.Get("X-Subject-Token"); echo != mine {
		t.Error("got another X-Subject-Token, want the token asked about")
	}
	about := got.token(t)
	if !slices.Equal(about.Methods, []string{c.Options.Protocol}) || len(about.AuditIDs) != 1 {
		t.Errorf("got methods %q and audit IDs %q, want %q and one ID", about.Methods, about.AuditIDs, c.Options.Protocol)
	}
	if f := about.User.Federation; f == nil || f.Provider.ID != c.Options.IdentityProvider || f.Protocol.ID != c.Options.Protocol {
		t.Errorf("got federation %+v, want %s and %s", f, c.Options.IdentityProvider, c.Options.Protocol)
	}
	if about.User.Name != c.Browser.User || about.User.ID == "" || about.User.Domain.Name == "" {
		t.Errorf("got user %+v, want %s with an ID and a domain", about.User, c.Browser.User)
	}
	if about.Project != nil || about.Roles != nil || about.Catalog != nil || about.IsDomain != nil {
		t.Errorf("got %s, want a token without a scope", got.text)
	}
	if !strings.HasPrefix(mine, "gAAAAA") {
		t.Error("got another kind of token, want a Fernet token")
	}
}

func rescoping(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	before := c.show(t, mine, mine).token(t)
	got := c.rescope(t, mine, projectScope(c.Mine))
	got.is(t, http.StatusCreated)
	after := got.token(t)
	if after.Project == nil || after.Project.Name != c.Mine || after.Project.Domain.Name != "Default" || len(after.Roles) == 0 {
		t.Errorf("got project %+v and roles %+v, want %s and at least one role", after.Project, after.Roles, c.Mine)
	}
	if after.IsDomain == nil || *after.IsDomain || len(after.Catalog) < 2 {
		t.Errorf("got is_domain %v and catalog %+v, want false and at least two services", after.IsDomain, after.Catalog)
	}
	if after.User.ID != before.User.ID || after.User.Federation == nil {
		t.Errorf("got user %+v, want %+v", after.User, before.User)
	}
	if after.Expires != before.Expires {
		t.Errorf("got expiry %s, want the sign-in's %s", after.Expires, before.Expires)
	}
	slices.Sort(after.Methods)
	want := []string{c.Options.Protocol, "token"}
	slices.Sort(want)
	if !slices.Equal(after.Methods, want) {
		t.Errorf("got methods %q, want %q", after.Methods, want)
	}
	if len(after.AuditIDs) != 1 || slices.Contains(before.AuditIDs, after.AuditIDs[0]) {
		t.Errorf("got audit IDs %q, want a new one (before: %q)", after.AuditIDs, before.AuditIDs)
	}
	scoped := got.header.Get("X-Subject-Token")
	if scoped == mine || scoped == "" {
		t.Error("got no new token, want one")
	}
	again := c.show(t, scoped, scoped)
	again.is(t, http.StatusOK)
	if about := again.token(t); about.Project == nil || len(about.Catalog) == 0 {
		t.Errorf("got %s when asked about the new token, want project and catalog", again.text)
	}

	// The project's ID names the same project.
	byID := c.rescope(t, mine, `{"project": {"id": `+quote(after.Project.ID)+`}}`)
	byID.is(t, http.StatusCreated)
	if p := byID.token(t).Project; p == nil || p.Name != c.Mine {
		t.Errorf("got project %+v by ID, want %s", p, c.Mine)
	}
}

func unscopedAgain(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	before := c.show(t, mine, mine).token(t)
	for _, scope := range []string{"", `"unscoped"`, `{"unscoped": {}}`} {
		got := c.rescope(t, mine, scope)
		got.is(t, http.StatusCreated)
		if after := got.token(t); after.Project != nil || after.Catalog != nil || after.Expires != before.Expires {
			t.Errorf("scope %s: got %s, want an unscoped token that expires at %s", scope, got.text, before.Expires)
		}
	}
}

func scopedOn(t *testing.T, c *Cloud) {
	scoped := c.scoped(t, c.unscoped(t), c.Mine)
	got := c.rescope(t, scoped, projectScope(c.Other))
	got.is(t, http.StatusCreated)
	if p := got.token(t).Project; p == nil || p.Name != c.Other {
		t.Errorf("got project %+v, want %s", p, c.Other)
	}
}

func foreignScopes(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	for _, scope := range []string{
		projectScope(c.NotMine),
		projectScope("no such project"),
		`{"project": {"id": "00000000000000000000000000000000"}}`,
		`{"project": {"name": ` + quote(c.Mine) + `, "domain": {"name": "no such domain"}}}`,
		`{"domain": {"name": "Default"}}`,
		`{"domain": {"id": "nosuchdomain"}}`,
		`{"OS-TRUST:trust": {"id": "nosuchtrust"}}`,
	} {
		c.rescope(t, mine, scope).says(t, http.StatusUnauthorized, unauthorized)
	}
	c.show(t, mine, mine).is(t, http.StatusOK)
}

func systemScope(t *testing.T, c *Cloud) {
	got := c.rescope(t, c.unscoped(t), `{"system": {"all": true}}`)
	got.is(t, http.StatusInternalServerError)
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		t.Errorf("got content type %q, want text/html", kind)
	}
}

func badScopes(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	for _, scope := range []string{
		`{}`, `7`, `null`, `"other"`, `{"project": {}}`, `{"project": {"name": ` + quote(c.Mine) + `}}`,
		`{"project": {"name": ` + quote(c.Mine) + `, "domain": {"id": "default"}}, "domain": {"id": "default"}}`,
	} {
		c.rescope(t, mine, scope).is(t, http.StatusBadRequest)
	}
}

func garbage(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	for _, wrong := range []string{"garbage", "x" + mine[1:], mine[:len(mine)-1]} {
		c.rescope(t, wrong, "").says(t, http.StatusNotFound, unrecognized)
		c.show(t, mine, wrong).says(t, http.StatusNotFound, unrecognized)
		c.show(t, wrong, wrong).says(t, http.StatusUnauthorized, unauthorized)
	}
	c.rescope(t, "", "").says(t, http.StatusNotFound, "No token in the request")
	c.ask(t, "GET", "/v3/auth/tokens", "", "X-Auth-Token", mine).says(t, http.StatusForbidden, "You are not authorized to perform the requested action: identity:validate_token.")
	for _, path := range []string{"/v3/auth/tokens", "/v3/auth/projects", "/v3/auth/catalog"} {
		c.ask(t, "GET", path, "").says(t, http.StatusUnauthorized, unauthorized)
	}
}

func revoked(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	scoped := c.scoped(t, mine, c.Mine)
	c.Revoke(t, scoped)
	c.rescope(t, scoped, projectScope(c.Mine)).says(t, http.StatusNotFound, invalid)
	c.show(t, scoped, scoped).isDead(t)
	c.show(t, mine, scoped).says(t, http.StatusNotFound, invalid)
	c.ask(t, "GET", "/v3/auth/projects", "", "X-Auth-Token", scoped).says(t, http.StatusUnauthorized, unauthorized)
	c.ask(t, "DELETE", "/v3/auth/tokens", "", "X-Auth-Token", mine, "X-Subject-Token", scoped).says(t, http.StatusNotFound, invalid)
}

func revokedFamily(t *testing.T, c *Cloud) {
	parent := c.unscoped(t)
	first, second := c.scoped(t, parent, c.Mine), c.scoped(t, parent, c.Other)
	c.Revoke(t, first)
	c.show(t, parent, parent).is(t, http.StatusOK)
	c.show(t, second, second).is(t, http.StatusOK)
	c.Revoke(t, parent)
	c.show(t, second, second).is(t, http.StatusOK)
	c.rescope(t, second, projectScope(c.Mine)).is(t, http.StatusCreated)
}

func revokesItself(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	c.ask(t, "DELETE", "/v3/auth/tokens", "", "X-Auth-Token", mine, "X-Subject-Token", mine).is(t, http.StatusNoContent)
	c.show(t, mine, mine).isDead(t)
	c.ask(t, "DELETE", "/v3/auth/tokens", "", "X-Auth-Token", mine, "X-Subject-Token", mine).isDead(t)
}

func projectList(t *testing.T, c *Cloud) {
	got := c.ask(t, "GET", "/v3/auth/projects", "", "X-Auth-Token", c.unscoped(t))
	got.is(t, http.StatusOK)
	var body struct {
		Projects []struct {
			ID, Name string
			DomainID string `json:"domain_id"`
			Enabled  bool
		}
		Links struct{ Self string }
	}
	must(t, json.Unmarshal([]byte(got.text), &body))
	var names []string
	for _, p := range body.Projects {
		names = append(names, p.Name)
		if p.ID == "" || p.DomainID != "default" || !p.Enabled {
			t.Errorf("got project %+v, want an enabled one of the domain default", p)
		}
	}
	if !slices.Contains(names, c.Mine) || !slices.Contains(names, c.Other) || slices.Contains(names, c.NotMine) {
		t.Errorf("got projects %q, want %s and %s but not %s", names, c.Mine, c.Other, c.NotMine)
	}
	if body.Links.Self != c.Options.IdentityEndpoint+"/auth/projects" {
		t.Errorf("got links %+v, want one to the list itself", body.Links)
	}
}

func catalog(t *testing.T, c *Cloud) {
	mine := c.unscoped(t)
	c.ask(t, "GET", "/v3/auth/catalog", "", "X-Auth-Token", mine).says(t, http.StatusForbidden, "You are not authorized to perform the requested action.")
	got := c.ask(t, "GET", "/v3/auth/catalog", "", "X-Auth-Token", c.scoped(t, mine, c.Mine))
	got.is(t, http.StatusOK)
	var body struct {
		Catalog []struct {
			Type, Name string
			Endpoints  []struct {
				ID, URL, Interface, Region string
				RegionID                   string `json:"region_id"`
			}
		}
	}
	must(t, json.Unmarshal([]byte(got.text), &body))
	var types []string
	for _, s := range body.Catalog {
		types = append(types, s.Type)
		if len(s.Endpoints) != 3 {
			t.Errorf("got service %+v, want three endpoints", s)
		}
		for _, e := range s.Endpoints {
			if e.ID == "" || e.URL == "" || e.Interface == "" || e.Region == "" || e.RegionID == "" {
				t.Errorf("got endpoint %+v, want every field set", e)
			}
		}
	}
	slices.Sort(types)
	if !slices.Equal(types, []string{"compute", "identity"}) {
		t.Errorf("got services %q, want compute and identity", types)
	}
}
