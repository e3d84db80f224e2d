package command

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestThisBuild(t *testing.T) {
	commit := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: modified}}
	}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"no build information", nil, "version devel ("},
		{"an empty version", &debug.BuildInfo{}, "version devel ("},
		{"go build without version control", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "version devel ("},
		{"go build in a work tree", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: commit("false")}, "version devel (commit abc, "},
		{"a work tree with changes", &debug.BuildInfo{Settings: commit("true")}, "version devel (commit abc with changes, "},
		{"go install of a tag", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, "version v0.1.0 (go"},
		{"go install of a commit", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.1-0.20261124163000-0123456789ab"}}, "version v0.1.1-0.20261124163000-0123456789ab (go"},
		{"a pre-release is no commit", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0-rc.1"}}, "version v0.1.0-rc.1 (go"},
	} {
		if got := describeBuild("", tt.info).String(); !strings.HasPrefix(got, tt.want) || !strings.HasSuffix(got, ")") {
			t.Errorf("%s: got %q, want it to begin with %q", tt.name, got, tt.want)
		}
	}
}
