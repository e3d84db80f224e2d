package surface_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLibrary compares what a program that imports the library compiles in, beside the
// standard library, with the list of it; and which of the packages that reach out of the
// process each part of the library imports, with the list of that. A part that starts to
// open files, to run programs or to use the network has a new line there.
func TestLibrary(t *testing.T) {
	t.Parallel()
	power := regexp.MustCompile(`^(C|net|net/(http|rpc|smtp|textproto).*|os|os/.*|plugin|syscall|unsafe|io/ioutil|log/syslog|golang.org/x/sys/.*|github.com/pkg/browser.*)$`)
	dependencies, capabilities := map[string][]string{}, map[string][]string{}
	systems := []string{"darwin", "linux", "windows"}
	for _, system := range systems {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{if not .Standard}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, ".", "./clouds")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
		out, err := cmd.Output()
		must(t, err)
		for line := range strings.Lines(string(out)) {
			imports := strings.Fields(line)
			name, own := strings.CutPrefix(imports[0], "github.com/gophercloud-websso/websso")
			if !own {
				dependencies[name] = append(dependencies[name], system)
				continue
			}
			for _, imported := range imports[1:] {
				if power.MatchString(imported) {
					capability := "websso" + name + "\t" + imported
					capabilities[capability] = append(capabilities[capability], system)
				}
			}
		}
	}
	for name, found := range map[string]map[string][]string{"dependencies.txt": dependencies, "capabilities.txt": capabilities} {
		var lines []string
		for _, line := range slices.Sorted(maps.Keys(found)) {
			if on := found[line]; len(on) < len(systems) {
				line += "\tonly on " + strings.Join(on, ", ")
			}
			lines = append(lines, line)
		}
		listed(t, name, lines)
	}
}

// TestKeys compares the keys of clouds.yaml, and the variables, with the list of them.
// They are those of docs/reference.md, which package clouds tests against its code.
func TestKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "reference.md"))
	must(t, err)
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for _, cell := range cells[:len(cells)-1] { // the last one is prose
			for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
				lines = append(lines, match[1])
			}
		}
	}
	slices.Sort(lines)
	promised(t, "keys.txt", slices.Compact(lines))
}
