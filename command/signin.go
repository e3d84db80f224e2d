package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
)

// client returns a client that is not signed in. Its endpoint is left to Authenticate,
// which normalizes it.
func (c *cloud) client() *gophercloud.ProviderClient {
	client := &gophercloud.ProviderClient{}
	client.UseTokenLock()
	client.UserAgent.Prepend("websso/" + c.app.version)
	client.HTTPClient.Transport = c.app.traced(c.transport())
	// Following a redirect would send the token to another host.
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return client
}

func (c *cloud) transport() *http.Transport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}
	// net/http adds protocols to the settings of each transport.
	transport.TLSClientConfig = c.tls.Clone()
	return transport
}

// signIn returns a client with a token for the cloud's scope, through the browser if need
// be. With check, Keystone has just said that the token is valid.
func (c *cloud) signIn(ctx context.Context, check bool) (*gophercloud.ProviderClient, error) {
	opts := c.opts
	opts.Check = check
	c.debugBefore()
	client := c.client()
	err := c.rename(websso.Authenticate(ctx, client, opts))
	if err == nil {
		c.debugAfter()
		return client, nil
	}
	if errors.Is(err, websso.ErrScope) {
		err = fmt.Errorf("%w\nIt is named by %s", err, c.scopeOrigin())
	}
	return nil, err
}

// requestTimeout limits each of the command's own requests to Keystone.
const requestTimeout = time.Minute

// explain describes the failure of a request of the command's own, without the body of the
// answer, which may repeat the token.
func (c *cloud) explain(client *gophercloud.ProviderClient, what string, err error) error {
	var reauth *gophercloud.ErrUnableToReauthenticate
	var answer gophercloud.ErrUnexpectedResponseCode
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reauth) && reauth.ErrReauth != nil:
		return reauth.ErrReauth
	case errors.As(err, &answer):
		err = fmt.Errorf("%s: it answered %d %s", what, answer.Actual, http.StatusText(answer.Actual))
		if answer.Actual >= http.StatusInternalServerError {
			return exit{5, err}
		}
		return err
	}
	return c.rename(cmp.Or(keystone.NewClient(client, authURL(client)).Fault(err), err))
}

// authURL is Keystone's URL in the form that every tool accepts.
func authURL(client *gophercloud.ProviderClient) string {
	return strings.TrimRight(client.IdentityEndpoint, "/")
}

// issuedToken is what Keystone says of a token.
type issuedToken struct {
	ExpiresAt time.Time `json:"expires_at"`
	User      struct {
		ID     string
		Domain struct{ ID, Name string }
	}
	Project, Domain struct{ ID string }
}

// describeToken returns what Keystone says of the client's token, and the same as JSON.
func describeToken(client *gophercloud.ProviderClient) (token issuedToken, text json.RawMessage, err error) {
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return token, nil, fmt.Errorf("unexpected auth result %T", client.GetAuthResult())
	}
	var body struct{ Token json.RawMessage }
	if err := result.Result.ExtractInto(&body); err != nil {
		return token, nil, err
	}
	err = json.Unmarshal(body.Token, &token)
	return token, body.Token, err
}
