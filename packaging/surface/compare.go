// Package surface lists what users of this project depend on: the exported names, the
// command's options, the keys of its JSON, its exit statuses, the keys of clouds.yaml,
// the format of cached entries. Each is a file in golden, a line for each thing.
package surface

import (
	"regexp"
	"slices"
	"strings"
)

// Removed returns the lines of before that after lacks. A line that changed counts as
// removed: what it said is true no more.
func Removed(before, after []string) []string {
	var removed []string
	for _, line := range before {
		if !slices.Contains(after, line) {
			removed = append(removed, line)
		}
	}
	return removed
}

// Lines splits the text of a golden file.
func Lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// Unannounced returns those of removed that CHANGELOG.md does not announce: in its
// section of unreleased changes, an entry that begins with "**Breaking:**" has to
// contain the name of each, between backquotes.
func Unannounced(changelog string, removed []string) []string {
	announced := breaking(changelog)
	var silent []string
	for _, line := range removed {
		if !slices.Contains(announced, Name(line)) {
			silent = append(silent, line)
		}
	}
	return silent
}

// Name returns what an announcement has to call a line's thing: the last part of its
// first word, such as Timeout for "websso.AuthOptions.Timeout time.Duration", or that
// word itself for what is no Go name.
func Name(line string) string {
	word, _, _ := strings.Cut(line, "\t")
	if strings.HasPrefix(word, "-") || strings.Contains(word, " ") {
		return word
	}
	return word[strings.LastIndex(word, ".")+1:]
}

var quoted = regexp.MustCompile("`([^`]+)`")

func breaking(changelog string) []string {
	_, section, ok := strings.Cut(changelog, "\n## [Unreleased]\n")
	if !ok {
		return nil
	}
	if i := strings.Index(section, "\n## "); i >= 0 {
		section = section[:i]
	}
	var names []string
	for entry := range strings.SplitSeq(section, "\n- ") {
		// An entry ends at the next heading or empty line.
		entry, _, _ = strings.Cut(entry, "\n\n")
		if !strings.HasPrefix(entry, "**Breaking:**") {
			continue
		}
		for _, match := range quoted.FindAllStringSubmatch(entry, -1) {
			names = append(names, match[1])
		}
	}
	return names
}
