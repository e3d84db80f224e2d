package webssotest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestUsers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	before := len(cloud.Users())
	cloud.SetUser(webssotest.User{Name: "alice", Password: "new", Projects: []webssotest.Project{{Name: "vault"}}})
	cloud.SetUser(webssotest.User{Name: "dora", Password: "x"})
	users := cloud.Users()
	if len(users) != before+1 || users[0].Name != "alice" || users[0].Password != "new" || users[before].Name != "dora" {
		t.Errorf("got users %+v, want the new alice first and dora last", users)
	}
	// An existing project keeps its servers.
	if got, want := users[0].Projects[0], cloud.Project("vault"); got.ID != want.ID || got.Domain != "Default" || len(got.Servers) != 1 {
		t.Errorf("got project %+v, want %+v", got, want)
	}
	users[0].Projects[0].Name = "changed"
	if got := cloud.Users()[0].Projects[0].Name; got != "vault" {
		t.Errorf("got project %q after a change to what Users returned, want vault", got)
	}
	rescope(t, cloud, signIn(t, cloud, "alice", "new"), conformance.ProjectScope("demo")).Is(t, http.StatusUnauthorized)
}

func TestRequests(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	client := at(cloud).NewClient(t, "tool/1.0")
	must(t, websso.Authenticate(t.Context(), client, cloud.AuthOptions()))
	var methods []string
	for _, r := range cloud.APIRequests() {
		if !strings.HasPrefix(r.UserAgent, "tool/1.0 ") {
			continue
		}
		if r.Path == "/v3/auth/tokens" {
			methods = append(methods, r.Method)
		}
		if r.Browser || r.Status == 0 || r.Time.IsZero() {
			t.Errorf("got request %+v, want one of a program, answered, with its time", r)
		}
	}
	if got := strings.Join(methods, " "); got != "POST GET DELETE POST" {
		t.Errorf("got requests %s to /v3/auth/tokens, want POST GET DELETE POST", got)
	}
	all := cloud.Requests()
	if got := len(cloud.APIRequests()); len(all) <= got {
		t.Errorf("got %d requests of %d to the API, want those of the browser too", len(all), got)
	}
	for _, r := range all {
		for _, secret := range []string{client.Token(), "code=", "state=", "wonderland"} {
			if strings.Contains(r.String(), secret) {
				t.Errorf("got %s, want it without %s", r, secret)
			}
		}
	}
	if signIns, logins := cloud.SignIns(), cloud.Logins(); signIns != 1 || logins != 1 {
		t.Errorf("got %d sign-ins and %d logins, want one each", signIns, logins)
	}
	cloud.ResetRequests()
	if got := cloud.Requests(); len(got) != 0 {
		t.Errorf("got requests %v after ResetRequests, want none", got)
	}
}
