package websso

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

const (
	appearTimeout = time.Minute     // for a browser that we opened to show up
	signInTimeout = 5 * time.Minute // for a person with a second factor
)

// callbackPath is where Keystone posts the token, below the redirect host and
// port. Keystone compares all of it with its trusted_dashboard, the slash at the
// end included.
const callbackPath = "/auth/websso/"

// settings is AuthOptions, checked, with the defaults filled in and each value
// in its one spelling.
type settings struct {
	endpoint string // https://host[:port][/prefix]/v3
	idp      string
	protocol string
	scope    gophercloud.AuthScope // zero: unscoped

	host string // the redirect host as it stands in a URL
	port int

	appear, signIn time.Duration // 0: no limit of its own
}

func (o AuthOptions) cache() Cache {
	if o.Cache == nil {
		return userCache()
	}
	return o.Cache
}

func (o AuthOptions) settings() (settings, error) {
	s := settings{idp: o.IdentityProvider, protocol: o.Protocol, port: o.RedirectPort}
	var err error
	if s.endpoint, err = parseEndpoint(o.IdentityEndpoint); err != nil {
		return settings{}, err
	}
	if o.Protocol == "" {
		return settings{}, errors.New("websso: no protocol: set Protocol (OS_PROTOCOL) to Keystone's name for the federation protocol, such as openid or saml2")
	}
	// A browser takes these for steps in the path, escaped or not (WHATWG URL,
	// "double-dot path segment"), so no address can carry such a name.
	for _, name := range []string{o.IdentityProvider, o.Protocol} {
		if name == "." || name == ".." {
			return settings{}, fmt.Errorf("websso: %q can't be the name of an identity provider or protocol: no browser would keep it in an address", name)
		}
	}
	if o.Scope != nil {
		s.scope = *o.Scope
	}
	if err := checkScope(s.scope); err != nil {
		return settings{}, err
	}
	if s.host, err = redirectHost(o.RedirectHost); err != nil {
		return settings{}, err
	}
	if s.port == 0 {
		s.port = DefaultRedirectPort
	}
	if s.port < 1 || s.port > 65535 {
		return settings{}, fmt.Errorf("websso: redirect port %d is none: use one from 1 to 65535 that Keystone trusts", s.port)
	}
	switch {
	case o.Timeout < 0:
		return settings{}, fmt.Errorf("websso: the timeout %s is negative: leave it 0 for the default", o.Timeout)
	case o.Timeout == 0:
		s.appear, s.signIn = appearTimeout, signInTimeout
	default:
		s.signIn = o.Timeout
	}
	return s, nil
}

// origin is where the listener is, as a browser names it.
func (s settings) origin() string {
	return "http://" + s.host + ":" + strconv.Itoa(s.port)
}

// callbackURL is what Keystone must trust, letter by letter.
func (s settings) callbackURL() string { return s.origin() + callbackPath }

// webssoPath names the cloud, the identity provider and the protocol, each of them
// escaped, so that no two sign-ins share one.
func (s settings) webssoPath() string {
	base := s.endpoint + "/auth/OS-FEDERATION/"
	if s.idp == "" {
		return base + "websso/" + url.PathEscape(s.protocol)
	}
	return base + "identity_providers/" + url.PathEscape(s.idp) + "/protocols/" + url.PathEscape(s.protocol) + "/websso"
}

// webssoURL is where Keystone begins a sign-in that ends at callbackURL.
func (s settings) webssoURL() string {
	return s.webssoPath() + "?" + url.Values{"origin": {s.callbackURL()}}.Encode()
}

// wait is how long another program's sign-in may take before ours.
func (s settings) wait() time.Duration { return s.appear + s.signIn }

