package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// requestTimeout limits each of the command's own requests to Keystone.
const requestTimeout = time.Minute

// confirm asks Keystone whether the client's token is still valid. A dead token is
// replaced by the client's ReauthFunc, and the new one is checked in turn. The error
// is ErrLoginRequired if the sign-in itself is dead.
func confirm(ctx context.Context, client *gophercloud.ProviderClient) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var err error
	// The second time is for the token that replaced a dead one, the third for a token
	// that another process has cached meanwhile.
	for range 3 {
		token := client.Token()
		_, err = client.Request(ctx, http.MethodGet, client.IdentityEndpoint+"auth/tokens?nocatalog", &gophercloud.RequestOpts{
			MoreHeaders: map[string]string{"X-Subject-Token": token},
			OkCodes:     []int{http.StatusOK, http.StatusNonAuthoritativeInfo},
		})
		if isUnknownToken(err) {
			if err := client.Reauthenticate(ctx, token); err != nil {
				return err
			}
		}
		if err == nil || client.Token() == token {
			break
		}
	}
	return explain("checking the token with Keystone", err)
}

// isUnknownToken reports whether Keystone answered that it knows no such token. Keystone
// 22 answers 401, on which gophercloud reauthenticates. Keystone 27 and 30 answer 404 at
// times, because a cache comes before their check for revocation. A 404 that is not
// Keystone's own, of an ingress say, means nothing.
func isUnknownToken(err error) bool {
	var answer gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &answer) || answer.Actual != http.StatusNotFound {
		return false
	}
	var body struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	return json.Unmarshal(answer.Body, &body) == nil && body.Error.Code == http.StatusNotFound
}

// explain describes a failed request without the body of the answer, which may repeat
// the token.
func explain(what string, err error) error {
	var reauth *gophercloud.ErrUnableToReauthenticate
	var answer gophercloud.ErrUnexpectedResponseCode
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reauth) && reauth.ErrReauth != nil:
		return reauth.ErrReauth
	case errors.As(err, &answer):
		return &answerError{text: fmt.Sprintf("%s: it answered %d %s", what, answer.Actual, http.StatusText(answer.Actual)), err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// answerError is an error answer from Keystone with a text of our own.
type answerError struct {
	text string
	err  error
}

func (e *answerError) Error() string { return e.text }
func (e *answerError) Unwrap() error { return e.err }
