package clouds_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

// FuzzParse checks that any three files give a cloud or an error with our prefix.
func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/operators.yaml", "testdata/rules.yaml", "testdata/clouds-public.yaml", "testdata/secure.yaml"} {
		text, err := os.ReadFile(path)
		must(f, err)
		f.Add(text, text, text)
	}
	f.Add([]byte(acme("    profile: x\n    regions: [{name: n, values: {auth: {}}}]\n    verify: no\n")), []byte("clouds: {acme: {}}"), []byte("public-clouds: {x: {auth: {auth_url: '{region_name}'}}}"))
	f.Add([]byte("clouds: {acme: &a {<<: [*a, *a], auth: *a}}"), []byte("{"), []byte("\xff\xfe"))
	f.Add([]byte("clouds: {acme: {auth: {auth_url: x, username: u, password: \"\\x7f\"}}}"), []byte(""), []byte("---\n---\n"))
	f.Fuzz(func(t *testing.T, file, secure, public []byte) {
		for _, text := range [][]byte{file, secure, public} {
			if strings.Contains(string(text), "/dev/") {
				t.Skip("a device has no end")
			}
		}
		ao, _, tlsConfig, err := clouds.Parse(
			clouds.WithCloudsYAML(strings.NewReader(string(file))),
			clouds.WithSecureYAML(strings.NewReader(string(secure))),
			clouds.WithCloudsPublicYAML(strings.NewReader(string(public))),
			clouds.WithCloudName("acme"))
		switch {
		case err != nil && !strings.HasPrefix(err.Error(), "websso: "):
			t.Errorf("got %q, want the prefix websso", err)
		case err == nil && (ao.IdentityEndpoint == "" || ao.Protocol == "" || tlsConfig == nil):
			t.Errorf("got %+v without an error, want a complete cloud", ao)
		}
	})
}
