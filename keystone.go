package websso

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// requestTimeout bounds one request to Keystone, so that one that never answers
// holds up neither a person nor those who wait behind them.
const requestTimeout = time.Minute

// maxToken is the longest token taken; Keystone's own are a few hundred
// characters, those with PKI a few thousand.
const maxToken = 8 << 10

// keystone is the identity API of one cloud, as this package needs it.
type keystone struct {
	client   gophercloud.ProviderClient // a copy of the caller's, never signed in
	endpoint string
}

func newKeystone(client *gophercloud.ProviderClient, endpoint string) *keystone {
	c := *client
	// The caller's ReauthFunc is ours, or about to be: a request of its own would
	// wait for itself.
	c.ReauthFunc = nil
	c.Throwaway = false
	// net/http keeps X-Auth-Token and X-Subject-Token, headers it doesn't know to
	// be secret, on a redirect to another host, from https to http too.
	c.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return &keystone{client: c, endpoint: endpoint}
}

// grant is a token and what Keystone said of it.
type grant struct {
	token    string
	body     json.RawMessage
	received time.Time
	expires  time.Time // by this machine's clock
	verified bool      // it came over verified TLS, or none was to be had
}

// holder is who a token is for.
type holder struct {
	userID, userName, userDomain string
	idp, protocol                string
}

// rescope exchanges a token for one of another scope. Keystone's answers tell two
// things apart: 404, the token is dead; 401, the scope is not the person's.
func (k *keystone) rescope(ctx context.Context, token string, scope gophercloud.AuthScope) (grant, error) {
	auth := &gophercloud.AuthOptions{TokenID: token, Scope: &scope}
	wanted, err := auth.ToTokenV3ScopeMap()
	if err != nil {
		return grant{}, fmt.Errorf("websso: %w", err)
	}
	request, err := auth.ToTokenV3CreateMap(wanted)
	if err != nil {
		return grant{}, fmt.Errorf("websso: %w", err)
	}
	var body json.RawMessage
	resp, err := k.do(ctx, http.MethodPost, "/auth/tokens", "", token, &gophercloud.RequestOpts{
		JSONBody: request, JSONResponse: &body,
	})
	if err != nil {
		return grant{}, err
	}
	return k.grant(resp, resp.Header.Get("X-Subject-Token"), body)
}

// inspect asks what a token is. The answer need not echo the token: not every
// deployment lets X-Subject-Token through.
func (k *keystone) inspect(ctx context.Context, token string) (grant, error) {
	var body json.RawMessage
	resp, err := k.do(ctx, http.MethodGet, "/auth/tokens", token, token, &gophercloud.RequestOpts{
		MoreHeaders:  map[string]string{"X-Subject-Token": token},
		OkCodes:      []int{http.StatusOK, http.StatusNonAuthoritativeInfo},
		JSONResponse: &body,
	})
	if err != nil {
		return grant{}, err
	}
	return k.grant(resp, token, body)
}

