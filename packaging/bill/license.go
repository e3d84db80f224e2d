// Package bill says what is compiled into the command websso, and under which licenses.
package bill

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// Allowed are the licenses, by their SPDX names, that code compiled into a release may
// have: all let us ship it if its texts are shipped too.
var Allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// Targets are the systems and architectures that releases are built for.
var Targets = []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}

// A Module is one that packages compiled into the command are from.
type Module struct {
	Path, Version, Dir string
	Licenses           []string // SPDX names
	Texts              []Text
}

// A Text is a file with a license or a notice.
type Text struct{ Name, Text string }

// Modules returns the modules that the command in the work tree at root is made of, on
// any of Targets, the standard library among them, without the command's own.
func Modules(ctx context.Context, root string) ([]Module, error) {
	found := map[string]Module{}
	for _, target := range Targets {
		system, architecture, _ := strings.Cut(target, "/")
		cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/websso")
		cmd.Dir, cmd.Stderr = root, os.Stderr
		cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture)
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", target, err)
		}
		for line := range strings.Lines(string(out)) {
			if fields := strings.Split(strings.TrimSpace(line), "\t"); len(fields) == 3 {
				found[fields[0]] = Module{Path: fields[0], Version: fields[1], Dir: fields[2]}
			}
		}
	}
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, err
	}
	golang := strings.Fields(string(out))
	found["std"] = Module{Path: "The Go standard library", Version: golang[1], Dir: golang[0]}
	var modules []Module
	for _, m := range found {
		if err := m.read(); err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return modules, nil
}

var (
	licenseFile = regexp.MustCompile(`(?i)^(li[cs]en[cs]e|copying|unlicense)(\W.*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^(notice|patents|authors|copyright)(\W.*)?$`)
)

// read finds the license of a module, which must be one of Allowed. Some licenses refer to an
// AUTHORS file for the names of the copyright holders, so that one is shipped as well.
func (m *Module) read() error {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		license := licenseFile.MatchString(e.Name())
		if !e.Type().IsRegular() || !license && !noticeFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		if err != nil {
			return err
		}
		m.Texts = append(m.Texts, Text{Name: e.Name(), Text: string(text)})
		if license {
			m.Licenses = append(m.Licenses, Identify(text)...)
		}
	}
	slices.Sort(m.Licenses)
	m.Licenses = slices.Compact(m.Licenses)
	if len(m.Licenses) == 0 {
		return fmt.Errorf("%s %s: no license that is known in %s", m.Path, m.Version, m.Dir)
	}
	for _, name := range m.Licenses {
		if !slices.Contains(Allowed, name) {
			return fmt.Errorf("%s %s is under %s, which is not one of %s", m.Path, m.Version, name, strings.Join(Allowed, ", "))
		}
	}
	return nil
}

// Identify returns the SPDX names of the licenses that a text contains, none if a good
// part of the text is something else.
func Identify(text []byte) []string {
	coverage := licensecheck.Scan(text)
	if coverage.Percent < 50 {
		return nil
	}
	var names []string
	for _, match := range coverage.Match {
		// A link to a license beside its text says the same again.
		if !match.IsURL {
			names = append(names, match.ID)
		}
	}
	return names
}

// Notices is the file of all license texts that goes into archives and packages.
func Notices(modules []Module) string {
	var b strings.Builder
	b.WriteString("websso is under the Apache License 2.0; see LICENSE. The command contains code of\nothers, under these licenses:\n\n")
	for _, m := range modules {
		fmt.Fprintf(&b, "  %s %s: %s\n", m.Path, m.Version, strings.Join(m.Licenses, " and "))
	}
	rule := strings.Repeat("=", 80)
	for _, m := range modules {
		for _, t := range m.Texts {
			fmt.Fprintf(&b, "\n%s\n%s %s: %s\n%s\n\n%s\n", rule, m.Path, m.Version, t.Name, rule, strings.TrimSpace(t.Text))
		}
	}
	return b.String()
}
