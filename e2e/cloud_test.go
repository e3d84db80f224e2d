package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
)

// patience bounds every step that should be immediate.
const patience = time.Minute

// cloud is the Keystone that e2e/up started.
type cloud struct {
	endpoint string
	tls      *tls.Config
}

// realCloud returns the real Keystone. It skips the test if there is none.
func realCloud(t testing.TB) *cloud {
	t.Helper()
	endpoint := os.Getenv("WEBSSO_E2E_KEYSTONE")
	if endpoint == "" {
		t.Skip("no Keystone is set up; run e2e/run")
	}
	trusting, err := trusting(env(t, "CA"))
	must(t, err)
	return &cloud{endpoint: endpoint, tls: trusting}
}

// trusting returns a configuration that trusts the certificate authority in a file.
func trusting(path string) (*tls.Config, error) {
	ca, err := os.ReadFile(path)
	roots := x509.NewCertPool()
	if err == nil && !roots.AppendCertsFromPEM(ca) {
		err = errors.New("no certificate in " + path)
	}
	return &tls.Config{RootCAs: roots}, err
}

// env returns a variable that e2e/up wrote.
func env(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv("WEBSSO_E2E_" + name)
	if value == "" {
		t.Fatalf("WEBSSO_E2E_%s is not set: read the file env that e2e/up writes", name)
	}
	return value
}

// onlyWithAll skips a test that is slow, or that changes more of the machine than
// others do, unless e2e/run --all runs it.
func onlyWithAll(t *testing.T) {
	t.Helper()
	if os.Getenv("WEBSSO_E2E_ALL") == "" {
		t.Skip("runs with e2e/run --all only")
	}
}

var agents atomic.Int64

// newAgent returns a user agent by which Keystone's access log tells a client apart.
func newAgent() string {
	return fmt.Sprintf("e2e-%d-%d", os.Getpid(), agents.Add(1))
}

// client returns a client with nobody signed in.
func (c *cloud) client(t testing.TB, agent string) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(c.endpoint)
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: c.tls.Clone()}
	client.UserAgent.Prepend(agent)
	return client
}

// options returns options for a sign-in that caches its tokens in memory and uses the
// port that Keystone trusts.
func (c *cloud) options() websso.AuthOptions {
	return websso.AuthOptions{
		IdentityEndpoint: c.endpoint,
		IdentityProvider: "lemon",
		Protocol:         "openid",
		Scope:            project("demo"),
		Timeout:          2 * time.Minute,
		Cache:            &websso.MemoryCache{},
	}
}

// cloudsYAML describes the cloud as "websso". more are other keys of it, each a line.
func (c *cloud) cloudsYAML(cacert string, more ...string) string {
	return fmt.Sprintf(`
clouds:
  websso:
    auth_type: v3websso
    identity_provider: lemon
    protocol: openid
    region_name: RegionOne
    cacert: '%s'
    %s
    auth:
      auth_url: %s
      project_name: demo
      project_domain_name: Default
`, cacert, strings.Join(more, "\n    "), c.endpoint)
}

func project(name string) *gophercloud.AuthScope {
	return &gophercloud.AuthScope{ProjectName: name, DomainName: "Default"}
}

// requests returns a client's requests to Keystone, from the access log.
func (c *cloud) requests(t *testing.T, agent string) []string {
	t.Helper()
	// Apache logs a request after it has answered. When the log has a request that we
	// send now, it has all earlier ones.
	marker := newAgent()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.endpoint, http.NoBody)
	must(t, err)
	req.Header.Set("User-Agent", marker)
	resp, err := c.http().Do(req)
	must(t, err)
	resp.Body.Close()
	var log []byte
	eventually(t, "the access log has the last request", func() bool {
		log, err = os.ReadFile(env(t, "LOG"))
		must(t, err)
		return bytes.Contains(log, []byte(marker))
	})
	var found []string
	for line := range strings.Lines(string(log)) {
		if fields := strings.Fields(line); len(fields) > 3 && strings.Contains(line, `"`+agent+" ") {
			path, _, _ := strings.Cut(fields[2], "?")
			found = append(found, fields[1]+" "+path)
		}
	}
	return found
}

// oneSignIn is what asked returns for one sign-in in the browser.
var oneSignIn = []string{"POST /v3/auth/tokens", "GET /v3/auth/tokens", "DELETE /v3/auth/tokens", "POST /v3/auth/tokens"}

// asked returns a client's requests without those to the address of the sign-in, which
// the client looks at before the browser opens, at the same time as at Keystone itself.
func (c *cloud) asked(t *testing.T, agent string) []string {
	t.Helper()
	return slices.DeleteFunc(c.requests(t, agent), func(r string) bool { return strings.Contains(r, "/OS-FEDERATION/") })
}

func (c *cloud) http() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c.tls.Clone(), DisableKeepAlives: true}, Timeout: patience}
}

// admin signs in as Keystone's administrator with a password.
func (c *cloud) admin(t *testing.T) *gophercloud.ServiceClient {
	t.Helper()
	client := c.client(t, "e2e-admin")
	must(t, openstack.Authenticate(t.Context(), client, gophercloud.AuthOptions{
		IdentityEndpoint: c.endpoint,
		Username:         env(t, "ADMIN_USER"), Password: env(t, "ADMIN_PASSWORD"), DomainName: "Default",
		Scope: &gophercloud.AuthScope{ProjectName: env(t, "ADMIN_PROJECT"), DomainName: "Default"},
	}))
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	must(t, err)
	return identity
}

// revoke revokes tokens as an operator does.
func (c *cloud) revoke(t *testing.T, ended ...string) {
	t.Helper()
	admin := c.admin(t)
	for _, token := range ended {
		must(t, tokens.Revoke(t.Context(), admin, token).Err)
	}
}

// eventually polls a condition until it holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("got no success after %s, want: %s", patience, what)
		case <-ticker.C:
		}
	}
}
