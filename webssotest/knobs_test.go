package webssotest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestAuthOptionsAreReady(t *testing.T) {
	first, second := webssotest.NewKeystone(t), webssotest.NewKeystone(t)
	a, again, b := first.AuthOptions(), first.AuthOptions(), second.AuthOptions()
	if a.RedirectPort == b.RedirectPort {
		t.Error("two clouds have one port")
	}
	if a.RedirectPort != again.RedirectPort || a.Cache != again.Cache {
		t.Error("the options of one cloud change")
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(a.RedirectPort)))
		if err != nil {
			if host == "::1" && !strings.Contains(err.Error(), "in use") {
				continue // no IPv6 here
			}
			t.Error(err)
			continue
		}
		l.Close()
	}
	for range 2 {
		if _, err := websso.AuthenticatedClient(t.Context(), first.AuthOptions()); err != nil {
			t.Fatal(err)
		}
	}
	if n := first.Browser().Opened(); n != 1 {
		t.Errorf("%d windows", n)
	}
	if n := second.Browser().Opened(); n != 0 {
		t.Errorf("the other cloud has %d windows", n)
	}
}

func TestCompute(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	cloud.SetUser(webssotest.User{Name: "alice", Password: "wonderland", Projects: []webssotest.Project{
		{Name: "demo", Servers: []string{"a", "b", "c", "d", "e"}}, {Name: "empty"},
	}})
	for _, tt := range []struct {
		project string
		limit   int
		names   string
		pages   int
	}{
		{"demo", 0, "abcde", 1}, {"demo", 2, "abcde", 3}, {"demo", 5, "abcde", 1}, {"demo", 9, "abcde", 1}, {"empty", 2, "", 1},
	} {
		opts := cloud.AuthOptions()
		opts.Scope = &gophercloud.AuthScope{ProjectName: tt.project, DomainName: "Default"}
		client, err := websso.AuthenticatedClient(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
		if err != nil {
			t.Fatal(err)
		}
		cloud.ResetRequests()
		page, err := servers.List(compute, servers.ListOpts{Limit: tt.limit}).AllPages(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list, err := servers.ExtractServers(page)
		if err != nil {
			t.Fatal(err)
		}
		var names string
		for _, s := range list {
			names += s.Name
			if s.TenantID != cloud.Project(tt.project).ID || s.Status != "ACTIVE" {
				t.Errorf("%+v", s)
			}
		}
		if pages := len(cloud.Requests()); names != tt.names || pages != tt.pages {
			t.Errorf("%s by %d: %q in %d pages, want %q in %d", tt.project, tt.limit, names, pages, tt.names, tt.pages)
		}
	}
	if n := len(cloud.APIRequests()); n != 0 {
		t.Errorf("requests to the compute service count as %d to Keystone", n)
	}
}

func TestComputeRefuses(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := scoped(t, cloud)
	for name, tt := range map[string]struct {
		query, token string
		status       int
	}{
		"unscoped":       {"", alice(t, cloud), 401},
		"no token":       {"", "", 401},
		"garbage":        {"", "garbage", 401},
		"unknown marker": {"?marker=x", token, 400},
		"negative limit": {"?limit=-1", token, 400},
		"limit of words": {"?limit=all", token, 400},
		"nothing wrong":  {"?limit=1", token, 200},
	} {
		for _, path := range []string{"/compute/v2.1/servers", "/compute/v2.1/servers/detail"} {
			if got := ask(t, cloud, "GET", path+tt.query, "", "X-Auth-Token", tt.token); got.status != tt.status {
				t.Errorf("%s at %s: %d %s", name, path, got.status, got.text)
			}
		}
	}
	cloud.Configure(func(c *webssotest.Config) { c.ComputeRefuses = true })
	if got := ask(t, cloud, "GET", "/compute/v2.1/servers", "", "X-Auth-Token", token); got.status != http.StatusUnauthorized {
		t.Error(got.status)
	}
	if got := validate(t, cloud, token); got.status != http.StatusOK {
		t.Error("the token is refused elsewhere, too:", got.status)
	}
}

func TestIntercept(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	cloud.Configure(func(c *webssotest.Config) {
		c.Intercept = func(r *http.Request) http.Handler {
			switch r.URL.Path {
			case "/v3/auth/projects":
				return http.RedirectHandler("http://elsewhere.example/", http.StatusTemporaryRedirect)
			case "/v3/auth/catalog":
				return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			case "/v3":
				return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			}
			return nil
		}
	})
	if got := ask(t, cloud, "GET", "/v3/auth/projects", "", "X-Auth-Token", token); got.status != http.StatusTemporaryRedirect {
		t.Error(got.status)
	}
	if got := validate(t, cloud, token); got.status != http.StatusOK {
		t.Error("what is not intercepted:", got.status)
	}
	if _, err := http.Get(cloud.URL() + "/v3/auth/catalog"); err == nil {
		t.Error("a dropped connection has an answer")
	}
	// A request that hangs, until its client gives up.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, cloud.URL()+"/v3", nil)
	if _, err := http.DefaultClient.Do(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	cloud.Configure(func(c *webssotest.Config) { c.Intercept = nil })
	if got := ask(t, cloud, "GET", "/v3/auth/projects", "", "X-Auth-Token", token); got.status != http.StatusOK {
		t.Error("after the interception:", got.status)
	}
}

// A handler that hangs must not keep Close waiting.
func TestCloseEndsRequests(t *testing.T) {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	cloud.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				close(entered)
				<-r.Context().Done()
			})
		}
	})
	failed := make(chan error, 1)
	go func() {
		_, err := http.Get(cloud.URL())
		failed <- err
	}()
	<-entered
	cloud.Close()
	cloud.Close()
	if err := <-failed; err == nil {
		t.Error("the request had an answer")
	}
	if _, err := http.Get(cloud.URL()); err == nil {
		t.Error("a closed Keystone answers")
	}
}

