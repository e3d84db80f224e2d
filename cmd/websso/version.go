package main

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"
)

// Set by the linker in released binaries (.goreleaser.yaml). Others know the version of
// the module that was installed, or the commit of the work tree that was built.
var (
	release string
	commit  string
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
	text := "websso version " + b.Version + " ("
	if b.Commit != "" {
		text += "commit " + b.Commit
		if b.Modified {
			text += " with changes"
		}
		text += ", "
	}
	return text + b.Go + ", " + b.Platform + ")"
}

// pseudoVersion ends in the commit that it was made from (go.dev/ref/mod#pseudo-versions).
var pseudoVersion = regexp.MustCompile(`[.-]\d{14}-([0-9a-f]{12})(?:\+.*)?$`)

// thisBuild describes the running binary from what the linker set and what go build
// recorded.
func thisBuild(info *debug.BuildInfo) buildInfo {
	b := buildInfo{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if release != "" {
		b.Version, b.Commit = release, commit
		return b
	}
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
	if m := pseudoVersion.FindStringSubmatch(b.Version); m != nil && b.Commit == "" {
		b.Commit = m[1]
	}
	return b
}

func readBuild() buildInfo {
	info, _ := debug.ReadBuildInfo()
	return thisBuild(info)
}

// version is the short form, for the help.
func version() string { return readBuild().Version }

func printVersion(c *cli.Command) { fmt.Fprintln(c.Root().Writer, readBuild()) }

func (a *app) versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version, the commit and the version of Go",
		Description: `Prints what websso --version prints. Put it into bug reports.

Example:
   websso version -o json`,
		Flags: []cli.Flag{
			outputFlag("`FORMAT`: text or json"),
		},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.String("output") != "json" {
				return a.print(readBuild().String() + "\n")
			}
			return a.printJSON(readBuild())
		},
	}
}
