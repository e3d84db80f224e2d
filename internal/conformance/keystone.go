package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// dead is the status of an answer that satisfies [Answer.isDead].
const dead = -1

// answers asks Keystone without a browser, one row after the other.
//
// MINE is the token of the sign-in, and SCOPED and OTHER come from it, for two projects.
func answers(t *testing.T, c *Cloud) {
	mine := c.authenticate(t, c.options("", &websso.MemoryCache{})).Token()
	_, scoped := c.rescope(t, mine, ProjectScope(c.Mine))
	_, other := c.rescope(t, mine, ProjectScope(c.Other))
	idp, protocol := c.Options.IdentityProvider, c.Options.Protocol
	mapped := func(idp, protocol string) string {
		return fmt.Sprintf(`{"auth": {"identity": {"methods": ["mapped"], "mapped": {"identity_provider": %q, "protocol": %q}}}}`, idp, protocol)
	}
	const (
		post, show, revoke = "POST /v3/auth/tokens", "GET /v3/auth/tokens", "DELETE /v3/auth/tokens"
		projects, catalog  = "GET /v3/auth/projects", "GET /v3/auth/catalog"
	)
	type row struct {
		request, auth, subject, body string
		status                       int
		says                         string // "": anything

		revoke string // a token, as an administrator does, before the request
	}
	var rows []row
	for _, malformed := range []string{
		`{}`, `7`, `null`, `"other"`, `{"project": {}}`, `{"project": {"name": "` + c.Mine + `"}}`,
		`{"project": {"name": "` + c.Mine + `", "domain": {"id": "default"}}, "domain": {"id": "default"}}`,
	} {
		rows = append(rows, row{request: post, body: Rescoping("MINE", malformed), status: 400})
	}
	for _, notMine := range []string{
		ProjectScope(c.NotMine), ProjectScope("no such project"), `{"project": {"id": "00000000000000000000000000000000"}}`,
		`{"project": {"name": "` + c.Mine + `", "domain": {"name": "no such domain"}}}`,
		`{"domain": {"name": "Default"}}`, `{"domain": {"id": "nosuchdomain"}}`, `{"OS-TRUST:trust": {"id": "nosuchtrust"}}`,
	} {
		rows = append(rows, row{request: post, body: Rescoping("MINE", notMine), status: 401, says: unauthorized})
	}
	rows = append(rows, []row{
		{request: "GET /v3", status: 200},
		{request: "GET /v3/", status: 200},
		{request: "GET /v3/nothing", status: 404},
		{request: "GET /v2.0", status: 404},
		{request: "PUT /v3/auth/tokens", status: 405},
		{request: post, body: `{}`, status: 400},
		{request: post, body: `auth`, status: 400},
		{request: post, body: `{"auth": {"identity": {}}}`, status: 400},
		{request: post, body: `{"auth": {"identity": {"methods": ["kerberos"], "kerberos": {}}}}`, status: 401, says: unsupported},
		{request: post, body: `{"auth": {"identity": {"methods": []}}}`, status: 401, says: unauthorized},

		// Without an assertion. The look before a sign-in lives by these.
		{request: post, body: mapped(idp, protocol), status: 401, says: unauthorized},
		{request: post, body: mapped("nosuch", protocol), status: 404, says: "Could not find Identity Provider: nosuch."},
		{request: post, body: mapped(idp, "nosuch"), status: 404, says: "Could not find federated protocol nosuch for Identity Provider: " + idp + "."},

		{request: post, body: Rescoping("MINE", `{"system": {"all": true}}`), status: 500},

		{request: post, body: Rescoping("garbage", ""), status: 404, says: unrecognized},
		{request: post, body: Rescoping("xMINE", ""), status: 404, says: unrecognized},
		{request: post, body: Rescoping("CUT", ""), status: 404, says: unrecognized},
		{request: post, body: Rescoping("", ""), status: 404, says: "No token in the request"},
		{request: show, auth: "MINE", subject: "garbage", status: 404, says: unrecognized},
		{request: show, auth: "MINE", subject: "CUT", status: 404, says: unrecognized},
		{request: show, auth: "CUT", subject: "CUT", status: 401, says: unauthorized},
		{request: show, auth: "MINE", status: 403, says: forbidden + ": identity:validate_token."},
		{request: show, status: 401, says: unauthorized},
		{request: projects, status: 401, says: unauthorized},
		{request: catalog, status: 401, says: unauthorized},
		{request: catalog, auth: "MINE", status: 403, says: forbidden + "."}, // it has none

		// Revoking a token spares its parent and its siblings, and a parent's its children.
		{revoke: "SCOPED", request: post, body: Rescoping("SCOPED", ProjectScope(c.Mine)), status: 404, says: invalid},
		{request: show, auth: "SCOPED", subject: "SCOPED", status: dead},
		{request: show, auth: "MINE", subject: "SCOPED", status: 404, says: invalid},
		{request: projects, auth: "SCOPED", status: 401, says: unauthorized},
		{request: revoke, auth: "MINE", subject: "SCOPED", status: 404, says: invalid},
		{request: show, auth: "MINE", subject: "MINE", status: 200},
		{request: show, auth: "OTHER", subject: "OTHER", status: 200},
		{revoke: "MINE", request: show, auth: "OTHER", subject: "OTHER", status: 200},
		{request: post, body: Rescoping("OTHER", ProjectScope(c.Mine)), status: 201},
		{request: revoke, auth: "OTHER", subject: "OTHER", status: 204},
		{request: show, auth: "OTHER", subject: "OTHER", status: dead},
		{request: revoke, auth: "OTHER", subject: "OTHER", status: dead},
	}...)
	tokens := strings.NewReplacer("MINE", mine, "SCOPED", scoped, "OTHER", other, "CUT", mine[:len(mine)-1])
	for _, row := range rows {
		t.Run(row.request+" "+row.auth+" "+row.subject+" "+row.body, func(t *testing.T) {
			if row.revoke != "" {
				c.Revoke(t, tokens.Replace(row.revoke))
			}
			got := c.Ask(t, row.request, tokens.Replace(row.auth), tokens.Replace(row.subject), tokens.Replace(row.body))
			switch {
			case row.status == dead:
				got.isDead(t)
			case row.says != "":
				got.Says(t, row.status, row.says)
			default:
				got.Is(t, row.status)
			}
			if kind := got.Header.Get("Content-Type"); row.status == http.StatusInternalServerError && !strings.HasPrefix(kind, "text/html") {
				t.Errorf("got type %q of a failure, want text/html", kind)
			}
		})
	}
}

