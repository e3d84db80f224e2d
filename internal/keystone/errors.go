package keystone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// IsDead reports whether err is Keystone's own answer that the token it was asked with
// and about is no longer valid: 404 for the subject, 401 for the one who asks. The 404
// or 401 of an ingress or a proxy says nothing about a token.
func IsDead(err error) bool {
	return isKeystones(err, http.StatusNotFound) || isKeystones(err, http.StatusUnauthorized)
}

// IsNotFound reports whether err is Keystone's own 404. To a request for another scope
// it means that the token is no longer valid or, if the scope is a trust, that there is
// no such trust.
func IsNotFound(err error) bool { return isKeystones(err, http.StatusNotFound) }

// IsScopeRefused reports whether err is Keystone's own 401. To a request for another
// scope it means that the user has no role there, or that there is no such scope.
func IsScopeRefused(err error) bool { return isKeystones(err, http.StatusUnauthorized) }

// IsUnavailable reports whether err is an answer that says nothing about the token,
// because the server failed (RFC 9110, section 15.6).
func IsUnavailable(err error) bool {
	var answer gophercloud.ErrUnexpectedResponseCode
	return errors.As(err, &answer) && answer.Actual >= http.StatusInternalServerError
}

// isKeystones reports whether err is an answer with that status whose body is
// Keystone's error document (keystone/server/flask/application.py, render_exception).
func isKeystones(err error, status int) bool {
	var answer gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &answer) || answer.Actual != status {
		return false
	}
	// Google's APIs have a code and a message in the same places, but no title.
	document, ok := parseError(answer.Body)
	return ok && document.Code == status && document.Title != ""
}

// errorDocument is the body of Keystone's errors.
type errorDocument struct {
	Code    int    `json:"code"`
	Title   string `json:"title"`
	Message string `json:"message"`
}

func parseError(body []byte) (errorDocument, bool) {
	var said struct {
		Error errorDocument `json:"error"`
	}
	err := json.Unmarshal(body, &said)
	return said.Error, err == nil && said.Error.Message != ""
}

// hide removes secret from what came with an error answer: callers get gophercloud's error
// with errors.As, and may print all of it.
func hide(err error, secret string) error {
	var answer gophercloud.ErrUnexpectedResponseCode
	if secret == "" || !errors.As(err, &answer) {
		return err
	}
	answer.Body = bytes.ReplaceAll(answer.Body, []byte(secret), []byte("…"))
	answer.ResponseHeader = answer.ResponseHeader.Clone()
	for _, values := range answer.ResponseHeader {
		for i, value := range values {
			values[i] = strings.ReplaceAll(value, secret, "…")
		}
	}
	return answer
}

// requestError shows an error of gophercloud, whose own text contains whatever the
// network sent, in a form fit for a terminal. It unwraps to that error.
type requestError struct {
	request string
	secret  string
	err     error
}

// Unwrap returns gophercloud's error.
func (e *requestError) Unwrap() error { return e.err }

// Error says which request failed and why.
func (e *requestError) Error() string {
	if tooLarge := new(http.MaxBytesError); errors.As(e.err, &tooLarge) {
		return "websso: " + e.clean(e.request) + ": the answer is larger than 16 MiB: is this the address of Keystone?"
	}
	var answer gophercloud.ErrUnexpectedResponseCode
	if !errors.As(e.err, &answer) {
		return "websso: " + e.clean(e.request) + ": " + e.clean(e.err.Error())
	}
	if location := answer.ResponseHeader.Get("Location"); location != "" && answer.Actual/100 == 3 {
		return "websso: " + e.clean(e.request) + " is redirected, which could carry the token elsewhere: if " +
			e.clean(endpointOf(answer.URL, location)) + " is your cloud's Keystone, use it as auth_url"
	}
	text := string(answer.Body)
	if document, ok := parseError(answer.Body); ok {
		text = document.Message
	}
	return fmt.Sprintf("websso: %s: status %d: %s", e.clean(e.request), answer.Actual, e.clean(strings.Join(strings.Fields(text), " ")))
}

// GoString keeps %#v from printing the token.
func (e *requestError) GoString() string { return e.Error() }

func (e *requestError) clean(text string) string {
	if e.secret != "" {
		text = strings.ReplaceAll(text, e.secret, "…")
	}
	return terminal.Printable(text)
}

// endpointOf turns the target of a redirect into an identity endpoint.
func endpointOf(request, location string) string {
	from, err := url.Parse(request)
	if err != nil {
		return terminal.Address(location)
	}
	to, err := from.Parse(location)
	if err != nil {
		return terminal.Address(location)
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil
	for _, path := range []string{"/auth/tokens", "/auth/projects"} {
		to.Path = strings.TrimSuffix(strings.TrimRight(to.Path, "/"), path)
	}
	return to.String()
}
