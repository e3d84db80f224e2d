package clouds_test

import (
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestOwnWords checks that errors of the library name a setting as it was set.
func TestOwnWords(t *testing.T) {
	k := webssotest.NewKeystone(t)
	file := strings.Replace(k.CloudsYAML(), "identity_provider: "+webssotest.IdentityProvider, "identity_provider: nobody", 1)
	below := "clouds: {c: {auth_type: v3websso, auth: {auth_url: '" + k.URL() + "', identity_provider: nobody, protocol: openid}}}"
	named := clouds.WithNames(func(name string) string { return "--" + strings.ToLower(strings.TrimPrefix(name, "OS_")) })
	for name, test := range map[string]struct {
		file, cloud string
		vars        map[string]string
		opt         clouds.ParseOption
		says, not   string
		unread      bool // it fails before a sign-in
	}{
		"variable that the program names": {file: k.CloudsYAML(), cloud: "websso", vars: map[string]string{"OS_IDENTITY_PROVIDER": "nobody"}, opt: named, says: "correct --identity_provider"},
		"wrong variable that it names":    {file: k.CloudsYAML(), cloud: "websso", vars: map[string]string{"OS_REDIRECT_PORT": "x"}, opt: named, says: `--redirect_port is "x": use a port`, unread: true},
		"file":                            {file: file, cloud: "websso", says: `correct identity_provider of cloud "websso" in clouds.yaml`, not: "IdentityProvider"},
		"below auth":                      {file: below, cloud: "c", says: `correct auth.protocol of cloud "c" in clouds.yaml or auth.identity_provider`, not: "IdentityProvider"},
		"variable over the file": {
			file: k.CloudsYAML(), cloud: "websso", vars: map[string]string{"OS_IDENTITY_PROVIDER": "nobody"},
			says: "correct OS_IDENTITY_PROVIDER", not: "clouds.yaml",
		},
		"environment": {
			vars: map[string]string{"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": k.URL(), "OS_PROTOCOL": "openid", "OS_IDENTITY_PROVIDER": "nobody"},
			says: "correct OS_PROTOCOL or OS_IDENTITY_PROVIDER",
		},
		"the program": {
			file: k.CloudsYAML(), cloud: "websso", opt: clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.IdentityProvider = "nobody" }),
			says: "correct IdentityProvider", not: "clouds.yaml",
		},
		"a name in braces": {
			file: k.CloudsYAML(), cloud: "websso", vars: map[string]string{"OS_IDENTITY_PROVIDER": "{protocol}"},
			says: "Could not find Identity Provider: {protocol}", not: "clouds.yaml",
		},
		"option": {
			file: k.CloudsYAML(), cloud: "websso", opt: clouds.WithIdentityEndpoint(k.URL() + "/nowhere"),
			says: "correct WithIdentityEndpoint", not: "clouds.yaml",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, test.vars)
			calls := 0
			opts := []clouds.ParseOption{signInAt(k), clouds.WithTLSFiles(func(string, string, string) { calls++ })}
			if test.file != "" {
				opts = append(opts, clouds.WithCloudsYAML(strings.NewReader(test.file)), clouds.WithCloudName(test.cloud))
			}
			if test.opt != nil {
				opts = append(opts, test.opt)
			}
			_, _, err := clouds.NewProviderClient(t.Context(), opts...)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want it to say %q", err, test.says)
			}
			if calls != 1 && !test.unread {
				t.Errorf("got %d calls of WithTLSFiles' function, want 1", calls)
			}
			if test.not != "" && strings.Contains(err.Error(), test.not) {
				t.Errorf("got %v, want it not to say %q", err, test.not)
			}
		})
	}
}
