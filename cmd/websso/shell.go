package main

import "strings"

// shells are the languages that env speaks. Each function writes a setting so that the
// value, whatever is in it, stays one word. Every command ends with a semicolon, so that
// an eval without quotes, which turns line ends into spaces, still works.
var shells = map[string]func(setting) string{
	"sh":         sh,
	"fish":       fish,
	"powershell": powershell,
}

// sh is for POSIX shells: between single quotes, only a single quote is special (POSIX,
// Shell Command Language, 2.2.2).
func sh(s setting) string {
	if s.value == "" {
		return "unset " + s.name + ";"
	}
	return "export " + s.name + "='" + strings.ReplaceAll(s.value, "'", `'\''`) + "';"
}

// fish knows two escapes between single quotes, of the quote and of the backslash.
func fish(s setting) string {
	if s.value == "" {
		return "set -e " + s.name + ";"
	}
	return "set -gx " + s.name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.value) + "';"
}

// powershell ends a string at a single quote that is not doubled, and takes four
// typographic quotes for single ones.
func powershell(s setting) string {
	if s.value == "" {
		return "Remove-Item -ErrorAction Ignore Env:" + s.name + ";"
	}
	var quoted strings.Builder
	for _, r := range s.value {
		if strings.ContainsRune("'\u2018\u2019\u201a\u201b", r) {
			quoted.WriteRune(r)
		}
		quoted.WriteRune(r)
	}
	return "$env:" + s.name + " = '" + quoted.String() + "';"
}
