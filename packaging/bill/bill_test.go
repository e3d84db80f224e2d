package bill_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/packaging/bill"
)

const root = "../.."

func TestModules(t *testing.T) {
	modules, err := bill.Modules(t.Context(), root)
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
	apache, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"our own", string(apache), []string{"Apache-2.0"}},
		{"nothing", "", nil},
		{"no license", strings.Repeat("You may look at this. ", 50), nil},
		{"a name alone", "MIT", nil},
		{"hidden in other text", strings.Repeat("And nobody may sell any of it to anyone. ", 2000) + string(apache), nil},
	} {
		if got := bill.Identify([]byte(tt.text)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSBOM(t *testing.T) {
	modules, err := bill.Modules(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "websso")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "./cmd/websso")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	made := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	text, err := bill.SBOM(path, "v1.2.3", made, modules)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Timestamp string
			Component struct{ Name, Version string }
		}
		Components []struct {
			Name, Version, PURL string
			Licenses            []struct{ License struct{ ID string } }
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.BOMFormat != "CycloneDX" || got.SpecVersion != "1.6" || got.Metadata.Timestamp != "2020-01-02T03:04:05Z" || got.Metadata.Component.Version != "v1.2.3" {
		t.Errorf("got %+v", got)
	}
	var names []string
	for _, c := range got.Components {
		names = append(names, c.Name)
		if len(c.Licenses) == 0 || c.Version == "" || !strings.HasPrefix(c.PURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("got component %+v, want a version, a license and an address", c)
		}
	}
	for _, want := range []string{"std", "github.com/gophercloud/gophercloud/v2"} {
		if !slices.Contains(names, want) {
			t.Errorf("got components %q, want %s among them", names, want)
		}
	}
	again, err := bill.SBOM(path, "v1.2.3", made, modules)
	if err != nil || string(again) != string(text) {
		t.Errorf("got another bill the second time (%v), want the same", err)
	}
	if _, err := bill.SBOM(path, "v1.2.3", made, modules[:1]); err == nil {
		t.Error("got no error for a module whose license is not known")
	}
	if _, err := bill.SBOM(filepath.Join(root, "LICENSE"), "v1.2.3", made, modules); err == nil {
		t.Error("got no error for a file that Go did not build")
	}
}
