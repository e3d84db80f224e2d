package main

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
		name            string
		info            *debug.BuildInfo
		release, commit string
		want            string
	}{
		{"no build information", nil, "", "", "websso version devel ("},
		{"an empty version", &debug.BuildInfo{}, "", "", "websso version devel ("},
		{"go build without version control", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "", "", "websso version devel ("},
		{"go build in a work tree", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: setting("vcs.revision", "abc", "vcs.modified", "false")}, "", "", "websso version devel (commit abc, "},
		{"a work tree with changes", &debug.BuildInfo{Settings: setting("vcs.revision", "abc", "vcs.modified", "true")}, "", "", "websso version devel (commit abc with changes, "},
		{"go install of a tag", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, "", "", "websso version v0.1.0 (go"},
		{"go install of a commit", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.1-0.20261124163000-0123456789ab"}}, "", "", "websso version v0.1.1-0.20261124163000-0123456789ab (commit 0123456789ab, "},
		{"a pre-release is no commit", &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0-rc.1"}}, "", "", "websso version v0.1.0-rc.1 (go"},
		{"a release", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: setting("vcs.revision", "other")}, "v0.1.0", "abc", "websso version v0.1.0 (commit abc, "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			release, commit = tt.release, tt.commit
			t.Cleanup(func() { release, commit = "", "" })
			got := thisBuild(tt.info).String()
			if !strings.HasPrefix(got, tt.want) || !strings.HasSuffix(got, ")") {
				t.Errorf("got %q, want it to begin with %q", got, tt.want)
			}
		})
	}
}
