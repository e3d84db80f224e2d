package terminal

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// A Frame is what a terminal shows from a moment on.
type Frame struct {
	At   time.Duration
	Rows [][]Cell
}

// A Theme has the colors of a terminal, as CSS.
type Theme struct {
	Background, Border, Text, Faint string
	Colors                          [8]string // black to white
}

// Light and Dark are in the colors of GitHub's pages, each with enough contrast to read.
var (
	Light = Theme{"#ffffff", "#d0d7de", "#1f2328", "#57606a", [8]string{"#24292f", "#cf222e", "#116329", "#7d4e00", "#0550ae", "#8250df", "#1b7c83", "#57606a"}}
	Dark  = Theme{"#0d1117", "#30363d", "#e6edf3", "#9198a1", [8]string{"#6e7681", "#ff7b72", "#3fb950", "#d29922", "#79c0ff", "#d2a8ff", "#56d4dd", "#e6edf3"}}
)

const (
	cellWidth  = 8.4
	cellHeight = 20
	fontSize   = 14
	padding    = 16
	linger     = 6 * time.Second // on the last frame, before it begins again
)

// SVG draws frames as an animation that repeats. If the reader's system asks for less
// motion, it shows the last frame.
func SVG(title string, columns int, frames []Frame, theme Theme) string {
	lines := 0
	for _, f := range frames {
		lines = max(lines, len(f.Rows))
	}
	width := float64(columns)*cellWidth + 2*padding
	height := lines*cellHeight + 2*padding
	total := frames[len(frames)-1].At + linger
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %d" width="%[1]s" height="%[2]d" role="img" aria-label="%[3]s">`+"\n",
		number(width), height, html.EscapeString(title))
	fmt.Fprintf(&b, "<title>%s</title>\n<style>\n", html.EscapeString(title))
	fmt.Fprintf(&b, "text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:%s;white-space:pre}\n", fontSize, theme.Text)
	fmt.Fprintf(&b, ".b{font-weight:600}.f{fill:%s}\n", theme.Faint)
	for i, color := range theme.Colors {
		fmt.Fprintf(&b, ".c%d{fill:%s}", i+1, color)
	}
	b.WriteString("\n.s{visibility:hidden;animation-duration:" + seconds(total) + ";animation-timing-function:step-end;animation-iteration-count:infinite}\n")
	for i, f := range frames {
		from := 100 * f.At.Seconds() / total.Seconds()
		until := 100.0
		if i+1 < len(frames) {
			until = 100 * frames[i+1].At.Seconds() / total.Seconds()
		}
		fmt.Fprintf(&b, "#s%d{animation-name:k%[1]d}@keyframes k%[1]d{0%%{visibility:%s}%s%%{visibility:visible}%s%%,100%%{visibility:%s}}\n",
			i, map[bool]string{true: "visible", false: "hidden"}[i == 0], number(from), number(until),
			map[bool]string{true: "visible", false: "hidden"}[i+1 == len(frames)])
	}
	fmt.Fprintf(&b, "@media(prefers-reduced-motion:reduce){.s{animation:none}#s%d{visibility:visible}}\n</style>\n", len(frames)-1)
	fmt.Fprintf(&b, `<rect x=".5" y=".5" width="%s" height="%d" rx="8" fill="%s" stroke="%s"/>`+"\n", number(width-1), height-1, theme.Background, theme.Border)
	drawn := defineRows(&b, frames)
	for i, f := range frames {
		fmt.Fprintf(&b, `<g class="s" id="s%d">`, i)
		for y, row := range f.Rows {
			if len(row) > 0 {
				fmt.Fprintf(&b, `<use href="#r%d" y="%d"/>`, drawn[markup(row)], y*cellHeight)
			}
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// defineRows draws each different row once.
func defineRows(b *strings.Builder, frames []Frame) map[string]int {
	drawn := map[string]int{}
	b.WriteString("<defs>\n")
	for _, f := range frames {
		for _, row := range f.Rows {
			text := markup(row)
			if _, ok := drawn[text]; ok || len(row) == 0 {
				continue
			}
			drawn[text] = len(drawn)
			fmt.Fprintf(b, `<text id="r%d" x="%d" y="%d" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
				drawn[text], padding, padding+15, number(float64(len(row))*cellWidth), text)
		}
	}
	b.WriteString("</defs>\n")
	return drawn
}

// markup is a row's text, with its styles.
func markup(row []Cell) string {
	var b strings.Builder
	for len(row) > 0 {
		style := row[0].Style
		end := slices.IndexFunc(row, func(c Cell) bool { return c.Style != style })
		if end < 0 {
			end = len(row)
		}
		var text strings.Builder
		for _, c := range row[:end] {
			text.WriteRune(c.Rune)
		}
		// (A renderer may ignore white-space, and would then run columns together.)
		escaped := strings.ReplaceAll(html.EscapeString(text.String()), " ", "\u00a0")
		var classes []string
		if style.Color > 0 {
			classes = append(classes, fmt.Sprintf("c%d", style.Color))
		}
		if style.Bold {
			classes = append(classes, "b")
		}
		if style.Faint {
			classes = append(classes, "f")
		}
		if len(classes) > 0 {
			fmt.Fprintf(&b, `<tspan class="%s">%s</tspan>`, strings.Join(classes, " "), escaped)
		} else {
			b.WriteString(escaped)
		}
		row = row[end:]
	}
	return b.String()
}

func seconds(d time.Duration) string { return number(d.Seconds()) + "s" }

func number(f float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}
