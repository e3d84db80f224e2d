package websso_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// TestBadOptions wants an error for each mistake, before a browser opens or a request is
// made.
func TestBadOptions(t *testing.T) {
	t.Parallel()
	requests := 0
	keystone := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	defer keystone.Close()
	scope := func(s gophercloud.AuthScope) func(*websso.AuthOptions) {
		return func(o *websso.AuthOptions) { o.Scope = &s }
	}
	good := websso.AuthOptions{IdentityEndpoint: keystone.URL, IdentityProvider: "acme", Protocol: "openid"}

	tests := map[string]struct {
		change func(*websso.AuthOptions)
		says   string
	}{
		"no endpoint":                   {func(o *websso.AuthOptions) { o.IdentityEndpoint = "" }, "no identity endpoint"},
		"endpoint is no URL":            {func(o *websso.AuthOptions) { o.IdentityEndpoint = "://" }, "not an http or https URL"},
		"endpoint has a bad port":       {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://a:b" }, "not an http or https URL"},
		"endpoint without scheme":       {func(o *websso.AuthOptions) { o.IdentityEndpoint = "identity.example.com/v3" }, "not an http or https URL"},
		"endpoint is a file":            {func(o *websso.AuthOptions) { o.IdentityEndpoint = "file:///etc/passwd" }, "not an http or https URL"},
		"endpoint is FTP":               {func(o *websso.AuthOptions) { o.IdentityEndpoint = "ftp://a/v3" }, "not an http or https URL"},
		"endpoint without host":         {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https:///v3" }, "not an http or https URL"},
		"endpoint names a setting":      {func(o *websso.AuthOptions) { o.IdentityEndpoint = "ftp://a/{protocol}" }, `"ftp://a/{protocol}" is not`},
		"endpoint with a user":          {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://u:hunter2@a/v3" }, "has a user"},
		"endpoint with a bad port":      {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://u:hunter2@a:b" }, `"https://…" is not`},
		"endpoint of another scheme":    {func(o *websso.AuthOptions) { o.IdentityEndpoint = "ftp://u:hunter2@a" }, "has a user"},
		"endpoint with a query":         {func(o *websso.AuthOptions) { o.IdentityEndpoint = "https://a/v3?x=y" }, "has a user, a query"},
		"endpoint with terminal escape": {func(o *websso.AuthOptions) { o.IdentityEndpoint = "ftp://a/\u202e" }, `\u202e`},
		"no protocol":                   {func(o *websso.AuthOptions) { o.Protocol = "" }, "no protocol"},
		"protocol is a step up":         {func(o *websso.AuthOptions) { o.Protocol = ".." }, "can't be the"},
		"identity provider is a step":   {func(o *websso.AuthOptions) { o.IdentityProvider = "." }, "can't be the"},
		"username is no text":           {func(o *websso.AuthOptions) { o.Username = "al\xffice" }, "Username is not valid UTF-8"},
		"redirect host elsewhere":       {func(o *websso.AuthOptions) { o.RedirectHost = "example.com" }, "not a loopback host"},
		"redirect host with a path":     {func(o *websso.AuthOptions) { o.RedirectHost = "localhost/x" }, "not a loopback host"},
		"port below":                    {func(o *websso.AuthOptions) { o.RedirectPort = -1 }, "RedirectPort -1"},
		"port above":                    {func(o *websso.AuthOptions) { o.RedirectPort = 65536 }, "RedirectPort 65536"},
		"negative timeout":              {func(o *websso.AuthOptions) { o.Timeout = -time.Second }, "negative"},
		"project without domain":        {scope(gophercloud.AuthScope{ProjectName: "demo"}), `project "demo" without its domain`},
		"project by id and name":        {scope(gophercloud.AuthScope{ProjectID: "1", ProjectName: "demo", DomainID: "default"}), "scope"},
		"project id with domain":        {scope(gophercloud.AuthScope{ProjectID: "1", DomainID: "default"}), "scope"},
		"domain by id and name":         {scope(gophercloud.AuthScope{DomainID: "1", DomainName: "Default"}), "scope"},
		"system and project":            {scope(gophercloud.AuthScope{System: true, ProjectID: "1"}), "several targets"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var output bytes.Buffer
			opts := good
			opts.Output, opts.Cache, opts.OpenURL = &output, &websso.MemoryCache{}, noBrowser(t)
			test.change(&opts)
			err := websso.Authenticate(t.Context(), &gophercloud.ProviderClient{}, opts)
			wantSaid(t, err, "websso: ", test.says)
			if text := fmt.Sprint(err); strings.ContainsAny(text, "\n\u202e") || strings.Contains(text, "hunter2") {
				t.Errorf("got error %q, want no password or control character in it", err)
			}
			if output.Len() > 0 {
				t.Errorf("got output %s, want none", &output)
			}
			if _, err := websso.Status(opts); err == nil {
				t.Error("Status: got no error, want one")
			}
		})
	}
	if requests > 0 {
		t.Errorf("got %d requests, want none", requests)
	}
}

func TestBadClient(t *testing.T) {
	t.Parallel()
	opts := websso.AuthOptions{IdentityEndpoint: "https://a.example.com/v3", Protocol: "openid", OpenURL: noBrowser(t)}
	wantSaid(t, websso.Authenticate(t.Context(), nil, opts), "client is nil")
	wantSaid(t, websso.Logout(t.Context(), nil, opts), "client is nil")
	other, err := openstack.NewClient("https://b.example.com/v3")
	must(t, err)
	wantSaid(t, websso.Authenticate(t.Context(), other, opts), "https://b.example.com/v3")
	_, err = websso.AuthenticatedClient(t.Context(), websso.AuthOptions{Protocol: "openid"})
	wantSaid(t, err, "no identity endpoint")
}

// setenv sets variables until the end of the test.
func setenv(t *testing.T, vars map[string]string) {
	t.Helper()
	for name, value := range vars {
		t.Setenv(name, value)
	}
}

// acme is a complete environment, to which the tests add.
var acme = map[string]string{
	"OS_AUTH_TYPE":         "v3websso",
	"OS_AUTH_URL":          "https://identity.example.com",
	"OS_IDENTITY_PROVIDER": "acme",
	"OS_PROTOCOL":          "openid",
}

func TestAuthOptionsFromEnv(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want websso.AuthOptions
	}{
		// As Horizon writes it for users who once had a password.
		"openrc": {
			env: map[string]string{
				"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "https://arbutus.example.ca:5000/",
				"OS_IDENTITY_PROVIDER": "ccdb", "OS_PROTOCOL": "openid", "OS_PROJECT_DOMAIN_NAME": "CCDB",
				"OS_USERNAME": "someone", "OS_USER_DOMAIN_NAME": "CCDB", "OS_IDENTITY_API_VERSION": "3",
			},
			want: websso.AuthOptions{IdentityEndpoint: "https://arbutus.example.ca:5000/", IdentityProvider: "ccdb", Protocol: "openid", Username: "someone"},
		},
		"no auth type, no identity provider": {
			env:  map[string]string{"OS_AUTH_TYPE": "", "OS_AUTH_URL": "https://identity.example.com/v3", "OS_PROTOCOL": "saml2"},
			want: websso.AuthOptions{IdentityEndpoint: "https://identity.example.com/v3", Protocol: "saml2"},
		},
		"redirect": {
			env: map[string]string{
				"OS_AUTH_URL": "https://identity.example.com", "OS_PROTOCOL": "openid",
				"OS_PROJECT_NAME": "p", "OS_PROJECT_DOMAIN_NAME": "d", "OS_REDIRECT_HOST": "127.0.0.1", "OS_REDIRECT_PORT": "9991", "OS_LOGIN_TIMEOUT": "90.5",
			},
			want: websso.AuthOptions{IdentityEndpoint: "https://identity.example.com", Protocol: "openid", RedirectHost: "127.0.0.1", RedirectPort: 9991, Timeout: 90500 * time.Millisecond, Scope: &gophercloud.AuthScope{ProjectName: "p", DomainName: "d"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, test.env)
			got, err := websso.AuthOptionsFromEnv()
			must(t, err)
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAuthOptionsFromEnvErrors(t *testing.T) {
	type env map[string]string
	for name, test := range map[string]struct {
		env  env
		says []string
	}{
		"another auth type":             {env{"OS_AUTH_TYPE": "password"}, []string{"OS_AUTH_TYPE", `"password"`, "v3websso"}},
		"auth type with control":        {env{"OS_AUTH_TYPE": "\x1b[2J"}, []string{`\x1b`}},
		"no URL":                        {env{"OS_AUTH_URL": ""}, []string{"OS_AUTH_URL"}},
		"no protocol":                   {env{"OS_PROTOCOL": ""}, []string{"OS_PROTOCOL", "openid"}},
		"a port that is none":           {env{"OS_REDIRECT_PORT": "9990\r"}, []string{`OS_REDIRECT_PORT is "9990\r"`, "1 to 65535"}},
		"timeout with a unit":           {env{"OS_LOGIN_TIMEOUT": "5m"}, []string{"OS_LOGIN_TIMEOUT", "seconds"}},
		"project without domain":        {env{"OS_PROJECT_NAME": "p"}, []string{"OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_NAME"}},
		"user's domain is no project's": {env{"OS_PROJECT_NAME": "p", "OS_USER_DOMAIN_NAME": "d"}, []string{"OS_PROJECT_NAME"}},
		"trust and project":             {env{"OS_TRUST_ID": "t", "OS_PROJECT_ID": "p"}, []string{"OS_PROJECT_ID", "OS_TRUST_ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, acme)
			setenv(t, test.env)
			opts, err := websso.AuthOptionsFromEnv()
			if !reflect.DeepEqual(opts, websso.AuthOptions{}) {
				t.Errorf("got %+v with the error, want no options", opts)
			}
			wantSaid(t, err, append(test.says, "websso: ")...)
			wantPlain(t, "error", fmt.Sprint(err))
		})
	}
}

// TestLastPage looks at what the last page says of a sign-in. It calls the program by its name,
// as messages do.
func TestLastPage(t *testing.T) {
	ks, opts := parallel(t)
	opts.ProgramName, opts.ForceLogin = "acme\x1b-cli", true
	for says, scope := range map[string]*gophercloud.AuthScope{
		"User alice Keystone ":                        nil,
		"User alice Project demo Keystone ":           project("demo"),
		"User alice Project 0123 Keystone ":           {ProjectID: "0123"},
		`User alice Scope domain "Default" Keystone `: {DomainName: "Default"},
	} {
		opts.Scope = scope
		_ = websso.Authenticate(t.Context(), newClient(t, ks), opts) // not every scope is hers
		if page, err := ks.Browser().Result(); err != nil || !strings.Contains(page.Text, says) || !strings.Contains(page.Text, `return to acme\x1b-cli.`) {
			t.Errorf("got page %+v, error %v; want %q and the program's name", page, err, says)
		}
	}
	for line := range strings.Lines(ks.Terminal().String()) {
		if !strings.HasPrefix(line, `acme\x1b-cli: `) {
			t.Errorf("got line %q, want it to begin with the program's name", line)
		}
	}
}
