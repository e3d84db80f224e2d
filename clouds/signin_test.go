package clouds_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// person lets k's browser sign in, and keeps what is kept with k.
func person(k *webssotest.Keystone) clouds.ParseOption {
	return clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		own := k.AuthOptions()
		ao.Timeout, ao.Cache, ao.OpenURL, ao.Output = own.Timeout, own.Cache, own.OpenURL, own.Output
	})
}

func list(t *testing.T, client *gophercloud.ProviderClient, eo gophercloud.EndpointOpts) []string {
	t.Helper()
	names, err := tryList(t.Context(), client, eo)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func tryList(ctx context.Context, client *gophercloud.ProviderClient, eo gophercloud.EndpointOpts) ([]string, error) {
	compute, err := openstack.NewComputeV2(client, eo)
	if err != nil {
		return nil, err
	}
	page, err := servers.List(compute, nil).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := servers.ExtractServers(page)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names, nil
}

// logger is a tool's own transport.
type logger struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen []string
}

func (l *logger) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.seen = append(l.seen, r.Method+" "+r.URL.Path)
	l.mu.Unlock()
	return l.next.RoundTrip(r)
}

// TestTool is a tool that has its own user agent, logs its requests and renews tokens,
// and signs in to clouds of three kinds.
func TestTool(t *testing.T) {
	for _, cloud := range []string{"websso", "password", "application_credential"} {
		t.Run(cloud, func(t *testing.T) {
			k := webssotest.NewTLSKeystone(t)
			cleanEnv(t, map[string]string{"OS_CLOUD": cloud})
			writeFile(t, "clouds.yaml", k.CloudsYAML())
			log := new(logger)
			sign := func() (*gophercloud.ProviderClient, gophercloud.EndpointOpts) {
				client, eo, err := clouds.NewProviderClient(t.Context(), person(k), allowReauth(true),
					clouds.WithClient(func(c *gophercloud.ProviderClient) {
						c.UserAgent.Prepend("tool/1.0")
						log.next = c.HTTPClient.Transport
						c.HTTPClient.Transport = log
					}))
				if err != nil {
					t.Fatal(err)
				}
				return client, eo
			}
			client, eo := sign()
			if got := list(t, client, eo); !slices.Equal(got, []string{"web-1", "web-2", "database"}) {
				t.Errorf("got %q", got)
			}
			asked := 0
			for _, r := range k.Requests() {
				if r.Browser {
					continue
				}
				asked++
				if !strings.HasPrefix(r.UserAgent, "tool/1.0 ") {
					t.Errorf("%s has another user agent", r)
				}
			}
			if asked == 0 || len(log.seen) != asked {
				t.Errorf("%d requests were logged, of %d: %q", len(log.seen), asked, log.seen)
			}

			// The token dies, and with it the sign-in it came from.
			k.Configure(func(c *webssotest.Config) { c.ClockSkew = c.TokenLifetime })
			if got := list(t, client, eo); len(got) != 3 {
				t.Errorf("got %q after the token had expired", got)
			}
		})
	}
}

