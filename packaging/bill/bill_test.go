package bill_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/packaging/bill"
)

func TestModules(t *testing.T) {
	modules, err := bill.Modules(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	notices := bill.Notices(modules)
	for _, want := range []string{"The Go standard library go1.", "github.com/gophercloud/gophercloud/v2 v2", "github.com/spf13/cobra v1"} {
		if !strings.Contains(notices, want) {
			t.Errorf("the notices: got nothing about %q", want)
		}
	}
	for _, m := range modules {
		if len(m.Texts) == 0 || len(m.Licenses) == 0 {
			t.Errorf("%s: got %d texts, licenses %q, want both", m.Path, len(m.Texts), m.Licenses)
		}
		for _, text := range m.Texts {
			if !strings.Contains(notices, strings.TrimSpace(text.Text)) {
				t.Errorf("the notices: got no text of %s of %s", text.Name, m.Path)
			}
		}
		if m.Path == "github.com/gophercloud-websso/websso" {
			t.Error("got the module itself, want only those of others")
		}
	}
}

func TestIdentify(t *testing.T) {
	apache, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		string(apache): {"Apache-2.0"},
		"":             nil,
		"MIT":          nil, // a name alone
		strings.Repeat("You may look at this. ", 50):                                       nil,
		strings.Repeat("And nobody may sell any of it to anyone. ", 2000) + string(apache): nil,
	} {
		if got := bill.Identify([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%.60s: got %q, want %q", text, got, want)
		}
	}
}
