package keystone_test

import (
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
)

func TestSignOut(t *testing.T) {
	t.Parallel()
	c := keystone.NewClient(&gophercloud.ProviderClient{}, "https://keystone.example/identity/v3")
	const (
		back   = "https%3A%2F%2Fkeystone.example%2Fidentity%2Fv3%2Fredirect"
		openid = "https://keystone.example/identity/v3/redirect?logout=https%3A%2F%2Fkeystone.example%2Fidentity%2Fv3"
		mellon = "https://keystone.example/mellon/logout?ReturnTo=https%3A%2F%2Fkeystone.example%2Fidentity%2Fv3"
	)
	for _, tt := range []struct {
		name     string
		status   int
		location string
		want     string
	}{
		{"mod_auth_openidc", 302, "https://sso.example/authorize?response_type=code&redirect_uri=" + back + "&state=x", openid},
		{"with a page to choose", 302, "https://keystone.example/choose?oidc_callback=" + back + "&target_link_uri=x", openid},
		{"mod_auth_mellon", 303, "https://keystone.example/mellon/login?ReturnTo=https%3A%2F%2Fkeystone.example%2Fx&IdP=y", mellon},
		{"mod_auth_mellon, a path", 303, "/mellon/login?ReturnTo=x", mellon},
		{"a query in the address", 302, "https://sso.example/?redirect_uri=" + back + "%3Fx%3Dy", openid},
		{"back to another host", 302, "https://sso.example/?redirect_uri=https%3A%2F%2Felsewhere.example%2Fredirect", ""},
		{"back without TLS", 302, "https://sso.example/?redirect_uri=http%3A%2F%2Fkeystone.example%2Fredirect", ""},
		{"another host's login", 302, "https://sso.example/login?ReturnTo=x", ""},
		{"a script", 302, "https://sso.example/?redirect_uri=javascript:alert(1)", ""},
		{"no address", 302, "https://sso.example/?redirect_uri=%25zz", ""},
		{"Shibboleth", 302, "https://sso.example/idp/SSO?SAMLRequest=x&RelayState=y", ""},
		{"no redirect", 401, "", ""},
		{"no location", 302, "", ""},
		{"broken", 302, "https://%zz/", ""},
	} {
		begin := keystone.Answer{Status: tt.status, Header: http.Header{"Location": {tt.location}}}
		if got := c.SignOut(begin); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
