package websso_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// silentKeystone is a transport to a Keystone that makes tokens and never answers when it is
// to revoke one.
type silentKeystone struct {
	mu      sync.Mutex
	made    int
	revokes int // at once
	most    int
}

// RoundTrip implements [http.RoundTripper].
func (k *silentKeystone) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	k.mu.Lock()
	if r.Method == http.MethodDelete {
		k.revokes++
		k.most = max(k.most, k.revokes)
		k.mu.Unlock()
		<-r.Context().Done()
		k.mu.Lock()
		defer k.mu.Unlock()
		k.revokes--
		return nil, r.Context().Err()
	}
	defer k.mu.Unlock()
	k.made++
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r}
	token := map[string]any{
		"expires_at": time.Now().Add(time.Hour),
		"user": map[string]any{"id": "a11ce", "name": "alice", "OS-FEDERATION": map[string]any{
			"identity_provider": map[string]any{"id": webssotest.IdentityProvider}, "protocol": map[string]any{"id": webssotest.Protocol},
		}},
	}
	if r.Method == http.MethodPost {
		resp.StatusCode = http.StatusCreated
		token["project"] = map[string]any{"id": "p"}
	}
	resp.Header.Set("X-Subject-Token", "token-"+strconv.Itoa(k.made))
	body, err := json.Marshal(map[string]any{"token": token})
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp, err
}

// TestLogoutKeystoneSilent has twenty tokens and a Keystone that never answers: Logout ends
// after the time of one request, and the tokens are gone from here.
func TestLogoutKeystoneSilent(t *testing.T) {
	// Not parallel: all sign-ins share the lock of the list, which can't cross a bubble.
	synctest.Test(t, func(t *testing.T) {
		const scopes = 20
		keystone := &silentKeystone{}
		newClient := func() *gophercloud.ProviderClient {
			client, err := openstack.NewClient("http://keystone.test/v3")
			must(t, err)
			client.HTTPClient.Transport = keystone
			return client
		}
		opts := websso.AuthOptions{
			IdentityProvider: webssotest.IdentityProvider, Protocol: webssotest.Protocol,
			Cache: &websso.MemoryCache{}, Output: io.Discard, NonInteractive: true,
		}
		must(t, websso.Import(t.Context(), newClient(), opts, `{"websso":1,"auth_url":"http://keystone.test/v3","token":"sign-in"}`))
		for i := range scopes {
			opts.Scope = project(fmt.Sprint("project-", i))
			must(t, websso.Authenticate(t.Context(), newClient(), opts))
		}
		began := time.Now()
		err := websso.Logout(t.Context(), newClient(), opts)
		if d := time.Since(began); d > 61*time.Second {
			t.Errorf("got an end after %s, want one after a minute", d)
		}
		if keystone.most < 8 {
			t.Errorf("got %d revocations at once, want 8", keystone.most)
		}
		wantSaid(t, err, fmt.Sprintf("%[1]d of %[1]d tokens could not be revoked", scopes+1))
		if strings.Contains(fmt.Sprint(err), "token-") {
			t.Errorf("got error %v, want none with a token", err)
		}
		opts.IdentityEndpoint = "http://keystone.test/v3"
		must(t, websso.Logout(t.Context(), newClient(), opts)) // nobody is signed in
		wantSignedOut(t, opts)
		wantError(t, websso.Authenticate(t.Context(), newClient(), opts), websso.ErrLoginRequired)
	})
}

// TestLogoutCannotDelete has a cache that keeps what it should delete: the tokens are revoked
// all the same, the error says what went wrong, and later programs ask about each dead token
// once.
func TestLogoutCannotDelete(t *testing.T) {
	ks, opts := parallel(t)
	opts.Cache = spoiled(errFailing, "Delete")
	client, _ := authenticate(t, ks, opts)
	token := client.Token()
	wantError(t, websso.Logout(t.Context(), newClient(t, ks), opts), errFailing)
	if validate(t, ks, token) == http.StatusOK {
		t.Error("got a token that lives, want it revoked")
	}
	opts.NonInteractive = true
	for _, name := range []string{"lab", "vault", "lab"} {
		opts.Scope = project(name)
		ks.ResetRequests()
		wantError(t, websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.ErrLoginRequired)
		if n := ks.APIRequests(); len(n) > 1 {
			t.Errorf("got requests %v, want at most one", n)
		}
	}
	opts.NonInteractive, opts.Scope = false, project("demo")
	again, _ := authenticate(t, ks, opts)
	works(t, again)
	wantSignIns(t, ks, 2)
}
