package websso

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/tab"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// DefaultRedirectPort is the port to which Keystone sends the browser back if
// [AuthOptions].RedirectPort is 0. The v3websso plugin of keystoneauth uses the same
// one, so that one trusted_dashboard line in the cloud's configuration serves both.
const DefaultRedirectPort = 9990

const (
	appearTimeout = time.Minute     // for the browser to appear after we opened it
	signInTimeout = 5 * time.Minute // for a user with a second factor
)

// AuthOptions says which cloud to sign in to, for which scope, and how to reach the
// user. IdentityEndpoint and Protocol are required. The zero value of every other field
// is a working default.
//
// Functions take a copy and never change what the fields point to.
type AuthOptions struct {
	// IdentityEndpoint is the URL of Keystone, which clouds.yaml calls auth_url: with
	// or without /v3, a trailing slash or a path prefix. If empty, the client's
	// endpoint is used. Setting a different one is an error.
	IdentityEndpoint string

	// IdentityProvider is Keystone's name for the identity provider. If empty, Keystone
	// picks one by the protocol, at /v3/auth/OS-FEDERATION/websso/{protocol}.
	IdentityProvider string

	// Protocol is Keystone's name for the federation protocol: "openid", "saml2",
	// "mapped" or another one that the operator chose.
	Protocol string

	// Scope is what the token gives access to. If it is nil or zero, the client stays
	// unscoped, which is enough to list the user's projects and little else. A project
	// name needs its domain.
	Scope *gophercloud.AuthScope

	// Username is a label that keeps the sign-ins of several accounts in one cloud apart, as
	// in keystoneauth 5.17's v3websso. Nothing checks it against the user who signs in. It is
	// sent with SwitchUser alone, as the name that an identity provider may suggest.
	Username string

	// AllowReauth lets the client open the browser again if the sign-in ends while
	// the program runs. Otherwise such a request fails with ErrLoginRequired. A
	// scoped token that ends before its sign-in is replaced either way.
	//
	// Requests that fail meanwhile share one sign-in, which goes on if the one that began
	// it is canceled. But gophercloud hands that one's error to those that wait in
	// [gophercloud.ProviderClient.Reauthenticate]: repeat them, and they wait for the same
	// sign-in.
	AllowReauth bool

	// RedirectHost is the host to which Keystone sends the browser back: "localhost"
	// if empty, or a loopback address. Keystone compares it exactly with its
	// trusted_dashboard.
	RedirectHost string

	// RedirectPort is the port to which Keystone sends the browser back; 0 means
	// DefaultRedirectPort.
	RedirectPort int

	// Timeout bounds a call with all that Keystone is asked, and before it the wait for the
	// sign-in of another program. After it comes ErrTimeout. 0 means 60 seconds for the
	// browser to appear, if one was opened, and then 5 minutes to sign in.
	Timeout time.Duration

	// NonInteractive forbids opening a browser. If one would be needed, the error is
	// ErrLoginRequired.
	NonInteractive bool

	// Unattended is for programs that others start again and again, maybe with nobody there.
	// If a browser that such a program opened for this sign-in is not answered, none opens
	// for ten minutes, or until the user signs in, signs out or cancels: the error is
	// ErrLoginRequired. That is remembered in the Cache.
	Unattended bool

	// ForceLogin ignores cached tokens and asks the user to sign in again. A sign-in that
	// another caller makes meanwhile counts. ForceLogin does not affect later
	// reauthentication. The sign-in that a new one replaces is revoked, and ends for every
	// program that still uses its tokens.
	ForceLogin bool

	// SwitchUser is ForceLogin to sign in as somebody else, so that what another caller makes
	// meanwhile does not count. If the browser is still signed in to the cloud, the page
	// names the user and offers to sign out first, which ends everything that uses the same
	// sign-in. If the cloud doesn't show how to do that, the page says how to use a private
	// window. With [Logout], SwitchUser opens the browser to sign out there, too.
	SwitchUser bool

	// Check asks Keystone whether a cached token is still valid before it is used, with
	// one request. One that is not valid is replaced. If Keystone can't be asked, its
	// error is returned.
	Check bool

	// MinValidity is how long the token must be valid; 0 means 2 minutes. One that is
	// not valid for so long is replaced, by a new sign-in if need be, and of any number
	// of callers one signs in. If the cloud's tokens never live so long, Output says so
	// once, and the new one is used until half of its life is over. If the new sign-in
	// fails, the cached one stays. MinValidity does not affect later reauthentication.
	MinValidity time.Duration

	// Cache keeps tokens between runs. If nil, the user's file cache is used, as
	// NewFileCache("") returns it. &MemoryCache{} leaves nothing on disk.
	Cache Cache

	// TLSFiles are the files from which the client's TLS settings come. Only their paths are
	// used: they are cached with a sign-in, so that a client for [Logout] can be made when
	// nothing else describes the cloud any more.
	TLSFiles TLSFiles

	// OpenURL shows a web page to the user. If nil, the command in $BROWSER is used,
	// then the system's default browser. It runs in a goroutine of its own, which nothing
	// waits for. Its error is reported on Output, with further lines that say what to do
	// instead, but does not fail the sign-in, because the URL has already been printed.
	OpenURL func(url string) error

	// Output is where messages for the user go; nil means os.Stderr. One call never
	// writes from two goroutines at once, but two calls may.
	Output io.Writer

	// Progress, if set, is called at each step of a sign-in through the browser, for a
	// window or a log. Calls never overlap, and none comes after the function has
	// returned; a later reauthentication has steps of its own. A call holds up the sign-in
	// until it returns or ctx is done. Output is written as well: io.Discard silences it.
	Progress func(Event)

	// ProgramName is what messages on Output begin with and what the pages in the browser
	// call the program. If empty, that is "websso" and "your program".
	ProgramName string

	// CloudName is what the pages in the browser call the cloud; empty means Keystone's
	// host. Package clouds sets it to the name in clouds.yaml.
	CloudName string
}

