// Package websso is a WebSSO authenticator for gophercloud: it signs a person in
// to OpenStack through the browser, with the single sign-on and the second factor
// that their cloud's Horizon uses, and hands the result to a
// [gophercloud.ProviderClient].
//
// [AuthenticatedClient] is the shortest way in:
//
//	client, err := websso.AuthenticatedClient(ctx, websso.AuthOptions{
//		IdentityEndpoint: "https://identity.example.com/v3",
//		IdentityProvider: "acme",
//		Protocol:         "openid",
//		Scope:            &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"},
//	})
//
// [Authenticate] does the same for a client of the caller's own, whose transport,
// TLS settings and user agent then carry every request. Package
// [github.com/gophercloud-websso/websso/clouds] reads the options from a
// clouds.yaml, and package [github.com/gophercloud-websso/websso/webssotest] is
// a Keystone and a browser for tests.
//
// # What happens
//
// A token that an earlier run kept is used again, without a request as long as
// it is good for the scope asked for. Otherwise the browser opens, the person
// signs in as they do in Horizon, and Keystone posts an unscoped token to a
// listener on this machine's loopback addresses. The token counts only if it
// comes back through the tab that this sign-in opened; see SECURITY.md for how
// that is known and where it ends. It is then exchanged for one of the scope
// asked for, and both are kept for the next run, of this program or of any other
// that uses this package.
//
// # What the cloud needs
//
// WebSSO as Horizon has it, and one line in the [federation] section of
// keystone.conf, exactly as written, trailing slash included:
//
//	trusted_dashboard = http://localhost:9990/auth/websso/
//
// # What it writes
//
// Messages for the person go to [AuthOptions].Output, standard error by default;
// nothing ever goes to standard output. A token never appears in a message, an
// error or an address.
package websso
