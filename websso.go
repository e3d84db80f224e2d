// Package websso is a WebSSO authenticator for gophercloud. It signs a user in to
// OpenStack through the browser, with the single sign-on and the second factor that
// their cloud's Horizon uses, and hands the result to a [gophercloud.ProviderClient].
//
// [AuthenticatedClient] is the shortest way:
//
//	client, err := websso.AuthenticatedClient(ctx, websso.AuthOptions{
//		IdentityEndpoint: "https://identity.example.com/v3",
//		IdentityProvider: "acme",
//		Protocol:         "openid",
//		Scope:            &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"},
//	})
//
// [Authenticate] does the same for a client of your own, whose transport, TLS settings
// and user agent then carry every request. Package
// [github.com/gophercloud-websso/websso/clouds] reads the options from a clouds.yaml.
// Package [github.com/gophercloud-websso/websso/webssotest] is a Keystone and a browser
// for tests.
//
// # How a sign-in works
//
// The browser opens, the user signs in as they do in Horizon, and Keystone posts an
// unscoped token to a listener on this computer's loopback addresses. It counts only if it
// comes back through the tab that this sign-in opened: SECURITY.md says how that is known
// and what its limits are. The token is exchanged for one of the scope, and both are cached
// for the next run of any program that uses this package.
//
// # What the cloud needs
//
// WebSSO, as for Horizon, and this line in the [federation] section of keystone.conf,
// exactly as written, trailing slash included:
//
//	trusted_dashboard = http://localhost:9990/auth/websso/
//
// # What it writes
//
// Messages for the user go to [AuthOptions].Output, which is standard error by default, and
// nothing to standard output. A token never appears in a message, an error or an address.
//
// # Compatibility
//
// Later versions keep the exported names of this module's packages (of webssotest, those
// that it lists), the keys and variables that are read, and the cache: what one version
// cached, another one reads or ignores. Structs may gain fields, so name the fields of
// literals. Texts may change: check errors with [errors.Is]. Before version 1, an
// incompatible change raises the minor version, and CHANGELOG.md says so.
package websso

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Authenticate signs client in to the cloud that opts names. It installs a token, its
// auth result, an endpoint locator and a ReauthFunc.
//
//  1. It checks opts. A mistake is an error before any request.
//  2. If a cached token for the scope is valid for two more minutes, it is used. No
//     request is made. [AuthOptions].Check and MinValidity ask for more.
//  3. If the user's sign-in is cached, it is rescoped with one request. If Keystone no
//     longer knows the sign-in, it is forgotten. If the scope is not the user's, the
//     error is ErrScope and names the projects that are.
//  4. Otherwise a browser opens, unless NonInteractive forbids it: ErrLoginRequired. Any
//     number of goroutines and processes share one browser tab, and what it brings.
//  5. Keystone is asked whose token came back, and for which identity provider and
//     protocol. The token is cached and rescoped.
//
// Check errors for [ErrLoginRequired], [ErrTimeout], [ErrPortInUse] and [ErrScope].
// gophercloud's errors stay available to [errors.As]. Canceling ctx ends the call at
// once. Nothing uses ctx after the call has returned.
//
// Other goroutines must not use client during the call. Afterwards it is as safe as
// gophercloud makes it (see [gophercloud.ProviderClient.UseTokenLock]).
func Authenticate(ctx context.Context, client *gophercloud.ProviderClient, opts AuthOptions) error {
	s, err := newSession(client, opts)
	if err != nil {
		return err
	}
	defer s.output.Wait()
	token, err := s.authenticate(ctx, opts.need())
	if err != nil {
		return err
	}
	if was := userOf(client); was.ID != "" && was.ID != token.User().ID {
		s.output.Say(ctx, "this program was signed in to %s as %s, and is now as %s", terminal.Printable(s.conf.Endpoint), was, token.User())
	}
	return s.install(client, token, opts.AllowReauth && !opts.NonInteractive)
}

// AuthenticatedClient makes a client for opts.IdentityEndpoint and signs it in like
// [Authenticate]. To set TLS options, a proxy or a user agent, make the client with
// [openstack.NewClient] and call Authenticate.
func AuthenticatedClient(ctx context.Context, opts AuthOptions) (*gophercloud.ProviderClient, error) {
	if _, err := opts.settings(); err != nil {
		return nil, err
	}
	client, err := openstack.NewClient(opts.IdentityEndpoint)
	if err != nil {
		return nil, fmt.Errorf("websso: %w", err)
	}
	if err := Authenticate(ctx, client, opts); err != nil {
		return nil, err
	}
	return client, nil
}

// Status says who is signed in to the cloud that opts names. It reads the cache and
// makes no request, so a token that was revoked meanwhile still counts. If nobody is
// signed in, the error is [ErrLoginRequired]. If the cache can't be read, it is the
// cache's error.
func Status(opts AuthOptions) (*SignIn, error) {
	conf, err := opts.settings()
	if err != nil {
		return nil, err
	}
	// Without a client nothing tells whether certificates are checked.
	for _, st := range bothStores(opts, conf, terminal.NewOutput(opts.Output, conf.program)) {
		e, err := st.signIn(context.Background())
		if err != nil {
			return nil, err
		}
		if !e.usable() {
			continue
		}
		st.relist(context.Background(), e)
		return st.describe(context.Background(), e), nil
	}
	return nil, fmt.Errorf("websso: nobody is signed in to %s: %w", terminal.Printable(conf.Endpoint), ErrLoginRequired)
}

// Logout ends the sign-in to the cloud that opts names. It forgets every cached token of
// the sign-in and revokes them at Keystone, through client. If Keystone can't be reached,
// the tokens are forgotten all the same, and the error says how many were not revoked.
// Logout succeeds if nobody is signed in. Afterwards client has no token and does not get
// one by itself.
func Logout(ctx context.Context, client *gophercloud.ProviderClient, opts AuthOptions) error {
	s, err := newSession(client, opts)
	if err != nil {
		return err
	}
	defer s.output.Wait()
	ctx, cancel := s.conf.bound(ctx)
	defer cancel()
	var tokens []entry
	var forgetErr error
	for _, st := range bothStores(opts, s.conf, s.output) {
		st.answered()
		cached, err := st.clear(ctx)
		tokens, forgetErr = append(tokens, cached...), errors.Join(forgetErr, err)
	}
	if own := client.Token(); own != "" && !slices.ContainsFunc(tokens, func(e entry) bool { return e.Token == own }) {
		tokens = append(tokens, entry{Token: own})
	}
	client.ReauthFunc = nil
	_ = client.SetTokenAndAuthResult(nil) // only a result can make it fail
	revokeErr := s.revoke(ctx, tokens, keystone.RequestTimeout, "signed out here, but ")
	if opts.SwitchUser {
		s.signOutBrowser(ctx)
	}
	return errors.Join(forgetErr, revokeErr)
}
