package handover_test

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gophercloud-websso/websso/command/internal/handover"
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
		in := func(c handover.Change) string { return printed(t, name, c) }
		t.Run(name, func(t *testing.T) {
			program, home := program(t, shell[0]), t.TempDir()
			got := func(script string) string {
				script += "\nprintenv X"
				cmd := exec.CommandContext(t.Context(), program, append(slices.Clone(shell[1:]), script)...)
				cmd.Env = append(os.Environ(), "HOME="+home) // fish leaves folders there
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%q: %v", script, err)
				}
				return strings.TrimSuffix(string(out), "\n")
			}
			for _, value := range hostile {
				if name != "sh" && !utf8.ValidString(value) {
					continue // they know text alone
				}
				if text := got(in(handover.Change{Name: "X", Value: value})); text != value {
					t.Errorf("X is %q, want %q", text, value)
				}
			}
			if text := got(in(handover.Change{Name: "X", Value: "before"}) + in(handover.Change{Name: "X"}) + in(handover.Change{Name: "X", Value: "after"})); text != "after" {
				t.Errorf(`X is %q, want "after"`, text)
			}
		})
	}
}

// program is the path of a program. Without it the test is skipped.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	return path
}

// TestUnset removes a variable, and one that is not there, in a shell that ends at the first
// error and in one that runs what comes after "and" only if there was none.
func TestUnset(t *testing.T) {
	for shell, tt := range map[string]struct{ option, after string }{
		"sh":   {"-euc", `echo "${GONE-yes}"`},
		"fish": {"-c", `and echo "yes$GONE"`},
	} {
		t.Run(shell, func(t *testing.T) {
			for _, change := range []handover.Change{{Name: "GONE"}, {Name: "GONE", Back: true}} {
				unset := printed(t, shell, change) + "\n"
				cmd := exec.CommandContext(t.Context(), program(t, shell), tt.option, unset+unset+tt.after)
				cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "GONE=x")
				if out, err := cmd.Output(); err != nil || string(out) != "yes\n" {
					t.Errorf("got %q, %v, want %q", out, err, "yes\n")
				}
			}
		})
	}
}

// The functions below read quoted text by the rules of each shell, for the shells that
// are not installed.

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

// unquotePowerShell reads a sum of strings and [char] numbers. Only ASCII may be in it.
func unquotePowerShell(s string) (value, rest string, ok bool) {
	var units []uint16
	for first := true; ; first = false {
		switch {
		case strings.HasPrefix(s, "'"):
			end := 1
			for ; ; end++ {
				if end == len(s) || s[end] >= utf8.RuneSelf {
					return "", s, false
				}
				if s[end] != '\'' {
					units = append(units, uint16(s[end]))
				} else if strings.HasPrefix(s[end+1:], "'") {
					units = append(units, '\'')
					end++
				} else {
					break
				}
			}
			s = s[end+1:]
		case strings.HasPrefix(s, "[char]0x") && len(s) >= 12 && !first:
			n, err := strconv.ParseUint(s[8:12], 16, 16)
			if err != nil {
				return "", s, false
			}
			units = append(units, uint16(n))
			s = s[12:]
		default:
			return "", s, false
		}
		if !strings.HasPrefix(s, "+") {
			return string(utf16.Decode(units)), s, true
		}
		s = s[1:]
	}
}

// printed is what env prints for a setting.
func printed(t *testing.T, shell string, c handover.Change) string {
	t.Helper()
	text, err := handover.Print(shell, []handover.Change{c})
	if err != nil {
		t.Fatalf("%s: %v", shell, err)
	}
	return strings.TrimSuffix(text, "\n")
}

func TestPowerShellPrintsASCII(t *testing.T) {
	for _, value := range hostile {
		text := printed(t, "powershell", handover.Change{Name: "X", Value: value})
		for _, r := range text {
			if r < ' ' || r > '~' {
				t.Errorf("got %q in %s, want ASCII without control characters", r, text)
			}
		}
	}
}

func TestCommandPrompt(t *testing.T) {
	for _, value := range []string{"gAAAAAB-_=", "https://keystone.example:5000/v3", `C:\Program Files (x86)\ca.pem`, "a&b|c<d>e^f", "it's"} {
		if got, want := printed(t, "cmd", handover.Change{Name: "X", Value: value}), `set "X=`+value+`"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := printed(t, "cmd", handover.Change{Name: "X"}), `set "X="`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, value := range []string{`a" & calc "`, "%PATH%", "!x!", "a\nb", "a\rb", "\x00", "\x1b", "é", "’", "\u202e", "\xff"} {
		if text, err := handover.Print("cmd", []handover.Change{{Name: "X", Value: value}}); err == nil || text != "" {
			t.Errorf("%q: got %q and no error, want an error and no text", value, text)
		}
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
		text := strings.TrimPrefix(printed(t, "sh", handover.Change{Name: "X", Value: value}), "export X=")
		if v, rest, ok := unquoteSh(text); !ok || v != value || rest != ";" {
			t.Errorf("sh: %q, %q", v, rest)
		}
		if !utf8.ValidString(value) {
			return
		}
		if v, rest, ok := unquoteFish(strings.TrimPrefix(printed(t, "fish", handover.Change{Name: "X", Value: value}), "set -gx X ")); !ok || v != value || rest != ";" {
			t.Errorf("fish: %q, %q", v, rest)
		}
		if v, rest, ok := unquotePowerShell(strings.TrimPrefix(printed(t, "powershell", handover.Change{Name: "X", Value: value}), "$env:X = ")); !ok || v != value || rest != ";" {
			t.Errorf("powershell: %q, %q", v, rest)
		}
	})
}
