package webssotest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

func TestTerminalCode(t *testing.T) {
	var terminal webssotest.Terminal
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{
		"", "no code here\n", "ABCD-EFG\n", "abcd-efgh\n", "ABCD-EFGHI\n", "ABCD-EFG1\n", "ABCDEFGH\n", "ABC-DEFGH\n",
	} {
		fmt.Fprint(&terminal, text)
		if got := terminal.Code(over); got != "" {
			t.Errorf("%q has the code %q", text, got)
		}
	}

	got := make(chan string)
	go func() { got <- terminal.Code(t.Context()) }()
	fmt.Fprint(&terminal, "type this:\n  ABCD-")
	fmt.Fprint(&terminal, "EF27\n")
	if code := <-got; code != "ABCD-EF27" {
		t.Errorf("code %q", code)
	}
	if again := terminal.Code(over); again != "" {
		t.Errorf("code %q came twice", again)
	}
	fmt.Fprint(&terminal, "AAAA-BBBB CCCC-DDDD\n")
	if code := terminal.Code(over); code != "CCCC-DDDD" {
		t.Errorf("code %q is not the newest", code)
	}
}
