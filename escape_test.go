package websso_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// controls are characters that a terminal obeys or that turn a text around: C0, C1 (NEL and
// CSI among them), bidi marks, invisible ones and line separators. They stand between words.
var controls = []string{"\x1b", "\x07", "\r", "\x08", "\x7f", "\u0085", "\u009b", "\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\u2028", "\u2029", "\U000e0041"}

// wantPlain wants none of them in a text.
func wantPlain(t *testing.T, what, text string) {
	t.Helper()
	for _, c := range controls {
		if strings.Contains(text, c) {
			t.Errorf("%s: got %q, want %q escaped", what, text, c)
		}
	}
}

// TestControlsAreEscaped puts such characters into every name that reaches the terminal.
func TestControlsAreEscaped(t *testing.T) {
	ks, opts := parallel(t)
	bad := "a" + strings.Join(controls, "b") + "c"
	ks.SetUser(webssotest.User{Name: bad, Password: "x", Projects: []webssotest.Project{{Name: bad}}})
	opts.ProgramName, opts.Username, opts.Scope = bad, bad, nil
	browser := browserOf(ks, bad)
	opts.OpenURL = func(url string) error {
		if err := browser.Open(url); err != nil {
			return err
		}
		return fmt.Errorf("the browser %s ended", bad)
	}
	client, _ := authenticate(t, ks, opts)
	wantUser(t, client, bad)

	opts.Scope = project("nowhere")
	wantPlain(t, "projects", fmt.Sprint(websso.Authenticate(t.Context(), newClient(t, ks), opts)))
	opts.Scope = project(bad + "d")
	wantPlain(t, "scope", fmt.Sprint(websso.Authenticate(t.Context(), newClient(t, ks), opts)))

	alice := opts
	alice.OpenURL, alice.ForceLogin, alice.Scope = browserOf(ks, "alice").Open, true, nil
	must(t, websso.Authenticate(t.Context(), client, alice)) // names the user before
	text, err := websso.Export(t.Context(), newClient(t, ks), opts)
	must(t, err)
	must(t, websso.Import(t.Context(), newClient(t, ks), opts, text))

	quoted, err := json.Marshal(bad)
	must(t, err)
	for name, answer := range map[string]http.Handler{
		"page":             reply(502, bad),
		"Keystone's error": reply(500, fmt.Sprintf(`{"error":{"code":500,"title":%[1]s,"message":%[1]s}}`, quoted)),
		"redirect":         with("Location", "http://other.example/%1b%C2%85"+bad[len(bad)-1:], reply(302, "")),
		"token":            with("X-Subject-Token", "a b", reply(201, fmt.Sprintf(`{"token":{"expires_at":%q}}`, bad))),
		"challenge":        with("WWW-Authenticate", "Basic realm=\"\u0085\u202e\"", reply(401, bad)),
	} {
		answerWith(ks, " /v3", answer)
		lab := opts
		lab.Scope, lab.NonInteractive = project("lab"), true
		lab.OpenURL = noBrowser(t)
		err := websso.Authenticate(t.Context(), newClient(t, ks), lab)
		if err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
		wantPlain(t, name, fmt.Sprint(err))
		wantPlain(t, name+" in Go syntax", fmt.Sprintf("%#v", err))
		wantPlain(t, name+" at Logout", fmt.Sprint(websso.Logout(t.Context(), client, lab)))
		intercept(ks, nil)
		must(t, websso.Import(t.Context(), newClient(t, ks), opts, text))
	}
	wantPlain(t, "output", strings.ReplaceAll(ks.Terminal().String(), "\n", ""))
}
