package websso_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
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
	wantUser(t, client, "trustor")
	for _, end := range []func(){func() { ks.Revoke(client.Token()) }, ks.RevokeAll} {
		end()
		works(t, client)
	}
	wantSignIns(t, ks, 2)

	// Another user at the browser is refused as ever.
	opts.OpenURL = browserOf(ks, "bob").Open
	must(t, websso.Authenticate(t.Context(), client, opts)) // from the cache
	ks.RevokeAll()
	wantSaid(t, use(t.Context(), client), "the program runs as alice")
}
