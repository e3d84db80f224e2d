package websso

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// DefaultRedirectPort is the port that Keystone sends the browser back to where
// [AuthOptions].RedirectPort is 0. It is the one that keystoneauth's v3websso
// plugin uses, so that a cloud's one trusted_dashboard line serves both.
const DefaultRedirectPort = 9990

// AuthOptions says which cloud to sign in to, for which scope, and how to reach
// the person. IdentityEndpoint and Protocol are required; the zero value of every
// other field is a working default.
//
// Functions take a copy and never change what the fields point to.
type AuthOptions struct {
	// IdentityEndpoint is the URL of Keystone, the auth_url of a clouds.yaml: with
	// or without /v3, with or without a trailing slash, below a path or not. Where
	// it is empty, the client's is used; one that differs from the client's is an
	// error.
	IdentityEndpoint string

	// IdentityProvider is the name that Keystone has for the identity provider.
	// Where it is empty, Keystone picks one by the protocol alone, at
	// /v3/auth/OS-FEDERATION/websso/{protocol}.
	IdentityProvider string

	// Protocol is Keystone's name for the federation protocol: "openid", "saml2",
	// "mapped" or what the operator chose.
	Protocol string

	// Scope is what the token should be good for. Nil, or a pointer to a zero
	// AuthScope, leaves the client unscoped: it can list the person's projects and
	// not much else. A project's name needs the domain it lies in.
	Scope *gophercloud.AuthScope

	// AllowReauth lets the client open the browser again when the sign-in ends
	// while the program runs. Without it such a request fails with
	// ErrLoginRequired. A scoped token that ends before its sign-in is replaced
	// either way.
	AllowReauth bool

	// RedirectHost is where Keystone sends the browser back to: "localhost" where
	// it is empty, or a loopback address. Keystone compares it letter by letter
	// with its trusted_dashboard.
	RedirectHost string

	// RedirectPort is the port that goes with RedirectHost; 0 means
	// DefaultRedirectPort.
	RedirectPort int

	// Timeout bounds the wait for the person, and the wait for another program's
	// sign-in before it. 0 means 60 seconds for the browser to appear, where one
	// was opened, and then 5 minutes to sign in. After it comes ErrTimeout.
	Timeout time.Duration

	// NonInteractive forbids the browser: where only a person could go on, the
	// answer is ErrLoginRequired at once.
	NonInteractive bool

	// ForceLogin makes this call sign in anew, whatever is kept. It does not
	// concern later reauthentication.
	ForceLogin bool

	// Cache keeps tokens between runs. Nil means the user's file cache, as
	// NewFileCache("") gives; &MemoryCache{} leaves nothing on disk.
	Cache Cache

	// OpenURL shows the person a web page. Nil means the command in $BROWSER, then
	// the system's default browser. It may return at once or when the browser
	// ends, and an error of its is only reported: the URL has been printed by then.
	// It runs in a goroutine of its own, which nothing waits for.
	OpenURL func(url string) error

	// Output is where messages for the person go; nil means os.Stderr. Writes to
	// it are not made by two goroutines at once within one call, but two calls may
	// write at the same time.
	Output io.Writer
}

// Authenticate signs client in to the cloud that opts names, and installs a
// token, its auth result, an endpoint locator and a ReauthFunc on it.
//
// It makes no request while a kept token of that scope is good for two more
// minutes, one while the person's sign-in is, and opens a browser otherwise. Any
// number of goroutines and processes may call it at once: one browser tab serves
// them all.
//
// Errors to branch on are ErrLoginRequired, ErrTimeout, ErrPortInUse and ErrScope.
// What gophercloud reports stays within reach of [errors.As]. Cancelling ctx ends
// the call at once; ctx does not outlive it.
//
// The caller must not use client from other goroutines during the call. Afterwards
// it is as safe as gophercloud makes it (see [gophercloud.ProviderClient.UseTokenLock];
// [openstack.NewClient] does that).
func Authenticate(ctx context.Context, client *gophercloud.ProviderClient, opts AuthOptions) error {
	s, err := newSession(client, opts)
	if err != nil {
		return err
	}
	g, err := s.authenticate(ctx, opts.ForceLogin, opts.NonInteractive)
	if err != nil {
		return err
	}
	return s.install(client, g, opts.AllowReauth && !opts.NonInteractive)
}

// AuthenticatedClient makes a client for opts.IdentityEndpoint and signs it in, as
// [Authenticate] does. To bring TLS settings, a proxy or a user agent, make the
// client with [openstack.NewClient] and use Authenticate.
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

// SignIn says who is signed in to a cloud.
type SignIn struct {
	UserID, UserName, UserDomain string
	IdentityProvider, Protocol   string

	// ExpiresAt is when the sign-in and every token that comes from it end.
	ExpiresAt time.Time

	// Scopes are those with a kept token.
	Scopes []gophercloud.AuthScope
}

// Status says who is signed in to the cloud that opts names, from the cache alone:
// it makes no request, so a token that was revoked since still counts. The error
// is ErrLoginRequired where nobody is.
func Status(opts AuthOptions) (*SignIn, error) {
	set, err := opts.settings()
	if err != nil {
		return nil, err
	}
	out := newOutput(opts.Output)
	// Without a client nothing says whether its certificate checks are on: the
	// sign-in of those that verify comes first.
	for _, unverified := range []bool{false, true} {
		st := newStore(opts.cache(), set, unverified, out.warner(opts.cache()))
		e, ok := st.signIn()
		if !ok || !e.usable() {
			continue
		}
		h := e.grant().holder()
		return &SignIn{
			UserID: h.userID, UserName: h.userName, UserDomain: h.userDomain,
			IdentityProvider: h.idp, Protocol: h.protocol,
			ExpiresAt: e.Expires,
			Scopes:    st.keptScopes(e),
		}, nil
	}
	return nil, fmt.Errorf("websso: nobody is signed in to %s: %w", set.endpoint, ErrLoginRequired)
}

// Logout ends the sign-in to the cloud that opts names: it revokes every kept token
// of it at Keystone, through client, and forgets them. Where Keystone can't be
// reached the tokens are forgotten all the same, and the error says how many were
// not revoked. It is no error that nobody was signed in. The client has no token
// afterwards, and does not get itself one.
func Logout(ctx context.Context, client *gophercloud.ProviderClient, opts AuthOptions) error {
	s, err := newSession(client, opts)
	if err != nil {
		return err
	}
	kept, forgetErr := s.store.clear(ctx)
	if own := client.Token(); own != "" && !slices.Contains(kept, own) {
		kept = append(kept, own)
	}
	// Keystone leaves the scoped tokens of a revoked one alive, and the other way
	// round: each has to be named.
	var failed []error
	for _, token := range kept {
		if err := s.keystone.revoke(ctx, token); err != nil {
			failed = append(failed, err)
		}
	}
	client.ReauthFunc = nil
	_ = client.SetTokenAndAuthResult(nil) // only a result could make it fail
	if len(failed) > 0 {
		failed = []error{fmt.Errorf("websso: signed out here, but %d of %d tokens could not be revoked at Keystone and are good until they expire: %w", len(failed), len(kept), errors.Join(failed...))}
	}
	return errors.Join(forgetErr, errors.Join(failed...))
}
