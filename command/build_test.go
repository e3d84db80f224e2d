package command

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestThisBuild(t *testing.T) {
	setting := func(pairs ...string) (settings []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			settings = append(settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return settings
	}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"no build information", nil, "version devel ("},
		{"an empty version", &debug.BuildInfo{}, "version devel ("},
		{"go build without version control", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "version devel ("},
		{"go build in a work tree", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: setting("vcs.revision", "abc", "vcs.modified", "false")}, "version devel (commit abc, "},
		{"a work tree with changes", &debug.BuildInfo{Settings: setting("vcs.revision", "abc", "vcs.modified", "true")}, "version devel (commit abc with changes, "},
		{"go install of a tag", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, "version v0.1.0 (go"},
		{"go install of a commit", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.1-0.20261124163000-0123456789ab"}}, "version v0.1.1-0.20261124163000-0123456789ab (go"},
		{"a pre-release is no commit", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0-rc.1"}}, "version v0.1.0-rc.1 (go"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := describeBuild("", tt.info).String()
			if !strings.HasPrefix(got, tt.want) || !strings.HasSuffix(got, ")") {
				t.Errorf("got %q, want it to begin with %q", got, tt.want)
			}
		})
	}
}
