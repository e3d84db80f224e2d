package bill

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// The parts of a CycloneDX 1.6 bill of materials (cyclonedx.org/docs/1.6/json) that are
// used here.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp time.Time `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Reference  string     `json:"bom-ref"`
		Type       string     `json:"type"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl"`
		Scope      string     `json:"scope,omitempty"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Licenses   []license  `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash     struct{ Alg, Content string }
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	license struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	dependency struct {
		Reference string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// MarshalJSON writes the names as CycloneDX has them.
func (h hash) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"alg": h.Alg, "content": h.Content})
}

// SBOM returns the CycloneDX bill of materials of a binary, from what Go's linker wrote
// into it. version and made are those of the release; the same binary has the same bill.
func SBOM(path, version string, made time.Time, modules []Module) ([]byte, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(binary)
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	licenses := map[string][]license{}
	for _, m := range modules {
		for _, name := range m.Licenses {
			var l license
			l.License.ID = name
			licenses[m.Path] = append(licenses[m.Path], l)
		}
	}
	const own = "github.com/gophercloud-websso/websso"
	var apache license
	apache.License.ID = "Apache-2.0"
	command := component{
		Reference: "websso", Type: "application", Name: "websso", Version: version,
		PURL:     fmt.Sprintf("pkg:golang/%s@%s?goarch=%s&goos=%s#cmd/websso", own, version, settings["GOARCH"], settings["GOOS"]),
		Hashes:   []hash{{"SHA-256", hex.EncodeToString(sum[:])}},
		Licenses: []license{apache},
	}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{Timestamp: made.UTC(), Component: command},
	}
	depends := dependency{Reference: command.Reference}
	add := func(path, version, sum string) error {
		if licenses[path] == nil {
			return fmt.Errorf("%s is in the binary, and not among the modules whose licenses are known", path)
		}
		purl := fmt.Sprintf("pkg:golang/%s@%s", path, version)
		c := component{Reference: purl, Type: "library", Name: path, Version: version, PURL: purl, Scope: "required", Licenses: licenses[path]}
		if sum != "" {
			c.Properties = []property{{"go:sum", sum}}
		}
		b.Components = append(b.Components, c)
		depends.DependsOn = append(depends.DependsOn, purl)
		return nil
	}
	for _, m := range info.Deps {
		if m.Path == own {
			continue // built through the module proxy, the command is a dependency itself
		}
		if err := add(m.Path, m.Version, m.Sum); err != nil {
			return nil, err
		}
	}
	if err := add("std", strings.TrimPrefix(info.GoVersion, "go"), ""); err != nil {
		return nil, err
	}
	b.Dependencies = []dependency{depends}
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}
