// Package webssotest is to package websso what net/http/httptest is to net/http: a
// Keystone that people sign in to through an identity provider, and a browser that
// signs them in.
//
// [NewKeystone] starts a cloud on loopback for the length of a test. Its AuthOptions
// are ready to use; a test of a tool that signs in is a dozen lines:
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
// A Keystone answers as a real one does, status by status, quirks included, and can
// be told to fail: see [Keystone.Configure]. What it leaves out is everything that a
// sign-in never asks for. A [Browser] does what a browser does between the address
// that it is given and the page that says who is signed in, and can be told to
// misbehave as browsers and people do.
//
// Nothing here is a security boundary: the passwords are known, and whoever reaches
// the loopback addresses can sign in.
package webssotest
