package keystone

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// maxToken is the longest token accepted, many times as long as Keystone's own.
const maxToken = 8 << 10

// IsToken reports whether s can be a token: visible ASCII, so that it fits into a
// header whatever the network sent.
func IsToken(s string) bool {
	return s != "" && len(s) <= maxToken && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Token is a token and what Keystone said about it.
type Token struct {
	ID       string
	Body     json.RawMessage // Keystone's answer as it came
	Received time.Time
	Expires  time.Time // by this computer's clock
	Verified bool      // it came over verified TLS, or over plain HTTP
}

// User is who a token is for, and how they signed in.
type User struct {
	ID, Name, Domain           string
	IdentityProvider, Protocol string
}

// description is what Keystone says of a token (keystone/token/token_formatters.py and
// keystone/api/_shared/authentication.py).
type description struct {
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at"`
	User      struct {
		named
		Domain     named    `json:"domain"`
		Federation struct { // of federated tokens only
			IdentityProvider named `json:"identity_provider"`
			Protocol         named `json:"protocol"`
		} `json:"OS-FEDERATION"`
	} `json:"user"`
	// Which of them there is depends on the scope (keystone/models/token_model.py).
	Project json.RawMessage `json:"project"`
	Domain  json.RawMessage `json:"domain"`
	System  json.RawMessage `json:"system"`
	Trust   json.RawMessage `json:"OS-TRUST:trust"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// read decodes the body. That of a Token that a Client has returned is no error.
func (t Token) read() (description, error) {
	var said struct {
		Token description `json:"token"`
	}
	err := json.Unmarshal(t.Body, &said)
	return said.Token, err
}

// User reads who the token is for.
func (t Token) User() User {
	about, _ := t.read()
	u := about.User
	return User{
		ID: u.ID, Name: u.Name, Domain: cmp.Or(u.Domain.Name, u.Domain.ID),
		IdentityProvider: u.Federation.IdentityProvider.ID, Protocol: u.Federation.Protocol.ID,
	}
}

// Life is how long Keystone made the token for, whatever this computer's clock says.
func (t Token) Life() time.Duration {
	about, _ := t.read()
	return about.ExpiresAt.Sub(about.IssuedAt)
}

// Scoped reports whether the token gives access to something, such as a project. One that
// doesn't is the user's sign-in.
func (t Token) Scoped() bool {
	about, _ := t.read()
	return about.Project != nil || about.Domain != nil || about.System != nil || about.Trust != nil
}

// String returns the user's name as a message shows it.
func (u User) String() string {
	return terminal.Printable(cmp.Or(u.Name, u.ID))
}

// Result is what gophercloud's own sign-in would have left on a client. The type is
// the one that its documentation tells callers to switch on, and the body can be read
// any number of times.
func (t Token) Result() tokens.CreateResult {
	var r tokens.CreateResult
	r.Body = t.Body
	r.StatusCode = http.StatusCreated
	r.Header = http.Header{"X-Subject-Token": {t.ID}}
	return r
}

// Locator finds endpoints in the token's catalog, which is decoded when first asked
// for: a program that needs no service does not pay for 200 KB of JSON.
func (t Token) Locator(client *gophercloud.ProviderClient) gophercloud.EndpointLocator {
	catalog := sync.OnceValues(func() (*tokens.ServiceCatalog, error) {
		var said struct {
			Token tokens.ServiceCatalog `json:"token"`
		}
		if err := json.Unmarshal(t.Body, &said); err != nil {
			return nil, fmt.Errorf("websso: can't read the service catalog: %w", err)
		}
		return &said.Token, nil
	})
	return func(opts gophercloud.EndpointOpts) (string, error) {
		c, err := catalog()
		if err != nil {
			return "", err
		}
		if len(c.Entries) == 0 {
			return "", errors.New("websso: this sign-in has no service catalog: set Scope to a project to use its services")
		}
		// An EndpointLocator is given no context; gophercloud's own does the same.
		return openstack.V3Endpoint(context.TODO(), client, c, opts)
	}
}
