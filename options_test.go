package websso_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// TestBadOptions shows each mistake to be an error of its own, found before anything
// opens or any request is made.
func TestBadOptions(t *testing.T) {
	requests := 0
	keystone := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	defer keystone.Close()
	good := websso.AuthOptions{IdentityEndpoint: keystone.URL, IdentityProvider: "acme", Protocol: "openid"}

	tests := map[string]struct {
		change func(*websso.AuthOptions)
		says   string
	}{
		"no endpoint":                   {func(o *websso.AuthOptions) { o.IdentityEndpoint = "" }, "no identity endpoint"},
		"endpoint is no URL":            {func(o *websso.AuthOptions) { o.IdentityEndpoint = "://" }, "is no URL"},
		"endpoint has a bad port":       {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://a:b" }, "is no URL"},
		"endpoint without scheme":       {func(o *websso.AuthOptions) { o.IdentityEndpoint = "identity.example.com/v3" }, "no http or https URL"},
		"endpoint is a file":            {func(o *websso.AuthOptions) { o.IdentityEndpoint = "file:///etc/passwd" }, "no http or https URL"},
		"endpoint is FTP":               {func(o *websso.AuthOptions) { o.IdentityEndpoint = "ftp://a/v3" }, "no http or https URL"},
		"endpoint without host":         {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https:///v3" }, "no http or https URL"},
		"endpoint with a user":          {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://u:hunter2@a/v3" }, "has a user"},
		"endpoint with a query":         {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://a/v3?x=y" }, "has a user, a query"},
		"endpoint with terminal escape": {func(o *websso.AuthOptions) { o.IdentityEndpoint = "ftp://a/\u202e" }, `\u202e`},
		"no protocol":                   {func(o *websso.AuthOptions) { o.Protocol = "" }, "no protocol"},
		"protocol is a step up":         {func(o *websso.AuthOptions) { o.Protocol = ".." }, "can't be the name"},
		"identity provider is a step":   {func(o *websso.AuthOptions) { o.IdentityProvider = "." }, "can't be the name"},
		"redirect host elsewhere":       {func(o *websso.AuthOptions) { o.RedirectHost = "example.com" }, "not this machine's own"},
		"redirect host is any address":  {func(o *websso.AuthOptions) { o.RedirectHost = "0.0.0.0" }, "not this machine's own"},
		"redirect host any v6":          {func(o *websso.AuthOptions) { o.RedirectHost = "::" }, "not this machine's own"},
		"redirect host mapped":          {func(o *websso.AuthOptions) { o.RedirectHost = "::ffff:127.0.0.1" }, "not this machine's own"},
		"redirect host below localhost": {func(o *websso.AuthOptions) { o.RedirectHost = "a.localhost" }, "not this machine's own"},
		"redirect host with port":       {func(o *websso.AuthOptions) { o.RedirectHost = "localhost:9990" }, "not this machine's own"},
		"redirect host with a path":     {func(o *websso.AuthOptions) { o.RedirectHost = "localhost/x" }, "not this machine's own"},
		"port below":                    {func(o *websso.AuthOptions) { o.RedirectPort = -1 }, "redirect port -1"},
		"port above":                    {func(o *websso.AuthOptions) { o.RedirectPort = 65536 }, "redirect port 65536"},
		"negative timeout":              {func(o *websso.AuthOptions) { o.Timeout = -time.Second }, "negative"},
		"project without domain":        {func(o *websso.AuthOptions) { o.Scope = &gophercloud.AuthScope{ProjectName: "demo"} }, `project "demo" without its domain`},
		"project by id and name": {func(o *websso.AuthOptions) {
			o.Scope = &gophercloud.AuthScope{ProjectID: "1", ProjectName: "demo", DomainID: "default"}
		}, "scope"},
		"project id with domain": {func(o *websso.AuthOptions) {
			o.Scope = &gophercloud.AuthScope{ProjectID: "1", DomainID: "default"}
		}, "scope"},
		"domain by id and name": {func(o *websso.AuthOptions) {
			o.Scope = &gophercloud.AuthScope{DomainID: "1", DomainName: "Default"}
		}, "scope"},
		"system and project": {func(o *websso.AuthOptions) {
			o.Scope = &gophercloud.AuthScope{System: true, ProjectID: "1"}
		}, "several targets"},
		"trust and domain": {func(o *websso.AuthOptions) {
			o.Scope = &gophercloud.AuthScope{TrustID: "1", DomainID: "1"}
		}, "several targets"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			opts := good
			var output bytes.Buffer
			opts.Output = &output
			opts.Cache = &websso.MemoryCache{}
			opts.OpenURL = func(url string) error { t.Error("opened", url); return nil }
			test.change(&opts)
			err := websso.Authenticate(t.Context(), &gophercloud.ProviderClient{}, opts)
			if err == nil || !strings.HasPrefix(err.Error(), "websso: ") || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("error %v; want one that says %q", err, test.says)
			}
			if strings.ContainsAny(err.Error(), "\n\u202e") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error shows what it should not: %q", err)
			}
			if output.Len() > 0 {
				t.Errorf("output: %s", &output)
			}
			if _, err := websso.Status(opts); err == nil {
				t.Error("Status takes these options")
			}
		})
	}
	if requests > 0 {
		t.Errorf("%d requests were made", requests)
	}
}

func TestBadClient(t *testing.T) {
	opts := websso.AuthOptions{IdentityEndpoint: "https://a.example.com/v3", Protocol: "openid", OpenURL: func(string) error {
		t.Error("opened")
		return nil
	}}
	if err := websso.Authenticate(t.Context(), nil, opts); err == nil || !strings.Contains(err.Error(), "client is nil") {
		t.Errorf("nil client: %v", err)
	}
	if err := websso.Logout(t.Context(), nil, opts); err == nil || !strings.Contains(err.Error(), "client is nil") {
		t.Errorf("Logout of a nil client: %v", err)
	}
	other, err := openstack.NewClient("https://b.example.com/v3")
	must(t, err)
	if err := websso.Authenticate(t.Context(), other, opts); err == nil || !strings.Contains(err.Error(), "https://b.example.com/v3") {
		t.Errorf("client of another cloud: %v", err)
	}
	if _, err := websso.AuthenticatedClient(t.Context(), websso.AuthOptions{Protocol: "openid"}); err == nil {
		t.Error("no endpoint: no error")
	}
}
