package terminal_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/packaging/terminal"
)

func TestScreen(t *testing.T) {
	for _, tt := range []struct{ name, written, want string }{
		{"text", "one\r\ntwo\r\n", "one\ntwo\n"},
		{"a line written over", "waiting\r       \rdone\n", "done\n"},
		{"shorter over longer", "longer\rshort", "shortr\n"},
		{"erased to the end", "longer\r\x1b[Kno", "no\n"},
		{"erased as a whole", "longer\x1b[2K\rno", "no\n"},
		{"up and over", "one\r\ntwo\x1b[A\rONE", "ONE\ntwo\n"},
		{"columns", "\x1b[5Gx", "    x\n"},
		{"backspace", "ab\bc", "ac\n"},
		{"tab", "a\tb", "a       b\n"},
		{"colors", "\x1b[1;31mred\x1b[0m", "red\n"},
		{"a title", "\x1b]0;title\x07text", "text\n"},
		{"a link", "\x1b]8;;https://example.com/\x1b\\text\x1b]8;;\x1b\\", "text\n"},
		{"an unknown sequence", "\x1b[?25ltext\x1b[?25h", "text\n"},
		{"a sequence that never ends", "text\x1b[3", "text\n"},
		{"a bell", "te\axt", "text\n"},
		{"not UTF-8", "a\xffb", "a\ufffdb\n"},
		{"nothing", "", ""},
		{"wrapped", "0123456789ab", "0123456789\nab\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			whole := terminal.Screen{Columns: 10}
			_, _ = whole.Write([]byte(tt.written))
			if got := whole.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			// A terminal reads what there is.
			bytewise := terminal.Screen{Columns: 10}
			for i := range len(tt.written) {
				_, _ = bytewise.Write([]byte(tt.written[i : i+1]))
			}
			if got := bytewise.String(); got != tt.want && tt.name != "not UTF-8" {
				t.Errorf("byte by byte: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSVG(t *testing.T) {
	screen := terminal.Screen{Columns: 80}
	var frames []terminal.Frame
	for i, text := range []string{"<script>&\"' \x1b[1;32mgreen\x1b[0m\r\n", "second  line\r\n", "third\r\n"} {
		_, _ = screen.Write([]byte(text))
		frames = append(frames, terminal.Frame{At: time.Duration(i) * time.Second, Rows: screen.Rows()})
	}
	picture := terminal.SVG(`a "title" & more`, 80, frames, terminal.Light)
	decoder := xml.NewDecoder(strings.NewReader(picture))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("got %v, want well-formed XML", err)
		}
	}
	for _, want := range []string{
		`aria-label="a &#34;title&#34; &amp; more"`,
		"&lt;script&gt;&amp;&#34;&#39;",
		`<tspan class="c3 b">green</tspan>`,
		"second\u00a0\u00a0line",
		"prefers-reduced-motion", "#s2{visibility:visible}",
		"animation-duration:8s",
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("got\n%s\nwant it to contain %q", picture, want)
		}
	}
	for _, reject := range []string{"<script", "second  line"} {
		if strings.Contains(picture, reject) {
			t.Errorf("got %q in the picture", reject)
		}
	}
	// A row that several frames show is drawn once.
	if n := strings.Count(picture, "green"); n != 1 {
		t.Errorf("got the first row %d times, want once", n)
	}
}
