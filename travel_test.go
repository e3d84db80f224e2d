package websso_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// export returns alice's sign-in and options for the same cloud on another computer,
// which has no browser and no sign-in.
func export(t *testing.T, ks *webssotest.Keystone, changes ...func(*websso.AuthOptions)) (text string, there websso.AuthOptions) {
	t.Helper()
	here := ks.AuthOptions()
	for _, change := range changes {
		change(&here)
	}
	text, err := websso.Export(t.Context(), newClient(t, ks), here)
	must(t, err)
	there = ks.AuthOptions()
	there.Cache, there.NonInteractive, there.Output = &websso.MemoryCache{}, true, &webssotest.Terminal{}
	return text, there
}

// tokenIn returns the token in an exported sign-in.
func tokenIn(t *testing.T, text string) string {
	t.Helper()
	var said struct{ Token string }
	must(t, json.Unmarshal([]byte(text), &said))
	return said.Token
}

// TestExportImport has a cached sign-in that is dead at first: what is passed on must be alive.
func TestExportImport(t *testing.T) {
	ks, opts := parallel(t)
	authenticate(t, ks, opts)
	ks.RevokeAll()
	text, there := export(t, ks)
	if strings.ContainsAny(text, "\r\n") {
		t.Errorf("got %q, want one line", text)
	}
	ks.ResetRequests()
	must(t, websso.Import(t.Context(), newClient(t, ks), there, text))
	wantRequests(t, ks, 1)
	out := there.Output.(*webssotest.Terminal).String()
	if !strings.Contains(out, "as alice, until") || strings.Contains(out, tokenIn(t, text)) {
		t.Errorf("got output %q, want it to name alice and to show no token", out)
	}
	client, _ := authenticate(t, ks, there)
	works(t, client)
	wantUser(t, client, "alice")
	wantSignIns(t, ks, 2)
	if who, err := websso.Status(there); err != nil || who.CallbackURL != "" {
		t.Errorf("got status %+v, %v; want one without a callback", who, err)
	}
	// It is one sign-in: its end is the end for both.
	must(t, websso.Logout(t.Context(), newClient(t, ks), there))
	if status := validate(t, ks, tokenIn(t, text)); status == http.StatusOK {
		t.Error("got a living token after the other computer's logout, want a dead one")
	}
}

// TestImportAsShellsPipeIt has what PowerShell adds to what it pipes.
func TestImportAsShellsPipeIt(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	text, there := export(t, ks)
	for _, piped := range []string{text + "\n", text + "\r\n", "\ufeff" + text + "\r\n"} {
		must(t, websso.Import(t.Context(), newClient(t, ks), there, piped))
	}
}

// TestImportSendsNothing has texts that must not lead to a request.
func TestImportSendsNothing(t *testing.T) {
	t.Parallel()
	ks, other := webssotest.NewKeystone(t), webssotest.NewKeystone(t)
	text, there := export(t, ks)
	elsewhere, _ := export(t, other)
	token := tokenIn(t, text)
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":          {"", "no sign-in came"},
		"an empty line":    {"\n", "no sign-in came"},
		"a bare token":     {token, "not a sign-in"},
		"another JSON":     {`{"token":"` + token + `"}`, "not a sign-in"},
		"null":             {"null", "not a sign-in"},
		"half of it":       {text[:len(text)/2], "not a sign-in"},
		"two of them":      {text + "\n" + text, "not a sign-in"},
		"a newer format":   {strings.Replace(text, `"websso":1`, `"websso":2`, 1), "another version"},
		"no token":         {strings.Replace(text, token, "", 1), "damaged"},
		"a token of spite": {strings.Replace(text, token, `a\r\nX-Evil: 1`, 1), "damaged"},
		"no address":       {strings.Replace(text, ks.URL(), "", 1), "names no Keystone"},
		"another cloud's":  {elsewhere, "own Keystone only"},
	} {
		t.Run(name, func(t *testing.T) {
			ks.ResetRequests()
			err := websso.Import(t.Context(), newClient(t, ks), there, tt.text)
			wantSaid(t, err, tt.want)
			if strings.Contains(fmt.Sprint(err), token) {
				t.Errorf("got error %v, want none with the token", err)
			}
			wantRequests(t, ks, 0)
		})
	}
	wantSignedOut(t, there)
}

func TestImportRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change   func(t *testing.T, ks *webssotest.Keystone, text string, there *websso.AuthOptions) string
		required bool
		want     string
	}{
		"a revoked token": {func(t *testing.T, ks *webssotest.Keystone, text string, _ *websso.AuthOptions) string {
			ks.Revoke(tokenIn(t, text))
			return text
		}, true, "no longer knows"},
		"an unknown token": {func(t *testing.T, _ *webssotest.Keystone, text string, _ *websso.AuthOptions) string {
			return strings.Replace(text, tokenIn(t, text), "gAAAAAnever", 1)
		}, true, "no longer knows"},
		"a scoped token": {func(t *testing.T, ks *webssotest.Keystone, text string, _ *websso.AuthOptions) string {
			client, _ := authenticate(t, ks, ks.AuthOptions())
			return strings.Replace(text, tokenIn(t, text), client.Token(), 1)
		}, false, "has a scope"},
		"another identity provider": {func(_ *testing.T, _ *webssotest.Keystone, text string, there *websso.AuthOptions) string {
			there.IdentityProvider = webssotest.OtherIdentityProvider
			return text
		}, false, "identity provider"},
		"another protocol": {func(_ *testing.T, _ *webssotest.Keystone, text string, there *websso.AuthOptions) string {
			there.IdentityProvider, there.Protocol = "", "saml2"
			return text
		}, false, "not through protocol saml2"},
		"no identity provider": {func(_ *testing.T, ks *webssotest.Keystone, text string, _ *websso.AuthOptions) string {
			answerWith(ks, "", reply(http.StatusOK, `{"token":{"expires_at":"2999-01-01T00:00:00Z","user":{"id":"1","name":"admin"}}}`))
			return text
		}, false, "signed in through no identity provider, not"},
		"one that ends soon": {func(t *testing.T, ks *webssotest.Keystone, _ string, _ *websso.AuthOptions) string {
			ks.Configure(func(c *webssotest.Config) { c.TokenLifetime = time.Minute })
			text, _ := export(t, ks, func(o *websso.AuthOptions) { o.ForceLogin = true })
			return text
		}, true, "ends at"},
		"a cache that fails": {func(_ *testing.T, _ *webssotest.Keystone, text string, there *websso.AuthOptions) string {
			there.Cache = spoiled(errFailing, "Get Set Delete")
			return text
		}, false, "the cache fails"},
		"Keystone is down": {func(_ *testing.T, ks *webssotest.Keystone, text string, _ *websso.AuthOptions) string {
			answerWith(ks, "", reply(http.StatusBadGateway, "<html>"))
			return text
		}, false, "502"},
		"an ingress without a Keystone": {func(_ *testing.T, ks *webssotest.Keystone, text string, _ *websso.AuthOptions) string {
			answerWith(ks, "", reply(http.StatusNotFound, "<html>"))
			return text
		}, false, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			text, there := export(t, ks)
			token := tokenIn(t, text)
			text = tt.change(t, ks, text, &there)
			err := websso.Import(t.Context(), newClient(t, ks), there, text)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), token) || errors.Is(err, websso.ErrLoginRequired) != tt.required {
				t.Errorf("got error %v, want one with %q (sign-in required: %t)", err, tt.want, tt.required)
			}
			if _, err := websso.Status(there); err == nil {
				t.Error("got a sign-in afterwards, want none")
			}
		})
	}
}

// TestArrives has a program that waits for a browser, while the sign-in comes from another
// computer.
func TestArrives(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	text, there := export(t, ks)
	a := begin(t, ks, func(o *websso.AuthOptions) { o.Cache = there.Cache })
	must(t, websso.Import(t.Context(), newClient(t, ks), there, text))
	a.wait()
	must(t, a.err)
	works(t, a.client)
	await(t, a.output, "another program has signed in")
}

// TestOldSignInDoesNotArrive forces a sign-in while an older one is cached.
func TestOldSignInDoesNotArrive(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	text, there := export(t, ks)
	must(t, websso.Import(t.Context(), newClient(t, ks), there, text))
	a := begin(t, ks, func(o *websso.AuthOptions) { o.Cache, o.ForceLogin, o.Timeout = there.Cache, true, 3*time.Second })
	a.wait()
	wantError(t, a.err, websso.ErrTimeout)
}

// TestImportEscapesAddress has a Keystone with an address that turns a terminal's text
// around, which answers nothing of use.
func TestImportEscapesAddress(t *testing.T) {
	t.Parallel()
	const address = "http://a\u202e\u009b.example/v3"
	client := &gophercloud.ProviderClient{}
	client.HTTPClient.Transport = handled{reply(http.StatusOK, "{}")}
	opts := websso.AuthOptions{IdentityEndpoint: address, Protocol: "openid", Cache: &websso.MemoryCache{}}
	err := websso.Import(t.Context(), client, opts, `{"websso":1,"auth_url":"`+address+`","token":"abc"}`)
	if err == nil || strings.ContainsAny(err.Error(), "\u202e\u009b") {
		t.Errorf("got error %q, want one with its control characters escaped", err)
	}
}

// handled is a transport whose requests a handler answers.
type handled struct{ http.Handler }

func (h handled) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}