func TestRequests(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	client, err := openstack.NewClient(cloud.URL())
	if err != nil {
		t.Fatal(err)
	}
	client.UserAgent.Prepend("tool/1.0")
	if err := websso.Authenticate(t.Context(), client, cloud.AuthOptions()); err != nil {
		t.Fatal(err)
	}
	api := cloud.APIRequests()
	if len(api) != 2 || api[0].Method != http.MethodGet || api[1].Method != http.MethodPost {
		t.Fatal(api)
	}
	for _, r := range api {
		if r.Browser || r.Path != "/v3/auth/tokens" || !strings.HasPrefix(r.UserAgent, "tool/1.0 ") || r.Status/100 != 2 || r.Time.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	all := cloud.Requests()
	if len(all) <= len(api) {
		t.Fatal("the browser's requests are missing")
	}
	for _, r := range all {
		for _, secret := range []string{client.Token(), "code=", "state=", "wonderland"} {
			if strings.Contains(r.String(), secret) {
				t.Errorf("%s tells %s", r, secret)
			}
		}
	}
	if n := cloud.SignIns(); n != 1 || cloud.Logins() != 1 {
		t.Errorf("%d sign-ins, %d logins", n, cloud.Logins())
	}
	cloud.ResetRequests()
	if all := cloud.Requests(); len(all) != 0 {
		t.Error(all)
	}
}

func TestTLS(t *testing.T) {
	cloud := webssotest.NewTLSKeystone(t)
	opts := cloud.AuthOptions()
	_, err := websso.AuthenticatedClient(t.Context(), func() websso.AuthOptions {
		opts := opts
		opts.Timeout = 2 * time.Second
		return opts
	}())
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a client without the authority is signed in: %v", err)
	}
	client, err := openstack.NewClient(cloud.URL())
	if err != nil {
		t.Fatal(err)
	}
	client.HTTPClient.Transport = &http.Transport{TLSClientConfig: cloud.TLSConfig()}
	if err := websso.Authenticate(t.Context(), client, opts); err != nil {
		t.Fatal(err)
	}
	ca, cert, key := cloud.TLSFiles()
	for _, name := range []string{ca, cert, key} {
		if text, err := os.ReadFile(name); err != nil || !strings.HasPrefix(string(text), "-----BEGIN ") {
			t.Error(name, err)
		}
	}
	cloud.Close()
	if _, err := os.Stat(ca); !os.IsNotExist(err) {
		t.Error("the files outlive the Keystone:", err)
	}
}

