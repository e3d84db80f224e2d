package command

import (
	"cmp"
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand(build buildInfo) *cobra.Command {
	return p.command("version", "print the version, the commit and the version of Go", outputFlag, func(_ context.Context, a *app, _ []string) error {
		return a.printAs(build, func() string { return a.cmd.Root().Name() + " " + build.String() + "\n" })
	})
}

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
	commit := ""
	if b.Commit != "" {
		commit = "commit " + b.Commit + map[bool]string{true: " with changes"}[b.Modified] + ", "
	}
	return "version " + b.Version + " (" + commit + b.Go + ", " + b.Platform + ")"
}

// describeBuild describes a binary by what go build recorded: the version of the module that
// was installed, or the commit of the work tree that was built. version is what its program
// says, or "".
func describeBuild(version string, info *debug.BuildInfo) buildInfo {
	b := buildInfo{Version: cmp.Or(version, "devel"), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return b
	}
	if own := info.Main.Version; own != "(devel)" {
		b.Version = cmp.Or(version, own, b.Version)
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