// grant reads what every answer about a token holds.
func (k *keystone) grant(resp *http.Response, token string, body json.RawMessage) (grant, error) {
	var said struct {
		Token struct {
			ExpiresAt time.Time `json:"expires_at"`
		} `json:"token"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Token.ExpiresAt.IsZero() {
		return grant{}, fmt.Errorf("websso: %s did not describe the token: is this the address of Keystone?", k.endpoint)
	}
	if !isToken(token) {
		return grant{}, fmt.Errorf("websso: %s sent no usable X-Subject-Token: does something between here and Keystone take headers out?", k.endpoint)
	}
	now := time.Now()
	return grant{
		token:    token,
		body:     body,
		received: now,
		expires:  localTime(said.Token.ExpiresAt, resp.Header.Get("Date"), now),
		verified: resp.TLS == nil || len(resp.TLS.VerifiedChains) > 0,
	}, nil
}

// localTime carries a time of the server's over to this machine's clock, where the
// two differ by more than the time a request takes.
func localTime(t time.Time, date string, now time.Time) time.Time {
	server, err := http.ParseTime(date)
	if err != nil {
		return t
	}
	if ahead := now.Sub(server); ahead.Abs() > requestTimeout {
		return t.Add(ahead)
	}
	return t
}

// projects lists what the token's holder may scope to.
func (k *keystone) projects(ctx context.Context, token string) ([]tokens.Project, error) {
	var said struct {
		Projects []struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			DomainID string `json:"domain_id"`
		} `json:"projects"`
	}
	_, err := k.do(ctx, http.MethodGet, "/auth/projects", token, token, &gophercloud.RequestOpts{JSONResponse: &said})
	if err != nil {
		return nil, err
	}
	list := make([]tokens.Project, 0, len(said.Projects))
	for _, p := range said.Projects {
		list = append(list, tokens.Project{ID: p.ID, Name: p.Name, Domain: tokens.Domain{ID: p.DomainID}})
	}
	return list, nil
}

// revoke ends a token. One that is over already is as good as revoked.
func (k *keystone) revoke(ctx context.Context, token string) error {
	_, err := k.do(ctx, http.MethodDelete, "/auth/tokens", token, token, &gophercloud.RequestOpts{
		MoreHeaders: map[string]string{"X-Subject-Token": token},
	})
	if isDead(err) {
		return nil
	}
	return err
}

// isDead tells whether Keystone said that the token it was asked with and about
// is over: 404 for the subject, 401 for the one who asks.
func isDead(err error) bool {
	return gophercloud.ResponseCodeIs(err, http.StatusNotFound) || gophercloud.ResponseCodeIs(err, http.StatusUnauthorized)
}

// do makes one request; auth is what goes into X-Auth-Token, secret what must not
// show in an error.
func (k *keystone) do(ctx context.Context, method, path, auth, secret string, opts *gophercloud.RequestOpts) (*http.Response, error) {
	limited, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	c := k.client
	c.UseTokenLock()
	c.SetToken(auth)
	resp, err := c.Request(limited, method, k.endpoint+path, opts)
	if err == nil {
		return resp, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("websso: %w", context.Cause(ctx))
	}
	return nil, &keystoneError{request: method + " " + k.endpoint + path, secret: secret, err: err}
}

// keystoneError shows an error of gophercloud's, whose own text holds whatever the
// network sent, in a form fit for a terminal. It unwraps to that error.
type keystoneError struct {
	request string
	secret  string
	err     error
}

func (e *keystoneError) Unwrap() error { return e.err }

func (e *keystoneError) Error() string {
	var said gophercloud.ErrUnexpectedResponseCode
	if !errors.As(e.err, &said) {
		return "websso: " + e.request + ": " + e.clean(e.err.Error())
	}
	if location := said.ResponseHeader.Get("Location"); location != "" && said.Actual/100 == 3 {
		return "websso: " + e.request + " is redirected, which could carry the token elsewhere: if " +
			e.clean(endpointOf(said.URL, location)) + " is your cloud's Keystone, use it as auth_url"
	}
	text := string(said.Body)
	var reason struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(said.Body, &reason) == nil && reason.Error.Message != "" {
		text = reason.Error.Message
	}
	return fmt.Sprintf("websso: %s: status %d: %s", e.request, said.Actual, e.clean(strings.Join(strings.Fields(text), " ")))
}

func (e *keystoneError) clean(text string) string {
	if e.secret != "" {
		text = strings.ReplaceAll(text, e.secret, "…")
	}
	return printable(text)
}

// endpointOf turns the target of a redirect into an identity endpoint.
func endpointOf(request, location string) string {
	from, err := url.Parse(request)
	if err != nil {
		return location
	}
	to, err := from.Parse(location)
	if err != nil {
		return location
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil
	for _, path := range []string{"/auth/tokens", "/auth/projects"} {
		to.Path = strings.TrimSuffix(strings.TrimRight(to.Path, "/"), path)
	}
	return to.String()
}

// isToken tells whether s can be a token: visible ASCII, so that it fits into a
// header whatever the network sent.
func isToken(s string) bool {
	if s == "" || len(s) > maxToken {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// holder reads who the token is for.
func (g grant) holder() holder {
	var said struct {
		Token struct {
			User struct {
				ID     string `json:"id"`
				Name   string `json:"name"`
				Domain struct {
					ID   string `json:"id"`
					Name string `json:"name"`
				} `json:"domain"`
				// Keystone's documentation of federated tokens: absent in others.
				Federation struct {
					IdentityProvider struct {
						ID string `json:"id"`
					} `json:"identity_provider"`
					Protocol struct {
						ID string `json:"id"`
					} `json:"protocol"`
				} `json:"OS-FEDERATION"`
			} `json:"user"`
		} `json:"token"`
	}
	// A body that is no JSON was refused when it came.
	_ = json.Unmarshal(g.body, &said)
	u := said.Token.User
	h := holder{
		userID: u.ID, userName: u.Name, userDomain: u.Domain.Name,
		idp: u.Federation.IdentityProvider.ID, protocol: u.Federation.Protocol.ID,
	}
	if h.userDomain == "" {
		h.userDomain = u.Domain.ID
	}
	return h
}

// String names the person in a message.
func (h holder) String() string {
	name := h.userName
	if name == "" {
		name = h.userID
	}
	return printable(name)
}

// result is what gophercloud's own sign-in would have left on a client. The type
// is the one that its documentation tells callers to switch on, and the body can
// be read any number of times.
func (g grant) result() tokens.CreateResult {
	var r tokens.CreateResult
	r.Body = g.body
	r.StatusCode = http.StatusCreated
	r.Header = http.Header{"X-Subject-Token": {g.token}}
	return r
}

// locator finds endpoints in the catalog, which is decoded when first asked for:
// a program that needs one service, or none, does not pay for 200 KB of JSON.
func (g grant) locator(client *gophercloud.ProviderClient) gophercloud.EndpointLocator {
	catalog := sync.OnceValues(func() (*tokens.ServiceCatalog, error) {
		var said struct {
			Token tokens.ServiceCatalog `json:"token"`
		}
		if err := json.Unmarshal(g.body, &said); err != nil {
			return nil, fmt.Errorf("websso: the service catalog is no JSON: %w", err)
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
		// An EndpointLocator is given no context; gophercloud's own passes the same.
		return openstack.V3Endpoint(context.TODO(), client, c, opts)
	}
}
