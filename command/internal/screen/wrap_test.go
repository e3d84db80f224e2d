package screen

import (
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 90)
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"websso: short\n", "websso: short\n"},
		{"websso: aaaa bbbb cccc dddd eeee ffff gggg hhhh\n", "websso: aaaa bbbb cccc dddd eeee ffff\n        gggg hhhh\n"},
		{"websso: aaaa " + long + " b\n", "websso: aaaa\n        " + long + "\n        b\n"},
		{"websso:   " + long + " copied as it is\n", "websso:   " + long + " copied as it is\n"},
		{"no mark aaaa bbbb cccc dddd eeee ffff gggg hhhh\n", "no mark aaaa bbbb cccc dddd eeee ffff gggg hhhh\n"},
		{
			"websso: a list:\nwebsso:   - aaaa bbbb cccc dddd eeee ffff gggg\nwebsso:   - next\nwebsso: after\n",
			"websso: a list:\nwebsso:   - aaaa bbbb cccc dddd eeee\n            ffff gggg\nwebsso:   - next\nwebsso: after\n",
		},
		{"websso:   - item\nwebsso:   a line to copy\n", "websso:   - item\nwebsso:   a line to copy\n"},
		{"websso: é é é é é é é é é é é é é é é é é\n", "websso: é é é é é é é é é é é é é é é é\n        é\n"},
	} {
		if got := wrap(tt.text, "websso:", 40); got != tt.want {
			t.Errorf("wrap(%q): got\n%swant\n%s", tt.text, got, tt.want)
		}
	}
	if text := "websso: " + strings.Repeat("a ", 40) + "\n"; wrap(text, "websso:", 10) != text {
		t.Error("a very narrow terminal: got a wrapped line, want it as it is")
	}
}