// tokens checks what Keystone says of the tokens of a sign-in, and by means of them.
func tokens(t *testing.T, c *Cloud) {
	c.Ask(t, "GET /", "", "", "").has(t, map[string]string{
		"versions.values.0.id": some, "versions.values.0.status": "stable", "versions.values.1": none,
		"versions.values.0.links.0.href": c.Options.IdentityEndpoint + "/",
	})
	mine := c.authenticate(t, c.options("", &websso.MemoryCache{})).Token()
	if !strings.HasPrefix(mine, "gAAAAA") {
		t.Error("got another kind of token, want a Fernet token")
	}
	unscoped := c.Ask(t, "GET /v3/auth/tokens", mine, mine, "")
	if echo := unscoped.Header.Get("X-Subject-Token"); echo != mine {
		t.Error("got another X-Subject-Token, want the token asked about")
	}
	const federation = "token.user.OS-FEDERATION."
	unscoped.has(t, map[string]string{
		"token.methods": "[" + c.Options.Protocol + "]", "token.audit_ids.0": some, "token.audit_ids.1": none,
		federation + "identity_provider.id": c.Options.IdentityProvider, federation + "protocol.id": c.Options.Protocol,
		"token.user.name": c.Browser.User, "token.user.id": some, "token.user.domain.name": some,
		"token.project": none, "token.roles": none, "token.catalog": none, "token.is_domain": none,
	})
	expires := unscoped.at(t, "token.expires_at")
	for _, scope := range []string{"", `"unscoped"`, `{"unscoped": {}}`} {
		again, _ := c.rescope(t, mine, scope)
		again.has(t, map[string]string{"token.project": none, "token.catalog": none, "token.expires_at": expires})
	}

	// Another scope adds a project and no time.
	after, scoped := c.rescope(t, mine, ProjectScope(c.Mine))
	after.has(t, map[string]string{
		"token.project.name": c.Mine, "token.project.domain.name": "Default", "token.roles.0.id": some, "token.is_domain": "false",
		"token.catalog.1.type": some, "token.user.id": unscoped.at(t, "token.user.id"), federation + "protocol.id": some,
		"token.expires_at": expires, "token.methods.1": some, "token.methods.2": none, "token.audit_ids.1": none,
	})
	if methods := after.at(t, "token.methods"); !strings.Contains(methods, "token") || !strings.Contains(methods, c.Options.Protocol) {
		t.Errorf("got methods %s, want token and %s", methods, c.Options.Protocol)
	}
	if after.at(t, "token.audit_ids.0") == unscoped.at(t, "token.audit_ids.0") || scoped == mine || scoped == "" {
		t.Error("got the same token or audit ID, want new ones")
	}
	c.Ask(t, "GET /v3/auth/tokens", scoped, scoped, "").has(t, map[string]string{"token.project.name": c.Mine, "token.catalog.0.type": some})
	byID, _ := c.rescope(t, mine, `{"project": {"id": "`+after.at(t, "token.project.id")+`"}}`)
	byID.has(t, map[string]string{"token.project.name": c.Mine})
	next, _ := c.rescope(t, scoped, ProjectScope(c.Other))
	next.has(t, map[string]string{"token.project.name": c.Other})

	projects := c.Ask(t, "GET /v3/auth/projects", mine, "", "")
	projects.has(t, map[string]string{
		"projects.0.id": some, "projects.0.domain_id": "default", "projects.0.enabled": "true",
		"links.self": c.Options.IdentityEndpoint + "/auth/projects",
	})
	var names []string
	for name := projects.at(t, "projects.0.name"); name != none; name = projects.at(t, fmt.Sprintf("projects.%d.name", len(names))) {
		names = append(names, name)
	}
	if !slices.Contains(names, c.Mine) || !slices.Contains(names, c.Other) || slices.Contains(names, c.NotMine) {
		t.Errorf("got projects %q, want %s and %s but not %s", names, c.Mine, c.Other, c.NotMine)
	}
	catalog := c.Ask(t, "GET /v3/auth/catalog", scoped, "", "")
	catalog.has(t, map[string]string{"catalog.1.type": some, "catalog.2": none})
	if kinds := catalog.at(t, "catalog.0.type") + catalog.at(t, "catalog.1.type"); kinds != "computeidentity" && kinds != "identitycompute" {
		t.Errorf("got services %s, want compute and identity", catalog.Text)
	}
	for _, service := range []string{"catalog.0.", "catalog.1."} {
		catalog.has(t, map[string]string{service + "name": some, service + "endpoints.3": none})
		for _, endpoint := range []string{"endpoints.0.", "endpoints.1.", "endpoints.2."} {
			for _, field := range []string{"id", "url", "interface", "region", "region_id"} {
				catalog.has(t, map[string]string{service + endpoint + field: some})
			}
		}
	}
}
