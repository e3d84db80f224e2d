package command

import "strings"

// nearest returns the name that text most likely is a misspelling of, or "" if none is
// close: what takes changes to more than a third of its letters is another word. Those that
// all our variables begin with don't count.
func nearest(text string, names []string) string {
	best, fewest := "", 0
	for _, name := range names {
		letters := len(strings.TrimPrefix(strings.Trim(name, `-"`), "WEBSSO_"))
		if n := editDistance(text, name); n*3 <= letters && (best == "" || n < fewest) {
			best, fewest = name, n
		}
	}
	return best
}

// editDistance counts the letters to insert, drop, replace or swap with their neighbor
// to get from a to b.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1) // d[i][j] is the distance of s[:i] and t[:j]
	for i := range d {
		d[i] = make([]int, len(t)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
			case s[i-1] == t[j-1]:
				d[i][j] = d[i-1][j-1]
			case i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1]:
				d[i][j] = 1 + min(d[i-2][j-2], d[i-1][j-1], d[i-1][j], d[i][j-1])
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
		}
	}
	return d[len(s)][len(t)]
}
