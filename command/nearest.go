package command

import "strings"

// editDistance counts the letters to insert, drop, replace or swap with their neighbor
// to get from a to b.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	// Three rows of the table d[i][j], the distance of s[:i] and t[:j]: the two before, and this one.
	before, last := []int(nil), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			change := 1
			if s[i] == t[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}

// nearest returns the name that text most likely is a misspelling of, or "" if none is
// close: what takes changes to more than a third of its letters is another word.
func nearest(text string, names []string) string {
	best, fewest := "", 0
	for _, name := range names {
		letters := len(strings.TrimLeft(name, "-"))
		if n := editDistance(text, name); n*3 <= letters && (best == "" || n < fewest) {
			best, fewest = name, n
		}
	}
	return best
}
