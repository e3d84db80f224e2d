// Package documents_test holds the documents to what is in the tree: the files and
// headings that they link to, the tests that they name, the programs that they show.
package documents_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

const root = "../.."

// documents are all Markdown files, by their paths from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	walk(t, ".md", func(path, text string) { texts[path] = text })
	return texts
}

func walk(t *testing.T, ending string, visit func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "dist" || entry.Name() == "out") {
			return fs.SkipDir
		}
		if err != nil || !entry.Type().IsRegular() || !strings.HasSuffix(path, ending) {
			return err
		}
		text, err := os.ReadFile(path)
		visit(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), strings.ReplaceAll(string(text), "\r\n", "\n"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// link finds the targets of Markdown's links and pictures, and of HTML's.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"`)

func TestLinks(t *testing.T) {
	texts := documents(t)
	for path, text := range texts {
		for _, match := range link.FindAllStringSubmatch(withoutCode(text), -1) {
			target := match[1] + match[2]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file, heading, _ := strings.Cut(target, "#")
			to := path
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: got a link to %s, which is not there", path, target)
				continue
			}
			if heading != "" && strings.HasSuffix(to, ".md") && !headings(texts[to])[heading] {
				t.Errorf("%s: got a link to %s; %s has no such heading", path, target, to)
			}
		}
	}
}

var fenced = regexp.MustCompile("(?ms)^```.*?^```")

func withoutCode(text string) string { return fenced.ReplaceAllString(text, "") }

// headings are the anchors of a document's headings, as GitHub makes them.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	for line := range strings.Lines(withoutCode(text)) {
		title := strings.TrimLeft(line, "#")
		if title == line {
			continue
		}
		title = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(title, "$1")
		title = strings.ToLower(strings.TrimSpace(title))
		title = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(title, "")
		anchors[strings.ReplaceAll(title, " ", "-")] = true
	}
	return anchors
}

// TestNamed looks for the tests that documents name, and for what is said to be in a file.
func TestNamed(t *testing.T) {
	there := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w+)\(`)
	walk(t, "_test.go", func(_, text string) {
		for _, match := range function.FindAllStringSubmatch(text, -1) {
			there[match[1]] = true
		}
	})
	name := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	in := regexp.MustCompile("`(\\w+)`\\s+in\\s+([\\w/]+\\.(?:go|py))")
	for path, text := range documents(t) {
		for _, match := range in.FindAllStringSubmatch(text, -1) {
			if code, err := os.ReadFile(filepath.Join(root, match[2])); err != nil || !strings.Contains(string(code), match[1]) {
				t.Errorf("%s: got %s in %s, which is not there", path, match[1], match[2])
			}
		}
		for _, match := range name.FindAllStringSubmatch(text, -1) {
			if !there[match[1]] {
				t.Errorf("%s: got the test %s, which is not there", path, match[1])
			}
		}
	}
}

// TestPrograms compiles the whole programs that documents show.
func TestPrograms(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	program := regexp.MustCompile("(?ms)^```go\n(package main\n.*?)^```")
	found := 0
	for path, text := range documents(t) {
		for _, match := range program.FindAllStringSubmatch(text, -1) {
			found++
			file := filepath.Join(t.TempDir(), "main.go")
			if err := os.WriteFile(file, []byte(match[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			vet := exec.CommandContext(t.Context(), "go", "vet", file)
			vet.Dir = root
			if out, err := vet.CombinedOutput(); err != nil {
				t.Errorf("%s: got a program that does not compile: %v\n%s", path, err, out)
			}
		}
	}
	if found == 0 {
		t.Error("got no program in any document")
	}
}

// TestWidth keeps the documents' prose at one width. Tables, code, headings, HTML and
// lines that begin with a link may be longer.
func TestWidth(t *testing.T) {
	const width = 96
	indented := regexp.MustCompile(`(?m)^(?: {4}|\t).*\n`)
	for path, text := range documents(t) {
		for line := range strings.Lines(indented.ReplaceAllString(withoutCode(text), "")) {
			line = strings.TrimSpace(line)
			if utf8.RuneCountInString(line) > width && !strings.ContainsAny(line[:1], "|<[#") {
				t.Errorf("%s: got a line of %d characters, want at most %d: %s", path, utf8.RuneCountInString(line), width, line)
			}
		}
	}
}
