package clouds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

// TestUnknownAuthType signs in with auth_types that gophercloud can't use.
func TestUnknownAuthType(t *testing.T) {
	k := newIdentity(t)
	for _, authType := range []string{"v3oidcpassword", "v3oidcdeviceauthz", "v3kerberos", "none", "http_basic", "Password", "v3webssso"} {
		cleanEnv(t, nil)
		file := fmt.Sprintf("clouds: {acme: {auth_type: %s, auth: {auth_url: '%s', username: u, password: hunter2, user_domain_name: d}}}", authType, k.URL)
		_, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"))
		checkError(t, err, `clouds.yaml: cloud "acme": auth_type`, fmt.Sprintf("%q", authType), "v3applicationcredential", "v3websso")
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": authType, "OS_AUTH_URL": k.URL, "OS_USERNAME": "u", "OS_PASSWORD": "hunter2", "OS_DOMAIN_NAME": "d"})
		_, _, err = clouds.NewProviderClient(t.Context())
		checkError(t, err, "OS_AUTH_TYPE", fmt.Sprintf("%q", authType), "v3applicationcredential")
	}
	if asked := k.requests(); len(asked) > 0 {
		t.Errorf("got %q, want no request", asked)
	}
}

func TestErrAuthType(t *testing.T) {
	const password, none = "clouds: {acme: {auth: {auth_url: 'https://x', protocol: openid, password: p}}}", "clouds: {acme: {auth_url: 'https://x', protocol: openid}}"
	type env map[string]string
	for name, test := range map[string]struct {
		file string // "": the environment alone
		vars env
		says []string // nil: no error
	}{
		"a password":            {"clouds: {acme: {auth_type: password, auth_url: 'https://x', protocol: openid}}", nil, []string{`"password"`, "clouds.yaml", `"acme"`}},
		"another case":          {"clouds: {acme: {auth_type: V3WebSSO, auth_url: 'https://x', protocol: openid}}", nil, []string{`"V3WebSSO"`}},
		"a control sequence":    {`clouds: {acme: {auth_type: "\e[2J"}}`, nil, []string{`\x1b[2J`}},
		"none set":              {"clouds: {acme: {}}", nil, []string{"auth_type"}},
		"environment":           {"", env{"OS_AUTH_TYPE": "password", "OS_AUTH_URL": "https://x", "OS_PASSWORD": "hunter2"}, []string{"OS_AUTH_TYPE", `"password"`}},
		"variable for none":     {none, env{"OS_AUTH_TYPE": "v3websso"}, nil},
		"variable for a secret": {password, env{"OS_AUTH_TYPE": "v3websso"}, []string{"auth_type"}},
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, test.vars)
			var opts []clouds.ParseOption
			if test.file != "" {
				opts = []clouds.ParseOption{clouds.WithCloudsYAML(strings.NewReader(test.file)), clouds.WithCloudName("acme")}
			}
			_, err := parse(opts...)
			if errors.Is(err, clouds.ErrAuthType) != (test.says != nil) {
				t.Errorf("got %v, want ErrAuthType: %t", err, test.says != nil)
			}
			if test.says != nil {
				checkError(t, err, test.says...)
			}
		})
	}
}
