package webssotest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestVersions asks beside the addresses of internal/conformance.
func TestVersions(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	for path, want := range map[string]int{
		"/identity": 300, "/identity/": 300, "/identity/v3": 200, "/identity/v3/": 200,
		"/compute/": 200, "/compute/v2.1/": 200,
		"/v3/users": 404, "/v3/auth": 404, "/compute/v2.1/flavors": 404, "/identity/v2.0": 404,
	} {
		at(cloud).Ask(t, "GET "+path, "", "", "").Is(t, want)
	}
	got := at(cloud).Ask(t, "GET /identity/v3", "", "", "")
	if want := `"links":[{"href":"` + cloud.URL() + `/identity/v3/","rel":"self"}]`; !strings.Contains(got.Text, want) {
		t.Errorf("got %s, want %s in it", got.Text, want)
	}
}

func TestOtherAnswersAboutTokens(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	cloud.Configure(func(c *webssotest.Config) { c.Quirks.OmitSubjectToken, c.Quirks.Validate203 = true, true })
	got := validate(t, cloud, token)
	got.Is(t, http.StatusNonAuthoritativeInfo)
	if echo := got.Header.Get("X-Subject-Token"); echo != "" {
		t.Errorf("got X-Subject-Token %q with OmitSubjectToken, want none", echo)
	}
}

func TestWrongCredentials(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	const id = "c0ffee00c0ffee00c0ffee00c0ffee00" // admin's, as CloudsYAML has it
	credential := func(id, secret, scope string) string {
		return fmt.Sprintf(`"methods": ["application_credential"], "application_credential": {"id": %q, "secret": %q}}%s`, id, secret, scope)
	}
	for want, bodies := range map[int][]string{
		http.StatusCreated: {credential(id, "application-secret", "")},
		http.StatusUnauthorized: {
			`"methods": ["password"], "password": {"user": {"name": "admin", "password": "Secret", "domain": {"name": "Default"}}}}`,
			credential(id, "x", ""),
			credential(id, "application-secret", `, "scope": `+conformance.ProjectScope("demo")),
		},
		http.StatusNotFound: {credential("x", "application-secret", "")},
	} {
		for _, body := range bodies {
			at(cloud).Ask(t, "POST /v3/auth/tokens", "", "", `{"auth": {"identity": {`+body+`}}`).Is(t, want)
		}
	}
}
