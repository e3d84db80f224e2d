package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
)

// patience is how long anything may take that should happen at once.
const patience = 20 * time.Second

// cloud is the Keystone that up started.
type cloud struct {
	endpoint string
	tls      *tls.Config
}

// realCloud skips the test where there is none.
func realCloud(t testing.TB) *cloud {
	t.Helper()
	endpoint := os.Getenv("WEBSSO_E2E_KEYSTONE")
	if endpoint == "" {
		t.Skip("there is no Keystone here; e2e/run sets one up")
	}
	ca, err := os.ReadFile(env(t, "CA"))
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("there is no certificate in " + env(t, "CA"))
	}
	return &cloud{endpoint: endpoint, tls: &tls.Config{RootCAs: roots}}
}

// env is a variable that up wrote.
func env(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv("WEBSSO_E2E_" + name)
	if value == "" {
		t.Fatalf("WEBSSO_E2E_%s is not set: it comes from the file env that e2e/up writes", name)
	}
	return value
}

// onlyWithAll skips what takes long, or more of the machine than a test should.
func onlyWithAll(t *testing.T) {
	t.Helper()
	if os.Getenv("WEBSSO_E2E_ALL") == "" {
		t.Skip("e2e/run --all runs this")
	}
}

var agents atomic.Int64

// newAgent makes the name that Keystone's access log has for one client.
func newAgent() string {
	return fmt.Sprintf("e2e-%d-%d", os.Getpid(), agents.Add(1))
}

// client makes a client with nobody signed in.
func (c *cloud) client(t testing.TB, agent string) *gophercloud.ProviderClient {
	t.Helper()
	client, err := openstack.NewClient(c.endpoint)
	must(t, err)
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: c.tls.Clone()}
	client.UserAgent.Prepend(agent)
	return client
}

// options are those of a sign-in that keeps its tokens in memory, at the origin
// that Keystone trusts.
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

func project(name string) *gophercloud.AuthScope {
	return &gophercloud.AuthScope{ProjectName: name, DomainName: "Default"}
}

// requests are what a client asked Keystone, as its access log has them.
func (c *cloud) requests(t *testing.T, agent string) []string {
	t.Helper()
	// Apache writes a line when the answer is out. A request of ours that comes after
	// all the others, and is in the log, says that theirs are, too.
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

func (c *cloud) http() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c.tls.Clone(), DisableKeepAlives: true}, Timeout: patience}
}

// admin signs in as Keystone's administrator, with a password.
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

// revoke ends tokens at the server, as an operator does.
func (c *cloud) revoke(t *testing.T, ended ...string) {
	t.Helper()
	admin := c.admin(t)
	for _, token := range ended {
		must(t, tokens.Revoke(t.Context(), admin, token).Err)
	}
}

// eventually looks at a condition until it holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatal("in vain: " + what)
		case <-ticker.C:
		}
	}
}
