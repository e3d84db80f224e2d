package main

import "strings"

// shells are the languages that env speaks: how each makes a setting, whatever the
// value holds. Every command ends with a semicolon, so that an eval without quotes,
// which loses the line ends, still works.
var shells = map[string]func(setting) string{
	"sh":         sh,
	"fish":       fish,
	"powershell": powershell,
}

// sh is POSIX: between single quotes everything but a single quote is itself.
func sh(s setting) string {
	if s.value == "" {
		return "unset " + s.name + ";"
	}
	return "export " + s.name + "='" + strings.ReplaceAll(s.value, "'", `'\''`) + "';"
}

// fish has two escapes between single quotes, for the quote and for the backslash.
func fish(s setting) string {
	if s.value == "" {
		return "set -e " + s.name + ";"
	}
	return "set -gx " + s.name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.value) + "';"
}

// powershell doubles a single quote, and takes four typographic ones for the same.
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