func TestWithoutReauth(t *testing.T) {
	for _, cloud := range []string{"websso", "password", "application_credential"} {
		t.Run(cloud, func(t *testing.T) {
			k := webssotest.NewKeystone(t)
			cleanEnv(t, nil)
			client, eo, err := clouds.NewProviderClient(t.Context(), person(k),
				clouds.WithCloudsYAML(strings.NewReader(k.CloudsYAML())), clouds.WithCloudName(cloud))
			if err != nil {
				t.Fatal(err)
			}
			k.Configure(func(c *webssotest.Config) { c.ClockSkew = c.TokenLifetime })
			_, err = tryList(t.Context(), client, eo)
			if err == nil {
				t.Fatal("a dead token is as good as ever")
			}
			var failed *gophercloud.ErrUnableToReauthenticate
			if cloud == "websso" && (!errors.As(err, &failed) || !errors.Is(failed.ErrReauth, websso.ErrLoginRequired)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestScopes signs in with each kind of scope, from a file and from the environment.
func TestScopes(t *testing.T) {
	k := webssotest.NewKeystone(t)
	demo := k.Project("demo")
	trust := k.AddTrust("dora", "demo")
	k.SetUser(webssotest.User{Name: "dora", Password: "explorer", Projects: []webssotest.Project{demo}, Domains: []string{"Default"}, System: true})
	k.Browser().User, k.Browser().Password = "dora", "explorer"

	type keys map[string]string
	for name, test := range map[string]struct {
		keys keys
		want string
	}{
		"none":                     {keys{}, ""},
		"project by id":            {keys{"project_id": demo.ID}, "project demo"},
		"project, domain's name":   {keys{"project_name": "demo", "project_domain_name": "Default"}, "project demo"},
		"project, domain's id":     {keys{"project_name": "demo", "project_domain_id": "default"}, "project demo"},
		"project, domain":          {keys{"project_name": "demo", "domain_name": "Default"}, "project demo"},
		"tenant":                   {keys{"tenant_name": "demo", "project_domain_name": "Default"}, "project demo"},
		"domain by name":           {keys{"domain_name": "Default"}, "domain Default"},
		"domain by id":             {keys{"domain_id": "default"}, "domain Default"},
		"trust":                    {keys{"trust_id": trust}, "project demo"},
		"system":                   {keys{"system_scope": "all"}, "system"},
		"system, and a project":    {keys{"system_scope": "all", "project_id": demo.ID}, "project demo"},
		"the domain of no project": {keys{"project_domain_name": "Default"}, ""},
	} {
		for _, env := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, environment %t", name, env), func(t *testing.T) {
				opts := []clouds.ParseOption{person(k)}
				base := keys{
					"auth_type": "v3websso", "auth_url": k.URL(), "identity_provider": webssotest.IdentityProvider,
					"protocol": webssotest.Protocol, "redirect_port": fmt.Sprint(k.AuthOptions().RedirectPort),
				}
				vars, file := map[string]string{}, "clouds:\n  acme:\n"
				for key, value := range base {
					vars["OS_"+strings.ToUpper(key)] = value
					file += fmt.Sprintf("    %s: %s\n", key, value)
				}
				file += "    auth:\n"
				for key, value := range test.keys {
					vars["OS_"+strings.ToUpper(key)] = value
					file += fmt.Sprintf("      %s: %s\n", key, value)
				}
				if !env {
					vars = nil
					opts = append(opts, clouds.WithCloudName("acme"), clouds.WithCloudsYAML(strings.NewReader(file)))
				}
				cleanEnv(t, vars)
				client, eo, err := clouds.NewProviderClient(t.Context(), opts...)
				if err != nil {
					t.Fatal(err)
				}
				if got := scopeOf(t, client); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				if test.want == "" {
					// An endpoint locator that says what to do.
					if _, err := openstack.NewComputeV2(client, eo); err == nil || !strings.Contains(err.Error(), "scope") && !strings.Contains(err.Error(), "Scope") {
						t.Errorf("got %v", err)
					}
				}
			})
		}
	}
}

func scopeOf(t *testing.T, client *gophercloud.ProviderClient) string {
	t.Helper()
	var said struct {
		Project *struct{ Name string }
		Domain  *struct{ Name string }
		System  map[string]bool
	}
	if err := client.GetAuthResult().(tokens.CreateResult).ExtractInto(&said); err != nil {
		t.Fatal(err)
	}
	switch {
	case said.Project != nil:
		return "project " + said.Project.Name
	case said.Domain != nil:
		return "domain " + said.Domain.Name
	case said.System["all"]:
		return "system"
	}
	return ""
}

// TestErrScope asks for what is not the person's.
func TestErrScope(t *testing.T) {
	k := webssotest.NewKeystone(t)
	cleanEnv(t, nil)
	for name, opt := range map[string]clouds.ParseOption{
		"no such project":          clouds.WithProjectName("nowhere"),
		"no such id":               clouds.WithProjectID("0123456789abcdef"),
		"another's project":        clouds.WithProjectName("vault"),
		"a domain without a role":  clouds.WithScope(&gophercloud.AuthScope{DomainName: "Default"}),
		"no such domain":           clouds.WithScope(&gophercloud.AuthScope{ProjectName: "demo", DomainName: "Nowhere"}),
		"the system, without role": clouds.WithScope(&gophercloud.AuthScope{ProjectName: "demo", DomainID: "nowhere"}),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := clouds.NewProviderClient(t.Context(), person(k), opt,
				clouds.WithCloudsYAML(strings.NewReader(k.CloudsYAML())), clouds.WithCloudName("websso"))
			if !errors.Is(err, websso.ErrScope) {
				t.Fatalf("got %v", err)
			}
			for _, project := range []string{"demo", "lab"} {
				if !strings.Contains(err.Error(), project) {
					t.Errorf("%q does not name the project %s", err, project)
				}
			}
		})
	}
	if k.SignIns() != 1 {
		t.Errorf("%d sign-ins for one person", k.SignIns())
	}
}

