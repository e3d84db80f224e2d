package manpage_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/packaging/commandline"
	"github.com/gophercloud-websso/websso/packaging/manpage"
)

func book() manpage.Book {
	return manpage.Book{
		Version:     "1.2.3",
		Date:        time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
		Home:        "https://example.com/tool",
		SeeAlso:     []string{"ssh(1)"},
		Environment: []manpage.File{{Path: "BROWSER", Usage: "The browser."}},
		Files:       []manpage.File{{Path: "~/.config/tool.yaml", Usage: "The file."}},
		Command: commandline.Command{
			Name:        "tool",
			Usage:       "do a thing",
			Description: "Does the thing, with 'quotes' and \\ backslashes:\n\n   tool --flag `x`\n   .hidden line\n\n.begins with a dot\n\nThe exit status says:\n  0  done\n  1  not",
			Flags: []commandline.Flag{
				{Names: []string{"help", "h"}, Usage: "show help"},
				{Names: []string{"cloud", "c"}, TakesValue: true, Usage: "`NAME` of a cloud", Variables: []string{"OS_CLOUD"}, Group: "The cloud:"},
				{Names: []string{"secret"}, Usage: "not told", Hidden: true, Group: "The cloud:"},
				{Names: []string{"format"}, TakesValue: true, Usage: "how it looks", Default: `"text"`},
			},
			Commands: []commandline.Command{
				{Name: "go", Usage: "go there", Arguments: "WHERE", Description: "Goes.\n\nExamples:\n   tool go -- there"},
				{Name: "help", Usage: "help"},
				{Name: "internal", Usage: "not told", Hidden: true},
			},
		},
	}
}

func TestPages(t *testing.T) {
	pages := book().Pages()
	if len(pages) != 2 {
		t.Fatalf("got %d pages, want tool.1 and tool-go.1", len(pages))
	}
	for _, tt := range []struct{ page, want string }{
		{"tool.1", `.TH TOOL 1 2020-01-02 "tool 1.2.3" "User Commands"`},
		{"tool.1", `tool \- do a thing`},
		{"tool.1", ".BR tool\\-go (1)\nGo there.\n"},
		{"tool.1", `\fB\-\-cloud\fR \fINAME\fR, \fB\-c\fR \fINAME\fR` + "\nNAME of a cloud.\nVariable: \\fBOS_CLOUD\\fR.\n"},
		{"tool.1", `How it looks (default: text).`},
		{"tool.1", ".SH ENVIRONMENT\n"},
		{"tool.1", ".TP\n\\fBBROWSER\\fR\nThe browser.\n.TP\n\\fBOS_CLOUD\\fR\n\\fB\\-\\-cloud\\fR\n"},
		{"tool.1", "\\&.hidden line\n"},
		{"tool.1", "\\&.begins with a dot\n"},
		{"tool.1", `\e backslashes`},
		{"tool.1", ".SH \"EXIT STATUS\"\nThe exit status says:\n"},
		{"tool.1", ".SH FILES\n"},
		{"tool\\-go.1", ""},
		{"tool-go.1", ".SH EXAMPLES\n.RS 4\n.EX\ntool go \\-\\- there"},
		{"tool-go.1", "WHERE\n"},
		{"tool-go.1", ".BR tool (1)\n"},
	} {
		if tt.want == "" {
			if _, ok := pages[tt.page]; ok {
				t.Errorf("got a page %s, want no escapes in file names", tt.page)
			}
			continue
		}
		if !strings.Contains(pages[tt.page], tt.want) {
			t.Errorf("%s: got\n%s\nwant it to contain\n%s", tt.page, pages[tt.page], tt.want)
		}
	}
	for name, text := range pages {
		for _, reject := range []string{"not told", "secret", "helphelp"} {
			if strings.Contains(text, reject) {
				t.Errorf("%s: got %q, want nothing hidden", name, reject)
			}
		}
	}
}

// TestLint has the two readers of manual pages that there are look at one.
func TestLint(t *testing.T) {
	for _, lint := range [][]string{
		{"mandoc", "-T", "lint", "-W", "style"},
		{"groff", "-man", "-w", "w", "-z", "-T", "utf8"},
	} {
		if _, err := exec.LookPath(lint[0]); err != nil {
			t.Logf("without %s", lint[0])
			continue
		}
		for name, text := range book().Pages() {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), lint[0], append(lint[1:], path)...).CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Errorf("%s %s: got %v\n%s\nwant no complaint", lint[0], name, err, out)
			}
		}
	}
}