// AuthOptionsFromEnv reads AuthOptions from the OS_* environment variables, which an
// openrc file sets for openstackclient: OS_AUTH_URL and OS_PROTOCOL, which are required;
// OS_IDENTITY_PROVIDER, OS_USERNAME, OS_REDIRECT_HOST, OS_REDIRECT_PORT and
// OS_LOGIN_TIMEOUT (in seconds); and a scope from OS_PROJECT_ID or OS_PROJECT_NAME with
// OS_PROJECT_DOMAIN_ID or OS_PROJECT_DOMAIN_NAME, from OS_DOMAIN_ID or OS_DOMAIN_NAME,
// OS_TRUST_ID or OS_SYSTEM_SCOPE. OS_TENANT_ID and OS_TENANT_NAME are older names of the
// project, and OS_DOMAIN_ID or OS_DOMAIN_NAME beside a project names the project's
// domain. Other variables about users and passwords are ignored.
//
// It is an error if OS_AUTH_TYPE is neither empty nor v3websso, if a project name comes
// without its domain, or if two of project, domain and trust are named.
//
// OS_CACERT, OS_CERT, OS_KEY and OS_INSECURE have no effect: they are settings of the client
// that is passed to [Authenticate]. Package clouds reads them, and OS_CLOUD, OS_REGION_NAME
// and OS_INTERFACE as well.
func AuthOptionsFromEnv() (AuthOptions, error) {
	v := cloudconf.Env(os.LookupEnv).Values(cloudconf.Keys)
	if authType, ok := v["auth_type"]; ok && authType.Text != cloudconf.AuthType {
		return AuthOptions{}, fmt.Errorf("websso: OS_AUTH_TYPE is %s, but only %s is supported here: unset it, or read the environment with package clouds, which supports every type",
			terminal.Printable(strconv.Quote(authType.Text)), cloudconf.AuthType)
	}
	read, err := v.SignIn("", nil)
	if err != nil {
		return AuthOptions{}, err
	}
	return AuthOptions{
		IdentityEndpoint: read.AuthURL,
		IdentityProvider: read.IdentityProvider,
		Protocol:         read.Protocol,
		Username:         read.Username,
		Timeout:          read.LoginTimeout,
		Scope:            read.Scope,
		RedirectHost:     read.RedirectHost,
		RedirectPort:     read.RedirectPort,
	}, nil
}

