package clouds_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gophercloud-websso/websso/clouds"
)

// TestBytes checks that values reach gophercloud byte for byte. A variable or a file
// name need not be UTF-8, and some texts are hard to write as YAML.
func TestBytes(t *testing.T) {
	for _, text := range []string{
		"p\xe9", "\xff", "\xc3(", "p\u00e9\xe9", "p\u00e9", "\t\n", "\ttab\n, then\n\n", " spaces ", "\x7f", "\x1b[2J",
		"a\r\nb\r", "\u0085\u2028\u2029\ufeff", "\uffff", "\U0010ffff", "null", "0x1F", "yes", "{a: b}", "<<", "*a", "&a", "!!str", "%a", "#", "\"'\\",
	} {
		t.Run(text, func(t *testing.T) {
			if runtime.GOOS == "windows" && !utf8.ValidString(text) {
				t.Skip("variables are UTF-16 here")
			}
			cleanEnv(t, map[string]string{
				"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "https://x", "OS_PROTOCOL": "openid",
				"OS_PROJECT_NAME": text, "OS_PROJECT_DOMAIN_NAME": text, "OS_REGION_NAME": text,
			})
			got, err := parse()
			must(t, err)
			want := gophercloud.AuthScope{ProjectName: text, DomainName: text}
			if got.Scope == nil || *got.Scope != want || got.Region != text {
				t.Errorf("got %+v in %q, want %+v in %q", got.Scope, got.Region, want, text)
			}
		})
	}
}

// TestBytesOfAPassword compares with gophercloud's own reader of the environment.
func TestBytesOfAPassword(t *testing.T) {
	k := newIdentity(t)
	for _, text := range []string{"p\xe9", "\xff\xfe", "p\u00e9", "\t\n", "'\"\\"} {
		t.Run(text, func(t *testing.T) {
			cleanEnv(t, map[string]string{"OS_AUTH_URL": k.URL, "OS_USERNAME": text, "OS_PASSWORD": text, "OS_DOMAIN_NAME": text})
			ao, err := openstack.AuthOptionsFromEnv()
			must(t, err)
			if _, err := openstack.AuthenticatedClient(t.Context(), ao); err != nil {
				t.Fatal(err)
			}
			want := strings.Join(k.requests(), "\n")
			if _, _, err := clouds.NewProviderClient(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(k.requests(), "\n"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestBytesOfAPath trusts a file whose name is not UTF-8.
func TestBytesOfAPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("file names are UTF-8 here")
	}
	k := newIdentity(t)
	dir := cleanEnv(t, nil)
	path := filepath.Join(dir, "\xe9.pem")
	writeFile(t, path, newPEM(t)["ca.pem"])
	t.Setenv("OS_CACERT", path)
	for _, vars := range []map[string]string{
		{"OS_AUTH_URL": k.URL, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d"},
		{"OS_AUTH_URL": k.URL, "OS_AUTH_TYPE": "v3websso", "OS_PROTOCOL": "openid"},
	} {
		for name, value := range vars {
			t.Setenv(name, value)
		}
		var err error
		if vars["OS_AUTH_TYPE"] == "" {
			_, _, err = clouds.NewProviderClient(t.Context())
		} else {
			_, err = parse()
		}
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
	}
}
