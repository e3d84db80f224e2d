package command

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// buildInfo is what bug reports and package managers ask for. Its JSON is part of the
// command's interface.
type buildInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the work tree had changes beyond the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (b buildInfo) String() string {
	text := "version " + b.Version + " ("
	if b.Commit != "" {
		text += "commit " + b.Commit
		if b.Modified {
			text += " with changes"
		}
		text += ", "
	}
	return text + b.Go + ", " + b.Platform + ")"
}

// thisBuild describes the running binary from what go build recorded: the version of the
// module that was installed, or the commit of the work tree that was built.
func thisBuild(info *debug.BuildInfo) buildInfo {
	b := buildInfo{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// readBuild describes the running binary. version is what its program says, or "".
func readBuild(version string) buildInfo {
	info, _ := debug.ReadBuildInfo()
	b := thisBuild(info)
	b.Version = cmp.Or(version, b.Version)
	return b
}
