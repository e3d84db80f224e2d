package surface_test

import (
	"slices"
	"testing"

	"github.com/gophercloud-websso/websso/packaging/surface"
)

func TestRemoved(t *testing.T) {
	before := []string{"a\tint", "b\tint", "c\tint"}
	for _, tt := range []struct {
		name        string
		after, want []string
	}{
		{"nothing changed", []string{"a\tint", "b\tint", "c\tint"}, nil},
		{"another order", []string{"c\tint", "b\tint", "a\tint"}, nil},
		{"one added", []string{"a\tint", "b\tint", "c\tint", "d\tint"}, nil},
		{"one removed", []string{"a\tint", "c\tint"}, []string{"b\tint"}},
		{"one changed", []string{"a\tint", "b\tstring", "c\tint"}, []string{"b\tint"}},
		{"all removed", nil, before},
	} {
		if got := surface.Removed(before, tt.after); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUnannounced(t *testing.T) {
	const timeout, flag, key = "websso.AuthOptions.Timeout\tfield time.Duration", "--cache-dir\twebsso", "token -o json: auth_url\tstring"
	for _, tt := range []struct {
		name, changelog, line string
		announced             bool
	}{
		{"a field", "# C\n\n## [Unreleased]\n\n### Changed\n\n- **Breaking:** `Timeout` is gone.\n", timeout, true},
		{"a flag", "# C\n\n## [Unreleased]\n\n- Other.\n- **Breaking:** `--cache-dir` is\n  gone, and so is `x`.\n", flag, true},
		{"a key", "# C\n\n## [Unreleased]\n\n- **Breaking:** `token -o json: auth_url` is gone.\n", key, true},
		{"no section", "# C\n\n- **Breaking:** `Timeout`\n", timeout, false},
		{"nothing", "", timeout, false},
		{"not marked", "# C\n\n## [Unreleased]\n\n- `Timeout` is gone.\n", timeout, false},
		{"marked in the middle", "# C\n\n## [Unreleased]\n\n- Some **Breaking:** `Timeout`.\n", timeout, false},
		{"another name", "# C\n\n## [Unreleased]\n\n- **Breaking:** `TimeoutX`.\n", timeout, false},
		{"not quoted", "# C\n\n## [Unreleased]\n\n- **Breaking:** Timeout.\n", timeout, false},
		{"of the last release", "# C\n\n## [Unreleased]\n\n- No.\n\n## [0.1.0]\n\n- **Breaking:** `Timeout`.\n", timeout, false},
		{"only the type", "# C\n\n## [Unreleased]\n\n- **Breaking:** `AuthOptions`.\n", timeout, false},
		{"in the paragraph after", "# C\n\n## [Unreleased]\n\n- **Breaking:** x.\n\n`Timeout`\n", timeout, false},
	} {
		got := surface.Unannounced(tt.changelog, []string{tt.line})
		if tt.announced != (len(got) == 0) {
			t.Errorf("%s: got %q unannounced, want announced: %v", tt.name, got, tt.announced)
		}
	}
}
