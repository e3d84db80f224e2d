package clouds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

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
