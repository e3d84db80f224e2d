// Package conformance is a test suite that package webssotest's Keystone and a real
// one must both pass. It checks the answers that the sign-in relies on, and the
// sign-in itself. Because both pass it, a test against webssotest says something
// about real clouds.
//
// The suite uses only HTTP and the exported names of websso and gophercloud.
package conformance

import (
	"crypto/tls"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// Cloud describes the Keystone that the suite tests.
type Cloud struct {
	// Options hold the identity endpoint (with /v3), the identity provider, the
	// protocol, and a port that Keystone trusts. The suite sets all other fields.
	Options websso.AuthOptions

	TLS *tls.Config

	// Browser belongs to a user who can sign in and has not done so yet.
	Browser *webssotest.Browser

	// The user has a role on the projects Mine and Other, but not on NotMine. All
	// three are in the domain Default.
	Mine, Other, NotMine string

	// Revoke revokes a token as an administrator does.
	Revoke func(t *testing.T, token string)

	// Requests returns the requests to Keystone's API from the client with the given
	// user agent, in the form "GET /v3/auth/tokens".
	Requests func(t *testing.T, userAgent string) []string
}

// Run runs the suite. Each check gets its own Cloud, whose catalog must lead to a
// compute service that answers.
func Run(t *testing.T, newCloud func(*testing.T) *Cloud) {
	for _, check := range []struct {
		name string
		test func(*testing.T, *Cloud)
	}{
		{"versions", versions},
		{"malformed requests are 400", malformedRequests},
		{"unsupported methods are 401", unsupportedMethods},
		{"an unknown provider or protocol is 404", mappedAlone},

		{"an unscoped token says who signed in", unscopedToken},
		{"rescoping adds a project and no time", rescoping},
		{"an unscoped token makes unscoped ones", unscopedAgain},
		{"a scoped token scopes on", scopedOn},
		{"scopes that are not the user's are 401, all alike", foreignScopes},
		{"the system is 500 for a federated user", systemScope},
		{"malformed scopes are 400", badScopes},
		{"a garbage token is 404", garbage},
		{"a revoked token is 404 to rescope and dead to use", revoked},
		{"revoking a token spares its parent and children", revokedFamily},
		{"a token can revoke itself", revokesItself},
		{"the project list holds those with a role", projectList},
		{"only scoped tokens have a catalog", catalog},

		{"no origin is 400 in the browser", noOrigin},
		{"an untrusted origin is 401 in the browser", untrustedOrigin},
		{"an unknown identity provider is 404 in the browser", unknownProvider},
		{"an unknown protocol is 401 in the browser", unknownProtocol},

		{"sign-in", signIn},
		{"sign-in by protocol alone", signInByProtocol},
		{"a second run makes no request", secondRun},
		{"another project is one request", otherProject},
		{"a refused scope names the projects there are", scopeRefused},
		{"an unscoped client says that a scope is missing", unscopedClient},
		{"after a revocation, one new sign-in", revokedSignIn},
		{"non-interactive, sign-in is required", nonInteractive},
		{"forcing a new sign-in", forceLogin},
		{"signing out revokes the tokens", logout},
	} {
		t.Run(check.name, func(t *testing.T) { check.test(t, newCloud(t)) })
	}
}

// options returns options for the given project, the suite's browser and the given
// cache. With an empty project they have no scope.
func (c *Cloud) options(project string, cache websso.Cache) websso.AuthOptions {
	opts := c.Options
	opts.Scope = nil
	if project != "" {
		opts.Scope = &gophercloud.AuthScope{ProjectName: project, DomainName: "Default"}
	}
	opts.Cache = cache
	opts.OpenURL = c.Browser.Open
	opts.Output = new(webssotest.Terminal)
	return opts
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
