// Package conformance is one suite of tests for two Keystones: the one of package
// webssotest, and a real one. What it says of Keystone is what the sign-in is built
// on; that both pass it is what makes tests against the former worth something.
//
// It knows no more than HTTP and the public names of websso and gophercloud.
package conformance

import (
	"crypto/tls"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// Cloud is what the suite is told about a Keystone.
type Cloud struct {
	// Options name the identity endpoint (with /v3), identity provider and protocol,
	// and a port that Keystone trusts. What else there is in them, the suite sets.
	Options websso.AuthOptions

	TLS *tls.Config

	// Browser is that of a person who can sign in, and who has not yet.
	Browser *webssotest.Browser

	// The person has a role on the projects Mine and Other, and none on NotMine. All
	// of them are in the domain Default.
	Mine, Other, NotMine string

	// Revoke ends a token as an administrator does.
	Revoke func(t *testing.T, token string)

	// Requests are those that a client with that user agent made to Keystone's API, as
	// "GET /v3/auth/tokens".
	Requests func(t *testing.T, userAgent string) []string
}

// Run runs the suite, with a Cloud of its own for each conformance. That of each has to
// reach a compute service through the catalog of a project.
func Run(t *testing.T, newCloud func(*testing.T) *Cloud) {
	for _, b := range []struct {
		name string
		test func(*testing.T, *Cloud)
	}{
		{"versions", versions},
		{"malformed requests are 400", malformedRequests},
		{"unsupported methods are 401", unsupportedMethods},

		{"an unscoped token says who signed in", unscopedToken},
		{"rescoping adds a project and no time", rescoping},
		{"an unscoped token makes unscoped ones", unscopedAgain},
		{"a scoped token scopes on", scopedOn},
		{"scopes that are not the person's are 401, all alike", foreignScopes},
		{"the system is 500 for a federated user", systemScope},
		{"scopes that are none are 400", badScopes},
		{"garbage is 404", garbage},
		{"a revoked token is 404 to rescope and 401 to use", revoked},
		{"revoking spares parents and children", revokedFamily},
		{"a token revokes itself", revokesItself},
		{"projects are those with a role", projectList},
		{"the catalog is for scoped tokens", catalog},

		{"no origin is 400 in the browser", noOrigin},
		{"an untrusted origin is 401 in the browser", untrustedOrigin},
		{"an unknown identity provider is 404 in the browser", unknownProvider},
		{"an unknown protocol is 401 in the browser", unknownProtocol},

		{"sign-in", signIn},
		{"sign-in by protocol alone", signInByProtocol},
		{"a second run asks nobody", secondRun},
		{"another project is one request", otherProject},
		{"a scope refused names those there are", scopeRefused},
		{"an unscoped client says what it lacks", unscopedClient},
		{"a revoked sign-in is made anew, once", revokedSignIn},
		{"without a person, sign-in is required", nonInteractive},
		{"signing in anew", forceLogin},
		{"signing out revokes", logout},
	} {
		t.Run(b.name, func(t *testing.T) { b.test(t, newCloud(t)) })
	}
}

// options are those for a project, with the suite's browser and no cache but cache.
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
