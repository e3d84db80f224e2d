package handover

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBatchFile runs a batch file that hands its arguments on to a program.
func TestBatchFile(t *testing.T) {
	if os.Getenv("WEBSSO_TEST_ARGUMENTS") != "" {
		_ = json.NewEncoder(os.Stdout).Encode(os.Args[slices.Index(os.Args, "--")+1:])
		os.Exit(0)
	}
	t.Setenv("WEBSSO_TEST_ARGUMENTS", "1")
	t.Setenv("OS_TOKEN", "secret")
	script := filepath.Join(t.TempDir(), "my tool.CMD")
	text := "@echo off\r\n\"" + os.Args[0] + "\" -test.run=^TestBatchFile$ -- %*\r\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{},
		{"a"},
		{"a", ""},
		{"", "a b", "c"},
		{"--name=x,y;z"},
		{"a&echo injected"},
		{"a b&echo injected"},
		{`a"&echo injected`},
		{`"&echo injected&"`},
		{"a|b", "<a", ">b"},
		{"^", "a^b"},
		{"!OS_TOKEN!"},
		{`C:\a b\`, "c"},
		{`a\`, `b\\`},
		{`{"a": "b"}`},
		{"(", ")"},
		{"ü", "日本"},
		{"%OS_TOKEN%"},
		{"100%", "50%"},
		{"a%OS_TOKEN%b c"},
	} {
		cmd := exec.CommandContext(t.Context(), script, args...)
		if err := quoteForBatch(cmd); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.CombinedOutput()
		var got []string
		if err != nil || json.Unmarshal(out, &got) != nil || !slices.Equal(got, args) && !equalButQuotes(got, args) {
			t.Errorf("%q: got %q, %v", args, out, err)
		}
	}
	for _, arg := range []string{"a\nb", "a\r", "\x00"} {
		if err := quoteForBatch(exec.Command(script, arg)); err == nil || !strings.Contains(err.Error(), "several lines") {
			t.Errorf("%q: got %v, want an error", arg, err)
		}
	}
	program := exec.Command("tool.exe", "a&b")
	if err := quoteForBatch(program); err != nil || program.SysProcAttr != nil {
		t.Errorf("got %v and %v for a program, want it left alone", err, program.SysProcAttr)
	}
}

// equalButQuotes reports whether two lists are one text without quotes, of which there is
// one. The program of this test is Go's, which ends an argument at two quotes; those of C
// since 2008 and of all that is written in C take them for one that belongs to it.
func equalButQuotes(a, b []string) bool {
	join := func(list []string) string { return strings.ReplaceAll(strings.Join(list, " "), `"`, "") }
	return strings.Contains(strings.Join(b, ""), `"`) && join(a) == join(b)
}
