package websso_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// impersonating is a transport to a Keystone whose tokens of a trust name the trustor, as
// with a trust's "impersonation" (keystone/models/token_model.py, TokenModel.user).
type impersonating struct{ http.RoundTripper }

func (i impersonating) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked []byte
	if r.Body != nil {
		asked, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(asked))
	}
	resp, err := i.RoundTripper.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusCreated || !bytes.Contains(asked, []byte("OS-TRUST:trust")) {
		return resp, err
	}
	var said struct {
		Token map[string]any `json:"token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		return nil, err
	}
	resp.Body.Close()
	said.Token["user"] = map[string]any{"id": "trustor", "name": "trustor", "domain": map[string]any{"id": "default", "name": "Default"}}
	body, err := json.Marshal(said)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, err
}

// TestReauthWithTrust has a program that acts for another user, whom its tokens name. It
// still runs as the user who signed in.
func TestReauthWithTrust(t *testing.T) {
	ks, opts := parallel(t)
	ks.Configure(func(c *webssotest.Config) {
		opts.Scope = &gophercloud.AuthScope{TrustID: c.Quirks.AddTrust("alice", "vault")}
	})
	opts.AllowReauth = true
	client := newClient(t, ks)
	client.HTTPClient.Transport = impersonating{client.HTTPClient.Transport}
	must(t, websso.Authenticate(t.Context(), client, opts))
	if got := userOf(t, client); got != "trustor" {
		t.Fatalf("got a token of %s, want the trustor's", got)
	}
	for name, end := range map[string]func(){
		"the token":   func() { ks.Revoke(client.Token()) },
		"the sign-in": ks.RevokeAll,
	} {
		end()
		if _, err := serverNames(t, client); err != nil {
			t.Errorf("%s is dead: got error %v, want a new token", name, err)
		}
	}
	wantSignIns(t, ks, 2)

	// Another user at the browser is refused as ever.
	bob := browserOf(ks, "bob")
	signedIn := ks.AuthOptions()
	signedIn.Cache = &websso.MemoryCache{}
	opts.Cache, opts.OpenURL = signedIn.Cache, ks.Browser().Open
	must(t, websso.Authenticate(t.Context(), client, opts))
	opts.OpenURL = bob.Open
	must(t, websso.Authenticate(t.Context(), client, opts))
	ks.RevokeAll()
	if _, err := serverNames(t, client); err == nil || !strings.Contains(errorText(err), "the program runs as alice") {
		t.Errorf("got error %v, want one that says whom the program runs as", err)
	}
}

// errorText returns what gophercloud's error says about a renewal.
func errorText(err error) string {
	failed, ok := err.(*gophercloud.ErrUnableToReauthenticate) //nolint:errorlint // it does not unwrap
	if !ok {
		return err.Error()
	}
	return failed.ErrReauth.Error()
}