func TestClientCertificate(t *testing.T) {
	cloud := webssotest.NewTLSKeystone(t)
	without := cloud.TLSConfig()
	without.Certificates = nil
	get := func() error {
		transport := &http.Transport{TLSClientConfig: without}
		defer transport.CloseIdleConnections()
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, cloud.URL()+"/v3", nil)
		got, err := transport.RoundTrip(r)
		if err == nil {
			got.Body.Close()
		}
		return err
	}
	if err := get(); err != nil {
		t.Error(err)
	}
	cloud.Configure(func(c *webssotest.Config) { c.WantClientCert = true })
	if err := get(); err == nil {
		t.Error("no certificate is good enough")
	}
	if got := ask(t, cloud, "GET", "/v3", ""); got.status != http.StatusOK {
		t.Error(got.status)
	}
	if page, err := cloud.Browser().Visit(signInURL(cloud, "acme", "openid", "http://localhost:1/")); err != nil || page.Status != http.StatusUnauthorized {
		t.Error("the browser has none:", page, err)
	}
}

func TestPlainKeystoneHasNoTLS(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	ca, cert, key := cloud.TLSFiles()
	if cloud.TLSConfig() != nil || ca+cert+key != "" {
		t.Error(cloud.TLSConfig(), ca, cert, key)
	}
}

func TestCloudsYAML(t *testing.T) {
	plain, tls := webssotest.NewKeystone(t), webssotest.NewTLSKeystone(t)
	for _, want := range []string{
		"\n  websso:\n    auth_type: v3websso\n", "\n  password:\n    auth_type: password\n",
		"\n  application_credential:\n    auth_type: v3applicationcredential\n",
		"\n    identity_provider: acme\n    protocol: openid\n    redirect_port: " + strconv.Itoa(plain.AuthOptions().RedirectPort) + "\n",
		"\n      auth_url: " + plain.URL() + "/v3\n", "\n      project_name: demo\n      project_domain_name: Default\n",
	} {
		if !strings.Contains(plain.CloudsYAML(), want) {
			t.Errorf("%q is missing in\n%s", want, plain.CloudsYAML())
		}
	}
	ca, cert, key := tls.TLSFiles()
	text := tls.CloudsYAML()
	if strings.Count(text, "cacert: "+strconv.Quote(ca)+"\n") != 3 || strings.Contains(text, "cert: "+strconv.Quote(cert)) {
		t.Error(text)
	}
	if strings.Contains(plain.CloudsYAML(), "cacert") {
		t.Error(plain.CloudsYAML())
	}
	tls.Configure(func(c *webssotest.Config) { c.WantClientCert = true })
	for _, want := range []string{"    cert: " + strconv.Quote(cert) + "\n", "    key: " + strconv.Quote(key) + "\n"} {
		if text := tls.CloudsYAML(); strings.Count(text, want) != 3 {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestUsers(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	before := len(cloud.Users())
	cloud.SetUser(webssotest.User{Name: "alice", Password: "new", Projects: []webssotest.Project{{Name: "vault"}}})
	cloud.SetUser(webssotest.User{Name: "dora", Password: "x"})
	users := cloud.Users()
	if len(users) != before+1 || users[0].Name != "alice" || users[0].Password != "new" || users[before].Name != "dora" {
		t.Errorf("%+v", users)
	}
	// What a user is given twice keeps the servers that it had.
	if p := users[0].Projects[0]; p.ID != cloud.Project("vault").ID || p.Domain != "Default" || len(p.Servers) != 1 {
		t.Errorf("%+v", p)
	}
	users[0].Projects[0].Name = "changed"
	if cloud.Users()[0].Projects[0].Name != "vault" {
		t.Error("what Users returns is the Keystone's own")
	}
	if p := cloud.Project("nowhere"); p.ID != "" {
		t.Errorf("%+v", p)
	}
	cloud.DisableUser("nobody")
	cloud.RemoveRole("nowhere")
	cloud.Revoke("nothing")
	if got := rescope(t, cloud, signIn(t, cloud, "alice", "new"), projectScope(cloud.Project("demo"))); got.status != http.StatusUnauthorized {
		t.Error("alice has the projects that she had:", got.status)
	}
}

// The knobs may be turned while requests are under way.
func TestConfigureIsSafeForConcurrentUse(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	token := alice(t, cloud)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 100 {
			cloud.Configure(func(c *webssotest.Config) {
				c.OmitSubjectToken, c.ClockSkew, c.CatalogSize = i%2 == 0, time.Duration(i)*time.Second, i*100
				c.TrustedDashboards = append(c.TrustedDashboards, "x")
			})
			cloud.SetUser(webssotest.User{Name: "dora"})
			cloud.Requests()
		}
	}()
	for range 50 {
		if got := validate(t, cloud, token); got.status != http.StatusOK {
			t.Fatal(got.status)
		}
		cloud.ResetRequests()
	}
	<-done
}