// TestTLS signs in to clouds that want something of TLS. Each has what would fail.
func TestTLS(t *testing.T) {
	k := webssotest.NewTLSKeystone(t)
	ca, cert, key := k.TLSFiles()
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	dir := t.TempDir()
	both := filepath.Join(dir, "cert-and-key.pem")
	writeFile(t, both, read(cert)+read(key))
	other := newAuthority(t)
	other.write(t, dir)
	otherCA, otherCert, otherKey := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")

	var unknown *tls.CertificateVerificationError
	for name, test := range map[string]struct {
		keys     string
		vars     map[string]string
		opts     []clouds.ParseOption
		wantCert bool
		fails    bool
		as       any
	}{
		"no authority":              {fails: true, as: &unknown},
		"cacert":                    {keys: "cacert: " + ca},
		"another cacert":            {keys: "cacert: " + otherCA, fails: true, as: &unknown},
		"cacert at home":            {keys: "cacert: ~/own.pem"},
		"OS_CACERT":                 {vars: map[string]string{"OS_CACERT": ca}},
		"OS_CACERT over cacert":     {keys: "cacert: " + otherCA, vars: map[string]string{"OS_CACERT": ca}},
		"WithCACertPath":            {keys: "cacert: " + otherCA, opts: []clouds.ParseOption{clouds.WithCACertPath(ca)}},
		"verify: false":             {keys: "verify: false"},
		"verify: no, a wrong CA":    {keys: "verify: no\n    cacert: " + otherCA},
		"verify: true":              {keys: "verify: true", fails: true, as: &unknown},
		"insecure":                  {keys: "insecure: true"},
		"insecure: no":              {keys: "insecure: no", fails: true, as: &unknown},
		"OS_INSECURE is no file's":  {vars: map[string]string{"OS_INSECURE": "true"}, fails: true, as: &unknown},
		"WithInsecure":              {opts: []clouds.ParseOption{clouds.WithInsecure(true)}},
		"WithInsecure(false)":       {keys: "verify: false", opts: []clouds.ParseOption{clouds.WithInsecure(false)}, fails: true, as: &unknown},
		"certificate":               {keys: fmt.Sprintf("cacert: %s\n    cert: %s\n    key: %s", ca, cert, key), wantCert: true},
		"no certificate":            {keys: "cacert: " + ca, wantCert: true, fails: true},
		"another's certificate":     {keys: fmt.Sprintf("cacert: %s\n    cert: %s\n    key: %s", ca, otherCert, otherKey), wantCert: true, fails: true},
		"certificate, one file":     {keys: fmt.Sprintf("cacert: %s\n    cert: %s", ca, both), wantCert: true},
		"OS_CERT and OS_KEY":        {keys: "cacert: " + ca, vars: map[string]string{"OS_CERT": cert, "OS_KEY": key}, wantCert: true},
		"WithClientCertPath":        {keys: "cacert: " + ca, opts: []clouds.ParseOption{clouds.WithClientCertPath(cert), clouds.WithClientKeyPath(key)}, wantCert: true},
		"certificate, no authority": {keys: fmt.Sprintf("cert: %s\n    key: %s", cert, key), wantCert: true, fails: true, as: &unknown},
	} {
		for _, cloud := range []string{"websso", "password"} {
			t.Run(name+", "+cloud, func(t *testing.T) {
				home := cleanEnv(t, test.vars)
				writeFile(t, filepath.Join(home, "own.pem"), read(ca))
				k.Configure(func(c *webssotest.Config) { c.WantClientCert = false })
				file := strings.ReplaceAll(k.CloudsYAML(), fmt.Sprintf("    cacert: %q\n", ca), "    "+test.keys+"\n")
				k.Configure(func(c *webssotest.Config) { c.WantClientCert = test.wantCert })
				client, eo, err := clouds.NewProviderClient(t.Context(), append(test.opts, person(k),
					clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Cache = new(websso.MemoryCache) }),
					clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName(cloud))...)
				if !test.fails {
					if err != nil {
						t.Fatal(err)
					}
					if got := list(t, client, eo); len(got) != 3 {
						t.Errorf("got %q", got)
					}
					return
				}
				if err == nil {
					t.Fatal("signed in")
				}
				if test.as != nil && !errors.As(err, test.as) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
	t.Run("OS_INSECURE, environment", func(t *testing.T) {
		k.Configure(func(c *webssotest.Config) { c.WantClientCert = false })
		vars := map[string]string{
			"OS_AUTH_URL": k.URL(), "OS_AUTH_TYPE": "v3websso", "OS_IDENTITY_PROVIDER": webssotest.IdentityProvider, "OS_PROTOCOL": webssotest.Protocol,
			"OS_REDIRECT_PORT": fmt.Sprint(k.AuthOptions().RedirectPort), "OS_PROJECT_NAME": "demo", "OS_PROJECT_DOMAIN_NAME": "Default",
		}
		for _, test := range []struct {
			insecure string
			fails    bool
		}{{"true", false}, {"True", false}, {"", true}, {"false", true}, {"1", true}} {
			vars["OS_INSECURE"] = test.insecure
			cleanEnv(t, vars)
			_, _, err := clouds.NewProviderClient(t.Context(), person(k),
				clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Cache = new(websso.MemoryCache) }))
			if failed := errors.As(err, &unknown); failed != test.fails {
				t.Errorf("OS_INSECURE=%s: got %v", test.insecure, err)
			}
		}
	})
}

// TestCancel: a context that ends ends the sign-in, and there is no client.
func TestCancel(t *testing.T) {
	k := webssotest.NewKeystone(t)
	cleanEnv(t, nil)
	for _, cloud := range []string{"websso", "password"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
		defer cancel()
		<-ctx.Done()
		client, _, err := clouds.NewProviderClient(ctx, person(k),
			clouds.WithCloudsYAML(strings.NewReader(k.CloudsYAML())), clouds.WithCloudName(cloud))
		if !errors.Is(err, context.DeadlineExceeded) || client != nil {
			t.Errorf("%s: got %v, %v", cloud, client, err)
		}
	}
}
