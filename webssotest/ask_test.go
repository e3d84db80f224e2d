package webssotest_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/conformance"
	"github.com/gophercloud-websso/websso/webssotest"
)

// at asks a Keystone in the way of the suite that a real one passes, too.
func at(cloud *webssotest.Keystone) *conformance.Cloud {
	return &conformance.Cloud{Options: cloud.AuthOptions(), TLS: cloud.TLSConfig()}
}

// validate asks about a token with itself.
func validate(t *testing.T, cloud *webssotest.Keystone, token string) conformance.Answer {
	t.Helper()
	return at(cloud).Ask(t, "GET /v3/auth/tokens", token, token, "")
}

// rescope asks for a token with another one. scope is JSON, or "" for none.
func rescope(t *testing.T, cloud *webssotest.Keystone, token, scope string) conformance.Answer {
	t.Helper()
	return at(cloud).Ask(t, "POST /v3/auth/tokens", "", "", conformance.Rescoping(token, scope))
}

// newClient returns a client for the Keystone that is not signed in.
func newClient(t *testing.T, cloud *webssotest.Keystone) *gophercloud.ProviderClient {
	t.Helper()
	return at(cloud).NewClient(t, "test")
}

func browserOf(cloud *webssotest.Keystone, user, password string) *webssotest.Browser {
	return &webssotest.Browser{User: user, Password: password, TLS: cloud.TLSConfig(), Code: cloud.Terminal().Code}
}

// signIn signs a user in and returns the unscoped token.
func signIn(t *testing.T, cloud *webssotest.Keystone, user, password string) string {
	t.Helper()
	opts := cloud.AuthOptions()
	opts.OpenURL = browserOf(cloud, user, password).Open
	opts.Cache = &websso.MemoryCache{}
	opts.Scope = nil
	client := newClient(t, cloud)
	must(t, websso.Authenticate(t.Context(), client, opts))
	return client.Token()
}

func alice(t *testing.T, cloud *webssotest.Keystone) string {
	t.Helper()
	return signIn(t, cloud, "alice", "wonderland")
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