// settings is AuthOptions, checked, with the defaults filled in and each value in its
// one spelling.
type settings struct {
	listing                       // Endpoint is https://host[:port][/prefix]/v3
	scope   gophercloud.AuthScope // zero: unscoped

	host string // the redirect host as it stands in a URL
	port int

	appear, signIn time.Duration // appear is 0 if one limit covers both

	program string // for messages and pages; "" if it has no name
	cloud   string // for pages; "" if it has no name
}

func (o AuthOptions) cache() Cache {
	if o.Cache == nil {
		return userCache()
	}
	return o.Cache
}

// settings checks the options. What is wrong with them is an error before any request
// is made.
func (o AuthOptions) settings() (settings, error) {
	s := settings{
		listing: listing{IdentityProvider: o.IdentityProvider, Protocol: o.Protocol, Username: o.Username, TLSFiles: o.TLSFiles},
		port:    cmp.Or(o.RedirectPort, DefaultRedirectPort), appear: appearTimeout, signIn: signInTimeout,
		program: terminal.Printable(o.ProgramName), cloud: terminal.Printable(o.CloudName),
	}
	if o.Scope != nil {
		s.scope = *o.Scope
	}
	if o.Timeout != 0 {
		s.appear, s.signIn = 0, o.Timeout
	}
	// A browser takes these for steps in the path, escaped or not (WHATWG URL,
	// "double-dot URL path segment"), so no address can contain such a name.
	isStep := func(name string) bool { return name == "." || name == ".." }
	var endpointErr, hostErr error
	s.Endpoint, endpointErr = keystone.ParseEndpoint(o.IdentityEndpoint)
	s.host, hostErr = loopback.Host(o.RedirectHost)
	scopeErr := keystone.CheckScope(s.scope)
	switch {
	case endpointErr != nil:
		return settings{}, endpointErr
	case o.Protocol == "":
		return settings{}, mistake(nil, words{"no protocol"}, words{"set ", cloudconf.Protocol, " to Keystone's name for the federation protocol, such as openid or saml2"})
	case isStep(o.Protocol), isStep(o.IdentityProvider):
		return settings{}, mistake(nil, words{". and .. can't be the ", cloudconf.IdentityProvider, " or ", cloudconf.Protocol}, words{"use a name that browsers keep in an address"})
	case !utf8.ValidString(o.Username): // the list of sign-ins is JSON
		return settings{}, mistake(nil, words{cloudconf.Username, " is not valid UTF-8"}, words{"use another label"})
	case scopeErr != nil:
		return settings{}, scopeErr
	case hostErr != nil:
		return settings{}, mistake(nil, words{cloudconf.RedirectHost, " ", hostErr}, words{"use localhost, 127.0.0.1 or ::1"})
	case s.port < 1 || s.port > 65535:
		return settings{}, mistake(nil, words{"invalid ", cloudconf.RedirectPort, " ", s.port}, words{"use one from 1 to 65535 that Keystone trusts"})
	case o.MinValidity < 0:
		return settings{}, fmt.Errorf("websso: negative MinValidity %s: leave it 0 for the default", o.MinValidity)
	case o.Timeout < 0:
		return settings{}, mistake(nil, words{"negative ", cloudconf.LoginTimeout, " ", o.Timeout}, words{"leave it 0 for the default"})
	}
	return s, nil
}

type words = cloudconf.Text

// mistake returns the error for a setting that can't be right, or did not work because of err.
func mistake(err error, problem, advice words) error {
	return &cloudconf.SettingError{Problem: problem, Advice: advice, Err: err}
}

// callbackURL returns what Keystone must trust, compared exactly.
func (s settings) callbackURL() string { return tab.Origin(s.host, s.port) + tab.Path }

// start returns where a sign-in begins that ends at callbackURL.
func (s settings) start() keystone.Start {
	return keystone.Start{IdentityProvider: s.IdentityProvider, Protocol: s.Protocol, Origin: s.callbackURL()}
}

// bound returns a context that ends with the caller's limit, if they set one. That covers
// what Keystone is asked before and after the user is at the browser, too.
func (s settings) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.appear > 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, s.signIn, errLate)
}
