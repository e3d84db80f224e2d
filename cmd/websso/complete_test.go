package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const someClouds = `clouds:
  mycloud: {auth_type: v3websso, auth_url: "https://keystone.example/v3", identity_provider: acme, protocol: openid}
  "a:b": {auth_type: v3websso}
  "a:c": {auth_type: v3websso}
  "$(touch x)": {auth_type: v3websso}
  "esc\x1b[31m": {auth_type: v3websso}
  "line\nfeed": {auth_type: v3websso}
  "tab\ttab": {auth_type: v3websso}
  "bidi\u202e": {auth_type: v3websso}
`

func atSomeClouds(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if err := os.WriteFile("clouds.yaml", []byte(someClouds), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestComplete(t *testing.T) {
	atSomeClouds(t)
	for _, tt := range []struct {
		line string // words, the last of them the one at the cursor
		kind string
		want string // words; "..." for whatever
	}{
		{"", offerWords, "..."},
		{"--cache ", offerWords, "file keyring memory"},
		{"log", offerWords, "login logout"},
		{"frob", offerWords, ""},
		{"--cl", offerWords, "--cloud"},
		{"--cloud ", offerWords, "$(touch x) a:b a:c mycloud"},
		{"--cloud m", offerWords, "mycloud"},
		{"--cloud 'm", offerWords, "mycloud"},
		{`--cloud "m`, offerWords, "mycloud"},
		{`--cloud \m`, offerWords, "mycloud"},
		{"--cloud=m", offerWords, "--cloud=mycloud"},
		{"--cloud = m", offerWords, "mycloud"},
		{"--cloud a : ", offerWords, "b c"},
		{"--cloud a : b", offerWords, "b"},
		{"--cloud=a:", offerWords, "--cloud=a:b --cloud=a:c"},
		{"--cloud = a : ", offerWords, "b c"},
		{"token --cloud m", offerWords, "mycloud"},
		{"--cloud mycloud tok", offerWords, "token"},
		{"--insecure tok", offerWords, "token"},
		{"token --un", offerWords, "--unscoped"},
		{"login --fo", offerWords, "--force"},
		{"login --un", offerWords, ""},
		{"token -o ", offerWords, "text json"},
		{"token -o j", offerWords, "json"},
		{"token --output=j", offerWords, "--output=json"},
		{"env -s ", offerWords, "cmd fish powershell sh"},
		{"token --interface i", offerWords, "internal"},
		{"--protocol ", offerWords, "openid saml2 mapped"},
		{"--system-scope ", offerWords, "all"},
		{"--auth-url ", offerWords, ""},
		{"--timeout ", offerWords, ""},
		{"--project-name ", offerWords, ""},
		{"--cacert ", offerFiles, ""},
		{"--cacert=/etc/", offerFiles, ""},
		{"--key x", offerFiles, ""},
		{"--cache-dir ", offerDirectories, ""},
		{"token extra ", offerWords, ""},
		{"frob --cl", offerWords, "--cloud"},
		{"--frob --cl", offerWords, "--cloud"},
		{"--no-browser=", offerWords, ""},
		{"completion ", offerWords, "bash fish powershell zsh"},
		{"completion bash ", offerWords, ""},
		{"help pro", offerWords, "projects"},
		{"help projects ", offerWords, ""},
		{"exec ", offerCommands, ""},
		{"exec -- ", offerCommands, ""},
		{"exec --check -", offerWords, "..."},
		{"exec -- -", offerCommands, ""},
		{"exec ls ", offerFiles, ""},
		{"exec ls --cl", offerFiles, ""},
		{"exec -- ls --cloud ", offerFiles, ""},
		{"exec ls help ", offerFiles, ""},
		{"token -- --cl", offerWords, ""},
		// Redirections.
		{"token > ", offerFiles, ""},
		{"token > lo", offerFiles, ""},
		{"token 2> lo", offerFiles, ""},
		{"token 2 > lo", offerFiles, ""},
		{"token >> lo", offerFiles, ""},
		{"token >| lo", offerFiles, ""},
		{"token &> lo", offerFiles, ""},
		{"token < lo", offerFiles, ""},
		{"token <<< lo", offerFiles, ""},
		{"exec -- ./script destroy > lo", offerFiles, ""},
		{"> file tok", offerWords, "token"},
		{"token > file --un", offerWords, "--unscoped"},
		{"token >file --un", offerWords, "--unscoped"},
		{"--cloud > file m", offerWords, "mycloud"},
		{"token 2>&1 --un", offerWords, "--unscoped"},
		{"exec -- grep '>' ", offerFiles, ""},
		// What a shell would run or expand is a word like any other.
		{"--cloud $(x", offerWords, ""},
		{"--cloud `x", offerWords, ""},
		{"--cloud $(touch", offerWords, "$(touch x)"},
		{"$(x) --cl", offerWords, "--cloud"},
		{"= : = ", offerWords, ""},
		{": : ", offerWords, ""},
		{"--generate-shell-completion ", offerWords, "..."},
	} {
		words := strings.Split(tt.line, " ")
		last := len(words) - 1
		var out bytes.Buffer
		(&app{stdout: &out, screen: &screen{w: io.Discard}}).answer((&app{stdout: &out, screen: &screen{w: io.Discard}}).command(), append([]string{"=" + words[last]}, words[:last]...))
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		var got []string
		for _, line := range lines[1:] {
			word, _, _ := strings.Cut(line, "\t")
			got = append(got, word)
		}
		if text := strings.Join(got, " "); lines[0] != tt.kind || tt.want != "..." && text != tt.want {
			t.Errorf("%q: got %s %q, want %s %q", tt.line, lines[0], text, tt.kind, tt.want)
		}
	}
}

// TestCompleteOffersEverything looks for commands and options that completion forgets.
func TestCompleteOffersEverything(t *testing.T) {
	root := (&app{stdout: io.Discard, screen: &screen{w: io.Discard}}).command()
	if err := root.Run(t.Context(), []string{"websso", "--version"}); err != nil {
		t.Fatal(err)
	}
	offered := func(current string, words ...string) []string {
		var names []string
		_, candidates := complete((&app{stdout: io.Discard}).command(), current, words)
		for _, c := range candidates {
			names = append(names, c.word)
		}
		return names
	}
	for _, c := range root.Commands {
		if !c.Hidden && !slices.Contains(offered(""), c.Name) {
			t.Errorf("command %s is not offered", c.Name)
		}
		for _, flag := range append(slices.Clone(c.Flags), root.Flags...) {
			name := dashed(flag)[0]
			if names := offered("--", c.Name); name != "--version" && !slices.Contains(names, name) {
				t.Errorf("%s: option %s is not among %q", c.Name, name, names)
			}
		}
	}
}

// TestAnswersAreHarmless checks that no line of an answer holds more than text, whatever
// shell reads it.
func TestAnswersAreHarmless(t *testing.T) {
	atSomeClouds(t)
	plain := regexp.MustCompile(`^[^\x00-\x08\x0a-\x1f\x7f]*$`)
	description := regexp.MustCompile(`^[A-Za-z0-9 ,.:;()'/=_-]*$`)
	for _, words := range [][]string{{"="}, {"=-"}, {"=", "--cloud"}, {"=-", "token"}, {"=-", "exec"}, {"=-", "env"}, {"=-", "logout"}, {"=", "env", "-s"}} {
		var out bytes.Buffer
		a0 := &app{stdout: &out, screen: &screen{w: io.Discard}}
		a0.answer(a0.command(), words)
		for _, line := range strings.Split(out.String(), "\n") {
			_, text, _ := strings.Cut(line, "\t")
			if !plain.MatchString(line) || !description.MatchString(text) {
				t.Errorf("%q: got the line %q, want plain text", words, line)
			}
		}
	}
}

// TestCompletingLeavesNoTrace checks that a question makes no file and no directory.
func TestCompletingLeavesNoTrace(t *testing.T) {
	atSomeClouds(t)
	for _, words := range [][]string{
		{"=", "--cloud", "mycloud", "--project-name"},
		{"=", "--cache-dir", "new", "--cloud", "mycloud", "--project-name"},
		{"=", "--cache-dir", "new", "--cloud", "mycloud", "--project-id"},
		{"=", "login", "--cloud", "mycloud", "--force"},
		{"=", "logout", "--all"},
		{"=x", "exec", "--cloud", "mycloud", "--", "touch", "x"},
	} {
		a0 := &app{stdout: io.Discard, screen: &screen{w: io.Discard}}
		a0.answer(a0.command(), words)
	}
	for _, dir := range []string{".", os.Getenv("XDG_CACHE_HOME")} {
		entries, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(entries, " "); got != "" && got != "clouds.yaml" {
			t.Errorf("got %s, want nothing new", got)
		}
	}
}

// TestScriptsEvaluateNothing is a guard for who changes the scripts.
func TestScriptsEvaluateNothing(t *testing.T) {
	forbidden := regexp.MustCompile(`(?im)^[^#\n]*(\beval\b|invoke-expression|\biex\b|\bcompgen\b.* -W|_command_offset|complete (?-i:-C)|\$\{\(e|ExpandString|InvokeScript)`)
	for _, shell := range completionShells() {
		script, err := completionScripts.ReadFile("completion/websso." + shell)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(script); found != nil {
			t.Errorf("%s: got %q, want nothing that evaluates", shell, found)
		}
		for _, c := range script {
			if c >= 0x80 {
				t.Errorf("%s: got a byte %#x, want ASCII: PowerShell 5.1 reads another encoding", shell, c)
				break
			}
		}
	}
}

func FuzzComplete(f *testing.F) {
	for _, line := range []string{"--cloud = a : b", "token > x", "exec -- ls", "-o=", "= : =", "'", `"`, "--cloud='a", "2>&1 >"} {
		f.Add(line)
	}
	root := (&app{stdout: io.Discard, screen: &screen{w: io.Discard}}).command()
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Split(line, " ")
		last := len(words) - 1
		kind, _ := complete(root, words[last], words[:last])
		if !slices.Contains([]string{offerWords, offerFiles, offerDirectories, offerCommands}, kind) {
			t.Errorf("%q: got kind %q", line, kind)
		}
	})
}
