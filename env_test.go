package websso_test

import (
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
)

// setOpenstackEnv leaves vars as the only OS_* variables.
func setOpenstackEnv(t *testing.T, vars map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OS_") {
			t.Setenv(name, value) // so that it comes back
			os.Unsetenv(name)
		}
	}
	for name, value := range vars {
		t.Setenv(name, value)
	}
}

// acme is the environment that the tests add to.
var acme = map[string]string{
	"OS_AUTH_TYPE":         "v3websso",
	"OS_AUTH_URL":          "https://identity.example.com",
	"OS_IDENTITY_PROVIDER": "acme",
	"OS_PROTOCOL":          "openid",
}

func acmeWith(vars map[string]string) map[string]string {
	all := maps.Clone(acme)
	maps.Copy(all, vars)
	return all
}

func TestAuthOptionsFromEnv(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want websso.AuthOptions
	}{
		// As Horizon writes it for people who once had a password.
		"openrc": {
			env: map[string]string{
				"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "https://arbutus.example.ca:5000/",
				"OS_IDENTITY_PROVIDER": "ccdb", "OS_PROTOCOL": "openid", "OS_PROJECT_DOMAIN_NAME": "CCDB",
				"OS_USERNAME": "someone", "OS_USER_DOMAIN_NAME": "CCDB", "OS_IDENTITY_API_VERSION": "3",
			},
			want: websso.AuthOptions{IdentityEndpoint: "https://arbutus.example.ca:5000/", IdentityProvider: "ccdb", Protocol: "openid"},
		},
		"no auth type, no identity provider": {
			env:  map[string]string{"OS_AUTH_TYPE": "", "OS_AUTH_URL": "https://identity.example.com/v3", "OS_PROTOCOL": "saml2"},
			want: websso.AuthOptions{IdentityEndpoint: "https://identity.example.com/v3", Protocol: "saml2"},
		},
		"redirect": {
			env: map[string]string{
				"OS_AUTH_URL": "https://identity.example.com", "OS_PROTOCOL": "openid",
				"OS_REDIRECT_HOST": "127.0.0.1", "OS_REDIRECT_PORT": "9991",
			},
			want: websso.AuthOptions{IdentityEndpoint: "https://identity.example.com", Protocol: "openid", RedirectHost: "127.0.0.1", RedirectPort: 9991},
		},
	} {
		t.Run(name, func(t *testing.T) {
			setOpenstackEnv(t, test.env)
			got, err := websso.AuthOptionsFromEnv()
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAuthOptionsFromEnvScope(t *testing.T) {
	type env map[string]string
	for name, test := range map[string]struct {
		env  env
		want *gophercloud.AuthScope
	}{
		"none":                   {env{}, nil},
		"project id":             {env{"OS_PROJECT_ID": "p"}, &gophercloud.AuthScope{ProjectID: "p"}},
		"project, domain name":   {env{"OS_PROJECT_NAME": "p", "OS_PROJECT_DOMAIN_NAME": "d"}, &gophercloud.AuthScope{ProjectName: "p", DomainName: "d"}},
		"project, domain id":     {env{"OS_PROJECT_NAME": "p", "OS_PROJECT_DOMAIN_ID": "d"}, &gophercloud.AuthScope{ProjectName: "p", DomainID: "d"}},
		"project, domain both":   {env{"OS_PROJECT_NAME": "p", "OS_PROJECT_DOMAIN_ID": "i", "OS_PROJECT_DOMAIN_NAME": "n"}, &gophercloud.AuthScope{ProjectName: "p", DomainID: "i"}},
		"project id and name":    {env{"OS_PROJECT_ID": "i", "OS_PROJECT_NAME": "n", "OS_PROJECT_DOMAIN_ID": "d"}, &gophercloud.AuthScope{ProjectID: "i"}},
		"project, a domain":      {env{"OS_PROJECT_NAME": "p", "OS_DOMAIN_NAME": "d"}, &gophercloud.AuthScope{ProjectName: "p", DomainName: "d"}},
		"project, two domains":   {env{"OS_PROJECT_NAME": "p", "OS_DOMAIN_ID": "other", "OS_PROJECT_DOMAIN_NAME": "own"}, &gophercloud.AuthScope{ProjectName: "p", DomainName: "own"}},
		"tenant":                 {env{"OS_TENANT_NAME": "t", "OS_PROJECT_DOMAIN_ID": "d"}, &gophercloud.AuthScope{ProjectName: "t", DomainID: "d"}},
		"tenant id":              {env{"OS_TENANT_ID": "t"}, &gophercloud.AuthScope{ProjectID: "t"}},
		"tenant and project":     {env{"OS_TENANT_NAME": "t", "OS_PROJECT_NAME": "p", "OS_PROJECT_DOMAIN_ID": "d"}, &gophercloud.AuthScope{ProjectName: "p", DomainID: "d"}},
		"empty project, tenant":  {env{"OS_TENANT_NAME": "t", "OS_PROJECT_NAME": "", "OS_PROJECT_DOMAIN_ID": "d"}, &gophercloud.AuthScope{ProjectName: "t", DomainID: "d"}},
		"project's domain alone": {env{"OS_PROJECT_DOMAIN_NAME": "d"}, nil},
		"domain name":            {env{"OS_DOMAIN_NAME": "d"}, &gophercloud.AuthScope{DomainName: "d"}},
		"domain id and name":     {env{"OS_DOMAIN_ID": "i", "OS_DOMAIN_NAME": "n"}, &gophercloud.AuthScope{DomainID: "i"}},
		"trust":                  {env{"OS_TRUST_ID": "t"}, &gophercloud.AuthScope{TrustID: "t"}},
		"system":                 {env{"OS_SYSTEM_SCOPE": "all"}, &gophercloud.AuthScope{System: true}},
		"system and project":     {env{"OS_SYSTEM_SCOPE": "all", "OS_PROJECT_ID": "p"}, &gophercloud.AuthScope{ProjectID: "p"}},
		"stray user": {
			env{"OS_USERNAME": "u", "OS_USER_DOMAIN_ID": "x", "OS_USER_DOMAIN_NAME": "y", "OS_PASSWORD": "z", "OS_PROJECT_ID": "p"},
			&gophercloud.AuthScope{ProjectID: "p"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			setOpenstackEnv(t, acmeWith(test.env))
			got, err := websso.AuthOptionsFromEnv()
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Scope, test.want) {
				t.Errorf("got %+v, want %+v", got.Scope, test.want)
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
		"auth type in capitals":         {env{"OS_AUTH_TYPE": "V3WEBSSO"}, []string{"OS_AUTH_TYPE"}},
		"no URL":                        {env{"OS_AUTH_URL": ""}, []string{"OS_AUTH_URL"}},
		"no protocol":                   {env{"OS_PROTOCOL": ""}, []string{"OS_PROTOCOL", "openid"}},
		"a port that is none":           {env{"OS_REDIRECT_PORT": "web"}, []string{"OS_REDIRECT_PORT", "1 to 65535"}},
		"port 0":                        {env{"OS_REDIRECT_PORT": "0"}, []string{"OS_REDIRECT_PORT"}},
		"port 65536":                    {env{"OS_REDIRECT_PORT": "65536"}, []string{"OS_REDIRECT_PORT"}},
		"a negative port":               {env{"OS_REDIRECT_PORT": "-1"}, []string{"OS_REDIRECT_PORT"}},
		"project without domain":        {env{"OS_PROJECT_NAME": "p"}, []string{"OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_NAME"}},
		"tenant without domain":         {env{"OS_TENANT_NAME": "p"}, []string{"OS_TENANT_NAME"}},
		"user's domain is no project's": {env{"OS_PROJECT_NAME": "p", "OS_USER_DOMAIN_NAME": "d"}, []string{"OS_PROJECT_NAME"}},
		"default domain is no help":     {env{"OS_PROJECT_NAME": "p", "OS_DEFAULT_DOMAIN": "d"}, []string{"OS_PROJECT_NAME"}},
		"project by id and name alone":  {env{"OS_PROJECT_ID": "i", "OS_PROJECT_NAME": "p"}, []string{"OS_PROJECT_NAME", "OS_PROJECT_ID"}},
		"trust and project":             {env{"OS_TRUST_ID": "t", "OS_PROJECT_ID": "p"}, []string{"OS_PROJECT_ID", "OS_TRUST_ID"}},
		"trust and domain":              {env{"OS_TRUST_ID": "t", "OS_DOMAIN_NAME": "d"}, []string{"OS_DOMAIN_NAME", "OS_TRUST_ID"}},
		"part of the system":            {env{"OS_SYSTEM_SCOPE": "some"}, []string{"OS_SYSTEM_SCOPE", "all"}},
	} {
		t.Run(name, func(t *testing.T) {
			setOpenstackEnv(t, acmeWith(test.env))
			opts, err := websso.AuthOptionsFromEnv()
			if err == nil {
				t.Fatalf("got %+v and no error", opts)
			}
			if !reflect.DeepEqual(opts, websso.AuthOptions{}) {
				t.Errorf("got %+v beside the error", opts)
			}
			for _, want := range append(test.says, "websso: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			for _, r := range err.Error() {
				if r < ' ' {
					t.Errorf("%q has a control character", err)
				}
			}
		})
	}
}
