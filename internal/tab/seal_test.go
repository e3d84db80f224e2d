package tab_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/tab"
)

func sealer(t testing.TB) tab.Sealer {
	t.Helper()
	s, err := tab.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeal(t *testing.T) {
	t.Parallel()
	s, other := sealer(t), sealer(t)
	for _, token := range []string{"", "gAAAA", strings.Repeat("x", 8<<10)} {
		sealed := s.Seal(token)
		if got, ok := s.Open(sealed); !ok || got != token {
			t.Errorf("got %q, %t; want the token of %d characters", got, ok, len(token))
		}
		if strings.Contains(sealed, "gAAAA") {
			t.Error("got a sealed token that shows the token")
		}
		if sealed == s.Seal(token) {
			t.Error("got the same twice, want a nonce of its own each time")
		}
		if _, ok := other.Open(sealed); ok {
			t.Error("got a token sealed by another sign-in, want none")
		}
	}
	if _, ok := s.Open(s.Ticket()); ok {
		t.Error("got a token from a ticket, want none")
	}
	sealed := s.Seal("gAAAA")
	for i := range sealed {
		for _, c := range []byte{'A', 'B', '-', '=', ' ', '\n'} {
			if sealed[i] == c {
				continue
			}
			changed := sealed[:i] + string(c) + sealed[i+1:]
			if _, ok := s.Open(changed); ok {
				t.Fatalf("got a token from %q, changed at %d", changed, i)
			}
		}
	}
	for _, bad := range []string{"", "A", sealed[:len(sealed)-1], sealed + "A", sealed + "="} {
		if _, ok := s.Open(bad); ok {
			t.Errorf("got a token from %q, want none", bad)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	s := sealer(t)
	one, two := s.Seal("gAAAA"), s.Seal("gAAAA")
	code := s.Code(one)
	if !regexp.MustCompile(`^[A-Z2-7]{4}-[A-Z2-7]{4}$`).MatchString(code) {
		t.Errorf("got code %q, want eight base32 characters", code)
	}
	plain := strings.ReplaceAll(code, "-", "")
	for _, entered := range []string{code, plain, strings.ToLower(code), " " + code + " ", plain[:2] + " " + plain[2:]} {
		if !s.IsCode(one, entered) {
			t.Errorf("got %q refused, want it accepted", entered)
		}
	}
	for name, entered := range map[string]string{
		"empty": "", "cut off": code[:8], "longer": code + "A", "of the other": s.Code(two), "of another sign-in": sealer(t).Code(one), "doubled": code + code,
	} {
		if s.IsCode(one, entered) {
			t.Errorf("%s: got it accepted, want it refused", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := sealer(f)
	good := s.Seal("gAAAA")
	f.Add(good)
	f.Add(good[1:])
	f.Fuzz(func(t *testing.T, sealed string) {
		// encoding/base64 skips line ends.
		plain := strings.NewReplacer("\n", "", "\r", "").Replace(sealed)
		if token, ok := s.Open(sealed); ok && (token != "gAAAA" || plain != good) {
			t.Errorf("got token %q from %q, want none", token, sealed)
		}
	})
}
