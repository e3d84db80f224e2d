package clouds_test

import (
	"runtime"
	"testing"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
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
