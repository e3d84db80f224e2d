package handover

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// A shell writes changes in its language. Those that are run by eval end with a
// semicolon, so that an eval without quotes, which turns line ends into spaces, works too.
type shell struct {
	change func(Change) (string, error)
	fail   string // ends with a failure
}

var shells = map[string]shell{
	"sh":         {posix, "false;"},
	"bash":       {posix, "false;"},
	"zsh":        {posix, "false;"},
	"fish":       {fish, "false;"},
	"powershell": {powershell, "throw 'the environment could not be set up';"},
	"cmd":        {cmd, "cmd /c exit 1"},
}

// Shells returns the names of the shells that Print knows.
func Shells() []string { return slices.Sorted(maps.Keys(shells)) }

// Print returns commands of a shell that make the changes.
func Print(name string, changes []Change) (string, error) {
	var text strings.Builder
	for _, c := range changes {
		line, err := shells[name].change(c)
		if err != nil {
			return "", err
		}
		text.WriteString(line + "\n")
	}
	return text.String(), nil
}

// Fail returns a command of a shell that fails.
func Fail(name string) string { return shells[name].fail + "\n" }

// posix is for POSIX shells: between single quotes, only a single quote is special (POSIX,
// Shell Command Language, 2.2.2).
func posix(c Change) (string, error) {
	if c.Value == "" {
		return "unset " + c.Name + ";", nil
	}
	return "export " + c.Name + "='" + strings.ReplaceAll(c.Value, "'", `'\''`) + "';", nil
}

// fish knows two escapes between single quotes, of the quote and of the backslash.
//
// Only global variables are changed. A universal one, which is the user's in all sessions,
// stays, behind a global one if need be: not even a global one that is not exported would
// keep it from other programs. Each line succeeds: set leaves a status as it is.
func fish(c Change) (string, error) {
	value := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(c.Value) + "'"
	set := "set -gx " + c.Name + " " + value + ";"
	switch {
	case c.Value == "" && c.Back:
		return "set -eg " + c.Name + "; or true;", nil
	case c.Value == "":
		return "set -eg " + c.Name + "; set -q " + c.Name + "; and " + set + " or true;", nil
	case c.Back:
		return "set -eg " + c.Name + "; test \"$" + c.Name + "\" = " + value + "; or " + set + " or true;", nil
	}
	return set, nil
}

// powershell ends a string at a single quote that is not doubled, and takes four
// typographic quotes for single ones. What it prints is ASCII: Windows PowerShell 5.1
// decodes it with the console's code page, where a byte of a UTF-8 character can become
// such a quote. Line ends are written out too, because Out-String changes them.
func powershell(c Change) (string, error) {
	if c.Value == "" {
		return "Remove-Item -ErrorAction Ignore Env:" + c.Name + ";", nil
	}
	// The sum begins with a string, because a sum that begins with a [char] is a number.
	text := "'"
	for _, unit := range utf16.Encode([]rune(c.Value)) {
		switch {
		case unit == '\'':
			text += "''"
		case ' ' <= unit && unit <= '~':
			text += string(rune(unit))
		default:
			text += fmt.Sprintf("'+[char]0x%04x+'", unit)
		}
	}
	return "$env:" + c.Name + " = " + text + "';", nil
}

// cmd is for the command prompt of Windows. It has no escape for some characters that
// works both in a for loop and in a batch file, and decodes others with the console's
// code page: values with these are refused.
func cmd(c Change) (string, error) {
	for _, r := range c.Value {
		if r < ' ' || r > '~' || strings.ContainsRune(`"%!`, r) {
			return "", fmt.Errorf("the command prompt can't take %s, because it contains %q; use exec, or --shell powershell", c.Name, r)
		}
	}
	return `set "` + c.Name + "=" + c.Value + `"`, nil
}