func parseEndpoint(endpoint string) (string, error) {
	if endpoint == "" {
		return "", errors.New("websso: no identity endpoint: set IdentityEndpoint (OS_AUTH_URL) to the URL of Keystone")
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", fmt.Errorf("websso: the identity endpoint %s is no URL: give one such as https://identity.example.com/v3", printable(strconv.Quote(endpoint)))
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return "", fmt.Errorf("websso: the identity endpoint %s is no http or https URL: give one such as https://identity.example.com/v3", printable(strconv.Quote(endpoint)))
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("websso: the identity endpoint has a user, a query or a fragment: give scheme, host and path alone")
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/v3"), "/")
	return u.Scheme + "://" + host + path + "/v3", nil
}

// checkScope refuses a scope that Keystone could not read, or that names several
// targets of which gophercloud would silently take one.
func checkScope(scope gophercloud.AuthScope) error {
	targets := 0
	for _, set := range []bool{
		scope.System,
		scope.TrustID != "",
		scope.ProjectID != "" || scope.ProjectName != "",
		scope.ProjectID == "" && scope.ProjectName == "" && (scope.DomainID != "" || scope.DomainName != ""),
	} {
		if set {
			targets++
		}
	}
	if targets > 1 {
		return errors.New("websso: the scope names several targets: pick one of project, domain, trust and system")
	}
	if scope.ProjectName != "" && scope.ProjectID == "" && scope.DomainID == "" && scope.DomainName == "" {
		return fmt.Errorf("websso: the scope names project %q without its domain: set Scope.DomainName or Scope.DomainID", scope.ProjectName)
	}
	if _, err := (&gophercloud.AuthOptions{Scope: &scope}).ToTokenV3ScopeMap(); err != nil {
		return fmt.Errorf("websso: the scope is not usable: %w", err)
	}
	return nil
}

// scopeKey spells a scope in one way.
func scopeKey(scope gophercloud.AuthScope) string {
	v := url.Values{}
	for name, value := range map[string]string{
		"project_id": scope.ProjectID, "project_name": scope.ProjectName,
		"domain_id": scope.DomainID, "domain_name": scope.DomainName,
		"trust_id": scope.TrustID,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if scope.System {
		v.Set("system", "all")
	}
	return v.Encode()
}

// describeScope names a scope in a message.
func describeScope(scope gophercloud.AuthScope) string {
	domain := scope.DomainName
	if domain == "" {
		domain = scope.DomainID
	}
	switch {
	case scope.System:
		return "the system"
	case scope.TrustID != "":
		return "trust " + strconv.Quote(scope.TrustID)
	case scope.ProjectID != "":
		return "project " + strconv.Quote(scope.ProjectID)
	case scope.ProjectName != "":
		return "project " + strconv.Quote(scope.ProjectName) + " in domain " + strconv.Quote(domain)
	default:
		return "domain " + strconv.Quote(domain)
	}
}

func redirectHost(host string) (string, error) {
	if host == "" || strings.EqualFold(host, "localhost") {
		return "localhost", nil
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if err != nil || !addr.IsLoopback() || addr.Is4In6() || addr.Zone() != "" {
		return "", fmt.Errorf("websso: redirect host %q is not this machine's own: use localhost, 127.0.0.1 or ::1", host)
	}
	if addr.Is6() {
		return "[" + addr.String() + "]", nil
	}
	return addr.String(), nil
}

// isLoopbackName tells whether a host, as it stands in a URL, is always this
// machine. Browsers resolve localhost themselves (RFC 6761, 6.3).
func isLoopbackName(host string) bool {
	_, err := redirectHost(host)
	return err == nil && host != ""
}

// matchEndpoint settles where Keystone is, between the options and the client.
func (o AuthOptions) matchEndpoint(client *gophercloud.ProviderClient) (AuthOptions, error) {
	if client == nil {
		return o, errors.New("websso: the client is nil: make one with openstack.NewClient, or use AuthenticatedClient")
	}
	own := client.IdentityEndpoint
	if own == "" {
		own = client.IdentityBase
	}
	switch {
	case o.IdentityEndpoint == "":
		o.IdentityEndpoint = own
	case own != "":
		a, err := parseEndpoint(o.IdentityEndpoint)
		if err != nil {
			return o, err
		}
		b, err := parseEndpoint(own)
		if err != nil {
			return o, err
		}
		if a != b {
			return o, fmt.Errorf("websso: the client was made for %s and the options name %s: leave IdentityEndpoint empty to use the client's", b, a)
		}
	}
	return o, nil
}

// skipsVerification tells whether client accepts any certificate, as far as its
// transport shows it.
func skipsVerification(client *gophercloud.ProviderClient) bool {
	transport := client.HTTPClient.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	t, ok := transport.(*http.Transport)
	return ok && t.TLSClientConfig != nil && t.TLSClientConfig.InsecureSkipVerify
}
