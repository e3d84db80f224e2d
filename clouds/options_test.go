package clouds_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

func TestOptions(t *testing.T) {
	file := acme(`    identity_provider: acme
    region_name: north
    interface: internal
    regions: [north, south]
    verify: false
    auth: {project_name: demo, project_domain_name: Default}
  other: {auth_type: v3websso, auth_url: https://identity.example.com, protocol: openid, profile: x, auth: {project_name: x, trust_id: y}}
`)
	demo := &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"}
	base := meaning{
		AuthURL: "https://identity.example.com", IdentityProvider: "acme", Protocol: "openid",
		Scope: demo, Region: "north", Interface: "internal", Unverified: true,
	}
	// What other has, with a scope in place of its wrong one.
	other := meaning{AuthURL: base.AuthURL, Protocol: "openid", Scope: &gophercloud.AuthScope{ProjectID: "p"}, Interface: "public"}
	atOther := []clouds.ParseOption{clouds.WithCloudName("other"), clouds.WithScope(other.Scope)}
	public := func(provider string) string { return "public-clouds: {x: {identity_provider: " + provider + "}}" }
	pem := newPEM(t)
	for name, test := range map[string]struct {
		opts []clouds.ParseOption
		want func(*meaning)
	}{
		"a scope replaces a wrong one": {atOther, func(m *meaning) { *m = other }},
		"public locations": {
			append(atOther, clouds.WithPublicLocations("nowhere", "p/public")),
			func(m *meaning) { *m = other; m.IdentityProvider = "file" },
		},
		"public YAML": {
			append(atOther, clouds.WithCloudsPublicYAML(strings.NewReader(public("reader")))),
			func(m *meaning) { *m = other; m.IdentityProvider = "reader" },
		},
		"over the environment": {
			[]clouds.ParseOption{clouds.WithIdentityEndpoint("https://x"), clouds.WithRegion("north"), clouds.WithEndpointType("admin"), clouds.WithProjectID("x")},
			func(m *meaning) {
				m.AuthURL, m.Interface, m.Scope = "https://x", "admin", &gophercloud.AuthScope{ProjectID: "x"}
			},
		},
		"none":              {nil, func(*meaning) {}},
		"empty strings":     {[]clouds.ParseOption{clouds.WithRegion(""), clouds.WithProjectID(""), clouds.WithIdentityEndpoint(""), clouds.WithScope(nil)}, func(*meaning) {}},
		"URL":               {[]clouds.ParseOption{clouds.WithIdentityEndpoint("https://x")}, func(m *meaning) { m.AuthURL = "https://x" }},
		"region":            {[]clouds.ParseOption{clouds.WithRegion("south")}, func(m *meaning) { m.Region = "south" }},
		"endpoint type":     {[]clouds.ParseOption{clouds.WithEndpointType("admin")}, func(m *meaning) { m.Interface = "admin" }},
		"project":           {[]clouds.ParseOption{clouds.WithProjectName("x")}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{ProjectName: "x", DomainName: "Default"} }},
		"project id":        {[]clouds.ParseOption{clouds.WithProjectID("x")}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{ProjectID: "x"} }},
		"scope":             {[]clouds.ParseOption{clouds.WithScope(&gophercloud.AuthScope{System: true})}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{System: true} }},
		"no scope":          {[]clouds.ParseOption{clouds.WithScope(&gophercloud.AuthScope{})}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{} }},
		"verified":          {[]clouds.ParseOption{clouds.WithInsecure(false)}, func(m *meaning) { m.Unverified = false }},
		"authority":         {[]clouds.ParseOption{clouds.WithInsecure(false), clouds.WithCACertPath("ca.pem")}, func(m *meaning) { m.Unverified, m.CACert = false, true }},
		"certificate":       {[]clouds.ParseOption{clouds.WithClientCertPath("cert.pem"), clouds.WithClientKeyPath("key.pem")}, func(m *meaning) { m.Cert = true }},
		"users are ignored": {[]clouds.ParseOption{clouds.WithUserID("x"), clouds.WithPassword("x"), clouds.WithToken("x"), clouds.WithApplicationCredentialID("x"), clouds.WithApplicationCredentialName("x"), clouds.WithApplicationCredentialSecret("x")}, func(*meaning) {}},
		"username":          {[]clouds.ParseOption{clouds.WithUsername("x")}, func(m *meaning) { m.Username = "x" }},
		"auth options": {[]clouds.ParseOption{
			clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Protocol, ao.RedirectPort = ao.Protocol+"2", 1 }),
			clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.RedirectPort++; ao.Scope = nil }),
		}, func(m *meaning) { m.Protocol, m.RedirectPort, m.Scope = "openid2", 2, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			vars := map[string]string{"OS_CLOUD": "nowhere"} // options override variables
			if name == "over the environment" {
				vars = map[string]string{"OS_AUTH_URL": "https://env", "OS_REGION_NAME": "south", "OS_INTERFACE": "public", "OS_PROJECT_ID": "env"}
			}
			dir := cleanEnv(t, vars)
			pem.write(t, dir)
			writeFile(t, "clouds.yaml", file)
			writeFile(t, "p/public", public("file"))
			want := base
			test.want(&want)
			got, err := parse(append([]clouds.ParseOption{clouds.WithCloudName("acme")}, test.opts...)...)
			must(t, err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s\nwant %s", show(got), show(want))
			}
		})
	}
	t.Run("an unknown region", func(t *testing.T) {
		cleanEnv(t, nil)
		_, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"), clouds.WithRegion("west"))
		checkError(t, err, "WithRegion", `"west"`)
	})
	t.Run("the caller's scope is not shared", func(t *testing.T) {
		cleanEnv(t, nil)
		scope := &gophercloud.AuthScope{ProjectID: "p"}
		_, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"), clouds.WithScope(scope),
			clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Scope.ProjectID = "q" }))
		if err != nil || scope.ProjectID != "p" {
			t.Errorf("got %+v, %v", scope, err)
		}
	})
}
