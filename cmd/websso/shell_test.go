package main

import (
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"
)

// hostile are values that a shell would like to do something with.
var hostile = []string{
	"plain", "two words", " ", "'", "''", `'"'"'`, `\`, `\'`, `\\'`, `'\''`, `"`, "`id`", "$(id)", "$HOME", "${HOME}", "%PATH%",
	"a;id", "a&&id", "a|id", "a>b", "a\nid", "\nid\n", "a\r\nid", "\t", "*", "?", "~", "!x", "#x", "-x", "=", "{a,b}", "[a]", "^", "$'x'",
	"‘x’", "‚x‛", "’;id;’", "é", "\u2028", "\u202e", "🙂", "\x1b[31m", "\x7f", "\xff\xfe",
}

// TestShells runs what env prints for hostile values through the shells themselves.
func TestShells(t *testing.T) {
	for name, shell := range map[string][]string{
		"sh":         {"sh", "-euc"},
		"fish":       {"fish", "-c"},
		"powershell": {"pwsh", "-NoProfile", "-Command"},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := exec.LookPath(shell[0])
			if err != nil {
				t.Skip(err)
			}
			got := func(script string) string {
				script += "\nprintenv X"
				out, err := exec.CommandContext(t.Context(), program, append(slices.Clone(shell[1:]), script)...).Output()
				if err != nil {
					t.Fatalf("%q: %v", script, err)
				}
				return strings.TrimSuffix(string(out), "\n")
			}
			for _, value := range hostile {
				if name != "sh" && !utf8.ValidString(value) {
					continue // they know text alone
				}
				if text := got(shells[name](setting{"X", value})); text != value {
					t.Errorf("%q comes out as %q", value, text)
				}
			}
			if text := got(shells[name](setting{"X", "before"}) + shells[name](setting{name: "X"}) + shells[name](setting{"X", "after"})); text != "after" {
				t.Errorf("X is %q", text)
			}
		})
	}
}

// TestUnset removes a variable, and one that is not there, in shells that end at the
// first error.
func TestUnset(t *testing.T) {
	t.Setenv("GONE", "x")
	script := sh(setting{name: "GONE"}) + sh(setting{name: "GONE"}) + `echo "${GONE-yes}"`
	out, err := exec.CommandContext(t.Context(), "sh", "-euc", script).Output()
	if err != nil || string(out) != "yes\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// TestManyValues runs a thousand random values through one sh.
func TestManyValues(t *testing.T) {
	const alphabet = `'"\$` + "`" + `;&|<>(){}[]*?!#~= ` + "\n\tax‘’"
	letters := []rune(alphabet)
	var script strings.Builder
	var want []string
	for range 1000 {
		value := make([]rune, 1+rand.IntN(12))
		for i := range value {
			value[i] = letters[rand.IntN(len(letters))]
		}
		want = append(want, string(value))
		script.WriteString(sh(setting{"X", string(value)}) + ` printf '%s\0' "$X"` + "\n")
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-euc", script.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if got != want[i] {
			t.Errorf("%q comes out as %q", want[i], got)
		}
	}
}

// Quoted text, read by the rules of the shells: where one is not installed this is all
// there is.

func unquoteSh(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for {
		switch {
		case strings.HasPrefix(s, `\'`):
			b.WriteByte('\'')
			s = s[2:]
		case strings.HasPrefix(s, "'"):
			inside, after, found := strings.Cut(s[1:], "'")
			if !found {
				return "", s, false
			}
			b.WriteString(inside)
			s = after
		default:
			return b.String(), s, true
		}
	}
}

func unquoteFish(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, "'") {
		return "", s, false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\'' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", s, false
}

func unquotePowerShell(s string) (value, rest string, ok bool) {
	const quotes = "'‘’‚‛"
	if !strings.HasPrefix(s, "'") {
		return "", s, false
	}
	r := []rune(s)
	var b strings.Builder
	for i := 1; i < len(r); i++ {
		if strings.ContainsRune(quotes, r[i]) {
			if i+1 == len(r) || !strings.ContainsRune(quotes, r[i+1]) {
				return b.String(), string(r[i+1:]), true
			}
			i++
		}
		b.WriteRune(r[i])
	}
	return "", s, false
}

func TestQuotes(t *testing.T) {
	check := func(value string) bool {
		if value == "" || !utf8.ValidString(value) || strings.Contains(value, "\x00") {
			return true // no variable has it, or no such shell
		}
		f := strings.TrimPrefix(fish(setting{"X", value}), "set -gx X ")
		p := strings.TrimPrefix(powershell(setting{"X", value}), "$env:X = ")
		gotF, restF, okF := unquoteFish(f)
		gotP, restP, okP := unquotePowerShell(p)
		return okF && okP && gotF == value && gotP == value && restF == ";" && restP == ";"
	}
	for _, value := range hostile {
		if !check(value) {
			t.Errorf("%q: %s %s", value, fish(setting{"X", value}), powershell(setting{"X", value}))
		}
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

// FuzzQuotes lets no value out of its quotes.
func FuzzQuotes(f *testing.F) {
	for _, value := range hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value == "" || strings.Contains(value, "\x00") {
			return
		}
		text := strings.TrimPrefix(sh(setting{"X", value}), "export X=")
		if v, rest, ok := unquoteSh(text); !ok || v != value || rest != ";" {
			t.Errorf("sh: %q, %q", v, rest)
		}
		if !utf8.ValidString(value) {
			return
		}
		if v, rest, ok := unquoteFish(strings.TrimPrefix(fish(setting{"X", value}), "set -gx X ")); !ok || v != value || rest != ";" {
			t.Errorf("fish: %q, %q", v, rest)
		}
		if v, rest, ok := unquotePowerShell(strings.TrimPrefix(powershell(setting{"X", value}), "$env:X = ")); !ok || v != value || rest != ";" {
			t.Errorf("powershell: %q, %q", v, rest)
		}
	})
}
