package command

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// shells are the languages that env speaks. Each function writes a setting so that the
// value stays one word, whatever it contains. Those that are run by eval end with a
// semicolon, so that an eval without quotes, which turns line ends into spaces, works too.
var shells = map[string]func(setting) (string, error){
	"sh":         sh,
	"fish":       fish,
	"powershell": powershell,
	"cmd":        cmd,
}

// sh is for POSIX shells: between single quotes, only a single quote is special (POSIX,
// Shell Command Language, 2.2.2).
func sh(s setting) (string, error) {
	if s.value == "" {
		return "unset " + s.name + ";", nil
	}
	return "export " + s.name + "='" + strings.ReplaceAll(s.value, "'", `'\''`) + "';", nil
}

// fish knows two escapes between single quotes, of the quote and of the backslash.
func fish(s setting) (string, error) {
	if s.value == "" {
		return "set -e " + s.name + ";", nil
	}
	return "set -gx " + s.name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.value) + "';", nil
}

// powershell ends a string at a single quote that is not doubled, and takes four
// typographic quotes for single ones. What it prints is ASCII: Windows PowerShell 5.1
// decodes it with the console's code page, where a byte of a UTF-8 character can become
// such a quote. Line ends are written out too, because Out-String changes them.
func powershell(s setting) (string, error) {
	if s.value == "" {
		return "Remove-Item -ErrorAction Ignore Env:" + s.name + ";", nil
	}
	// The sum begins with a string, because a sum that begins with a [char] is a number.
	text := "'"
	for _, unit := range utf16.Encode([]rune(s.value)) {
		switch {
		case unit == '\'':
			text += "''"
		case ' ' <= unit && unit <= '~':
			text += string(rune(unit))
		default:
			text += fmt.Sprintf("'+[char]0x%04x+'", unit)
		}
	}
	return "$env:" + s.name + " = " + text + "';", nil
}

// cmd is for the command prompt of Windows. It has no escape for some characters that
// works both in a for loop and in a batch file, and decodes others with the console's
// code page: values with these are refused.
func cmd(s setting) (string, error) {
	for _, r := range s.value {
		if r < ' ' || r > '~' || strings.ContainsRune(`"%!`, r) {
			return "", fmt.Errorf("the command prompt can't take %s, because it contains %q; use websso exec, or --shell powershell", s.name, r)
		}
	}
	return `set "` + s.name + "=" + s.value + `"`, nil
}
