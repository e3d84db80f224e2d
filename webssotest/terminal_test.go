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
			t.Errorf("got code %q after %q, want none", got, text)
		}
	}

	got := make(chan string)
	go func() { got <- terminal.Code(t.Context()) }()
	fmt.Fprint(&terminal, "type this:\n  ABCD-")
	fmt.Fprint(&terminal, "EF27\n")
	if code := <-got; code != "ABCD-EF27" {
		t.Errorf("got code %q, want ABCD-EF27", code)
	}
	if again := terminal.Code(over); again != "" {
		t.Errorf("got code %q again, want none", again)
	}
	fmt.Fprint(&terminal, "AAAA-BBBB CCCC-DDDD\n")
	if code := terminal.Code(over); code != "CCCC-DDDD" {
		t.Errorf("got code %q, want the newest, CCCC-DDDD", code)
	}
}
