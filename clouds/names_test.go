package clouds_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

func TestNames(t *testing.T) {
	cleanEnv(t, map[string]string{"OS_CLOUD": "b"})
	for _, tt := range []struct {
		clouds, secure string
		want           []string
	}{
		{"clouds: {b: {auth_type: v3websso}, a: {auth: 7}, c: }", "", []string{"a", "b", "c"}},
		{"clouds: {b: {}}", "clouds: {a: {password: x}}", []string{"a", "b"}},
		{"clouds: {}", "", nil},
		{"clouds:", "", nil},
		{"{}", "", nil},
	} {
		opts := []clouds.ParseOption{clouds.WithCloudsYAML(strings.NewReader(tt.clouds))}
		if tt.secure != "" {
			opts = append(opts, clouds.WithSecureYAML(strings.NewReader(tt.secure)))
		}
		if got, err := clouds.Names(opts...); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, %v, want %q", tt.clouds, got, err, tt.want)
		}
	}
	for _, file := range []string{"clouds: [a]", "clouds: a", "["} {
		if got, err := clouds.Names(clouds.WithCloudsYAML(strings.NewReader(file))); err == nil {
			t.Errorf("%q: got %q, want an error", file, got)
		}
	}
	if _, err := clouds.Names(); err == nil || !strings.Contains(err.Error(), "there is no clouds.yaml") {
		t.Errorf("without a file: got %v", err)
	}
}

// TestWithTLSFiles checks which files are passed on, from the file, the option and the
// variable.
func TestWithTLSFiles(t *testing.T) {
	dir := cleanEnv(t, nil)
	newPEM(t).write(t, dir)
	const file = `
clouds:
  websso: {auth_type: v3websso, protocol: openid, auth_url: "https://x", cacert: ca.pem, cert: cert.pem, key: key.pem}
  unverified: {auth_type: v3websso, protocol: openid, auth_url: "https://x", cacert: missing, verify: false}
  none: {auth_type: v3websso, protocol: openid, auth_url: "https://x"}
`
	in := func(names ...string) (paths [3]string) {
		for i, name := range names {
			paths[i] = filepath.Join(dir, name)
		}
		return paths
	}
	files := func(cloud string, opts ...clouds.ParseOption) (got [3]string) {
		t.Helper()
		opts = append(opts, clouds.WithCloudName(cloud), clouds.WithCloudsYAML(strings.NewReader(file)),
			clouds.WithTLSFiles(func(cacert, cert, key string) { got = [3]string{cacert, cert, key} }))
		_, _, _, err := clouds.Parse(opts...)
		must(t, err)
		return got
	}
	if got := files("websso"); got != in("ca.pem", "cert.pem", "key.pem") {
		t.Errorf("file: got %q", got)
	}
	if got := files("websso", clouds.WithCACertPath("other.pem")); got != in("other.pem", "cert.pem", "key.pem") {
		t.Errorf("option: got %q", got)
	}
	for _, cloud := range []string{"unverified", "none"} {
		if got := files(cloud); got != [3]string{} {
			t.Errorf("%s: got %q, want none", cloud, got)
		}
	}
	t.Setenv("OS_CACERT", "other.pem")
	if got := files("websso"); got != in("other.pem", "cert.pem", "key.pem") {
		t.Errorf("variable: got %q", got)
	}
}
