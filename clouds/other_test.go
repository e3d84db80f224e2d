package clouds_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	upstream "github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gophercloud-websso/websso/clouds"
)

// otherFiles are files in testdata/other with clouds of all kinds but v3websso, for k.
func otherFiles(t *testing.T, k *identity) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{"clouds.yaml", "secure.yaml", "clouds-public.yaml", "beyond.yaml"} {
		files[name] = strings.ReplaceAll(readFile(t, filepath.Join("testdata", "other", name)), "URL", k.URL)
	}
	return files
}

// TestOtherAuthTypes signs in to each cloud with gophercloud alone and with this
// package. Both must send Keystone the same requests and return the same client.
func TestOtherAuthTypes(t *testing.T) {
	k := newIdentity(t)
	files := otherFiles(t, k)
	dir := cleanEnv(t, nil)
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	for line := range strings.Lines(files["clouds.yaml"]) {
		name, ok := strings.CutSuffix(strings.TrimRight(line, "\n"), ":")
		name, indented := strings.CutPrefix(name, "  ")
		if !ok || !indented || strings.HasPrefix(name, " ") {
			continue
		}
		for _, reauth := range []bool{false, true} {
			for _, vars := range []map[string]string{
				{},
				{"OS_REGION_NAME": "south", "OS_INTERFACE": "internal"},
				// gophercloud ignores these if a cloud is named.
				{"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "https://elsewhere.invalid", "OS_PROJECT_ID": "env", "OS_USERNAME": "env", "OS_IDENTITY_PROVIDER": "env"},
			} {
				t.Run(fmt.Sprint(name, reauth, len(vars)), func(t *testing.T) {
					for name, value := range vars {
						t.Setenv(name, value)
					}
					want := k.outcome(alone(t, reauth, upstream.WithCloudName(name)))
					if len(want.requests) == 0 && !want.failed {
						t.Fatal("gophercloud sent no request")
					}
					got := k.outcome(clouds.NewProviderClient(t.Context(), clouds.WithCloudName(name), allowReauth(reauth)))
					if !reflect.DeepEqual(got, want) {
						t.Errorf("got  %+v\nwant %+v", got, want)
					}
				})
			}
		}
	}
}

// TestOtherAuthTypesOptions does the same with the options that both packages have.
func TestOtherAuthTypesOptions(t *testing.T) {
	k := newIdentity(t)
	file := otherFiles(t, k)["clouds.yaml"]
	cleanEnv(t, nil)
	type (
		ours  []clouds.ParseOption
		their []upstream.ParseOption
	)
	system, none, url := &gophercloud.AuthScope{System: true}, &gophercloud.AuthScope{}, k.URL+"/v3/"
	for name, test := range map[string]struct {
		cloud string
		ours  ours
		their their
	}{
		"none": {cloud: "password"},
		"place": {
			"password",
			ours{clouds.WithRegion("south"), clouds.WithEndpointType("internal"), clouds.WithIdentityEndpoint(url)},
			their{upstream.WithRegion("south"), upstream.WithEndpointType("internal"), upstream.WithIdentityEndpoint(url)},
		},
		"user": {
			"password",
			ours{clouds.WithUsername("x"), clouds.WithPassword("y"), clouds.WithDomainName("z")},
			their{upstream.WithUsername("x"), upstream.WithPassword("y"), upstream.WithDomainName("z")},
		},
		"user id":      {"password by id", ours{clouds.WithUserID("x")}, their{upstream.WithUserID("x")}},
		"project":      {"password", ours{clouds.WithProjectID("x")}, their{upstream.WithProjectID("x")}},
		"project name": {"password", ours{clouds.WithProjectName("x")}, their{upstream.WithProjectName("x")}},
		"domain id":    {"domain scope", ours{clouds.WithDomainID("x")}, their{upstream.WithDomainID("x")}},
		"scope":        {"password", ours{clouds.WithScope(system)}, their{upstream.WithScope(system)}},
		"no scope":     {"password", ours{clouds.WithScope(none)}, their{upstream.WithScope(none)}},
		"token":        {"token and project", ours{clouds.WithToken("x")}, their{upstream.WithToken("x")}},
		"application credential": {
			"no password",
			ours{clouds.WithApplicationCredentialID("a"), clouds.WithApplicationCredentialName("n"), clouds.WithApplicationCredentialSecret("s")},
			their{upstream.WithApplicationCredentialID("a"), upstream.WithApplicationCredentialName("n"), upstream.WithApplicationCredentialSecret("s")},
		},
		"empty": {"password", ours{clouds.WithRegion(""), clouds.WithUsername(""), clouds.WithScope(nil)}, their{upstream.WithRegion(""), upstream.WithUsername(""), upstream.WithScope(nil)}},
	} {
		t.Run(name, func(t *testing.T) {
			want := k.outcome(alone(t, true, append(test.their,
				upstream.WithCloudsYAML(strings.NewReader(file)), upstream.WithCloudName(test.cloud))...))
			if want.failed {
				t.Fatal("gophercloud sent no request")
			}
			got := k.outcome(clouds.NewProviderClient(t.Context(), append(test.ours,
				clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName(test.cloud), allowReauth(true))...))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestOtherAuthTypesEnvironment signs in with variables alone and compares with
// gophercloud's reader of the environment.
func TestOtherAuthTypesEnvironment(t *testing.T) {
	type env map[string]string
	k := newIdentity(t)
	for name, vars := range map[string]env{
		"project":                {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d", "OS_PROJECT_NAME": "n"},
		"project id":             {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_ID": "d", "OS_PROJECT_ID": "i"},
		"project by id and name": {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_ID": "d", "OS_PROJECT_ID": "i", "OS_PROJECT_NAME": "n"},
		"tenant":                 {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_ID": "d", "OS_TENANT_ID": "i"},
		"no project":             {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d"},
		"user id":                {"OS_USERID": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "i"},
		"passcode":               {"OS_USERNAME": "u", "OS_PASSCODE": "123456", "OS_DOMAIN_NAME": "d", "OS_PROJECT_ID": "i"},
		"system":                 {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d", "OS_SYSTEM_SCOPE": "all"},
		"application credential": {"OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "s", "OS_AUTH_TYPE": "v3applicationcredential"},
		"application credential by name": {
			"OS_APPLICATION_CREDENTIAL_NAME": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "s",
			"OS_USERNAME": "u", "OS_DOMAIN_NAME": "d",
		},
		"auth type":  {"OS_AUTH_TYPE": "v3password", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d", "OS_PROJECT_NAME": "n"},
		"region":     {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d", "OS_PROJECT_NAME": "n", "OS_REGION_NAME": "north", "OS_INTERFACE": "internal"},
		"no user":    {"OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d"},
		"no secret":  {"OS_USERNAME": "u", "OS_DOMAIN_NAME": "d"},
		"no domain":  {"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "i"},
		"bytes":      {"OS_USERNAME": "p\xe9", "OS_PASSWORD": "\xff\xfe \t\n", "OS_DOMAIN_NAME": "p\u00e9'\"\\"},
		"two of one": {"OS_USERNAME": "u", "OS_USERID": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d"},
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, vars)
			t.Setenv("OS_AUTH_URL", k.URL)
			eo := gophercloud.EndpointOpts{Region: vars["OS_REGION_NAME"], Availability: gophercloud.AvailabilityPublic}
			if vars["OS_INTERFACE"] != "" {
				eo.Availability = gophercloud.Availability(vars["OS_INTERFACE"])
			}
			var client *gophercloud.ProviderClient
			ao, err := openstack.AuthOptionsFromEnv()
			if err == nil {
				client, err = openstack.AuthenticatedClient(t.Context(), ao)
			}
			want := k.outcome(client, eo, err)
			got := k.outcome(clouds.NewProviderClient(t.Context()))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestBeyondGophercloud signs in to clouds that gophercloud alone can't read.
func TestBeyondGophercloud(t *testing.T) {
	k := newIdentity(t)
	file := otherFiles(t, k)["beyond.yaml"]
	const want = `"password":{"user":{"domain":{"name":"Users"},"name":"u","password":"p"}}},"scope":{"project":{"domain":{"name":"Projects"},"name":"n"}}}}`
	signIn := func(t *testing.T, opts ...clouds.ParseOption) {
		t.Helper()
		k.requests()
		_, _, err := clouds.NewProviderClient(t.Context(), opts...)
		must(t, err)
		asked := k.requests()
		if last := asked[len(asked)-1]; !strings.HasSuffix(last, want) {
			t.Errorf("got  %s\nwant %s", last, want)
		}
	}
	for _, name := range []string{"beside auth", "hyphens", "tenant", "template", "list of regions"} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, nil)
			signIn(t, clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName(name))
		})
	}
	t.Run("Horizon's openrc", func(t *testing.T) {
		cleanEnv(t, map[string]string{
			"OS_AUTH_URL": k.URL, "OS_PROJECT_NAME": "n", "OS_PROJECT_DOMAIN_NAME": "Projects",
			"OS_USERNAME": "u", "OS_USER_DOMAIN_NAME": "Users", "OS_PASSWORD": "p",
		})
		signIn(t)
	})
	t.Run("token in the environment", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "v3token", "OS_AUTH_URL": k.URL, "OS_TOKEN": "a-token", "OS_PROJECT_ID": "i"})
		_, _, err := clouds.NewProviderClient(t.Context())
		must(t, err)
		if asked := k.requests(); !strings.Contains(asked[len(asked)-1], `"token":{"id":"a-token"}`) {
			t.Errorf("got %q, want a request with the token", asked)
		}
	})
}
