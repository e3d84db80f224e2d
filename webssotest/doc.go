// Package webssotest is to package websso what net/http/httptest is to net/http: a
// Keystone to sign in to, and a browser that does the signing in.
//
// [NewKeystone] starts a cloud on loopback for the duration of a test. Its AuthOptions
// are ready to use, so the test of a tool that signs in takes a dozen lines:
//
//	func TestServers(t *testing.T) {
//		cloud := webssotest.NewKeystone(t)
//		client, err := websso.AuthenticatedClient(t.Context(), cloud.AuthOptions())
//		if err != nil {
//			t.Fatal(err)
//		}
//		…
//	}
//
// A Keystone answers as a real one does: the same status codes, messages and quirks
// for everything that a sign-in asks, and 404 for the rest. [Keystone.Configure] makes
// it fail. A [Browser] does what a browser does between the address that it is given
// and the page that says who signed in; it can be closed or misled on the way.
//
// A sign-in with AuthOptions leaves no files behind: its tokens are cached in memory. While
// it runs, it has its lock files in the user's cache directory, as every sign-in does.
//
// Nothing here is secure: the passwords are public, and whoever can connect to the
// loopback addresses can sign in.
//
// # What stays
//
// New versions keep these names, which are what the test of a tool needs: [NewKeystone] and
// [NewTLSKeystone]; of a [Keystone] the methods [Keystone.AuthOptions],
// [Keystone.ApplyTo], [Keystone.CloudsYAML], [Keystone.TLSConfig], [Keystone.Browser],
// [Keystone.Configure], [Keystone.RevokeAll], [Keystone.APIRequests] and
// [Keystone.SignIns]; of its [Config] the fields [Config.TokenLifetime] and
// [Config.ClockSkew]. The others are steadier than they have to be, but a version before
// 1.0 may change them without a word, and any version the [Quirks].
package webssotest
