package clouds_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// TestReference compares the tables of docs/reference.md with the keys and variables
// that the code reads.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("../docs/reference.md")
	must(t, err)
	words := func(cell string) []string { return strings.Fields(strings.NewReplacer("`", "", ",", "").Replace(cell)) }
	var keys []cloudconf.Key
	var selectors []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		if cells[len(cells)-1] == "" {
			t.Errorf("got a row without a meaning: %s", line)
		}
		switch len(cells) {
		case 5:
			keys = append(keys, cloudconf.Key{Name: strings.Join(words(cells[0]), " "), Aliases: words(cells[1]), Variables: words(cells[2]), Auth: cells[3] == "yes"})
		case 2:
			selectors = append(selectors, words(cells[0])...)
		default:
			t.Errorf("got a row of %d cells, want 2 or 5: %s", len(cells), line)
		}
	}
	read := slices.Concat(cloudconf.Keys, cloudconf.Credentials)
	for i := range max(len(keys), len(read)) {
		if i >= len(keys) {
			t.Errorf("docs/reference.md lacks %s", read[i].Name)
			continue
		}
		if i >= len(read) {
			t.Errorf("docs/reference.md has %s, which nothing reads", keys[i].Name)
			continue
		}
		got, want := keys[i], read[i]
		if got.Name != want.Name || !slices.Equal(got.Aliases, want.Aliases) || !slices.Equal(got.Variables, want.Variables) || got.Auth != want.Auth {
			t.Fatalf("docs/reference.md: got a row %+v, want %+v", got, want) // all that follow are off by one
		}
	}
	if !slices.Equal(selectors, cloudconf.Selectors) {
		t.Errorf("docs/reference.md: got %q, want %q", selectors, cloudconf.Selectors)
	}
}
