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
	for _, authType := range []string{"password", "v3applicationcredential", "v3token", "V3WebSSO", "none", "\x1b[2J"} {
		t.Run(authType, func(t *testing.T) {
			cleanEnv(t, nil)
			file := fmt.Sprintf("clouds: {acme: {auth_type: %q, auth_url: 'https://x', protocol: openid}}", authType)
			_, _, _, err := clouds.Parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"))
			if !errors.Is(err, clouds.ErrAuthType) {
				t.Errorf("got %v, want ErrAuthType", err)
			}
			checkError(t, err, fmt.Sprintf("%q", authType), "clouds.yaml", `"acme"`)
		})
	}
	t.Run("none set", func(t *testing.T) {
		cleanEnv(t, nil)
		_, _, _, err := clouds.Parse(clouds.WithCloudsYAML(strings.NewReader("clouds: {acme: {}}")), clouds.WithCloudName("acme"))
		if !errors.Is(err, clouds.ErrAuthType) {
			t.Errorf("got %v, want ErrAuthType", err)
		}
	})
	t.Run("environment", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "password", "OS_AUTH_URL": "https://x", "OS_PASSWORD": "hunter2"})
		_, _, _, err := clouds.Parse()
		if !errors.Is(err, clouds.ErrAuthType) {
			t.Errorf("got %v, want ErrAuthType", err)
		}
		checkError(t, err, "OS_AUTH_TYPE", `"password"`)
	})
	t.Run("variable for a cloud without one", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "v3websso"})
		file := "clouds: {acme: {auth_url: 'https://x', protocol: openid}}"
		if _, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme")); err != nil {
			t.Errorf("got %v, want no error", err)
		}
	})
	t.Run("variable for a cloud with a password", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "v3websso"})
		file := "clouds: {acme: {auth: {auth_url: 'https://x', protocol: openid, password: p}}}"
		if _, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme")); !errors.Is(err, clouds.ErrAuthType) {
			t.Errorf("got %v, want ErrAuthType", err)
		}
	})
}
