package keystone

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// IsDead reports whether err is Keystone's own answer that the token it was asked with
// and about is no longer valid: 404 for the subject, 401 for the one who asks. The 404
// or 401 of an ingress or a proxy says nothing about a token.
func IsDead(err error) bool { return IsNotFound(err) || IsScopeRefused(err) }

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

func isKeystones(err error, status int) bool {
	var answer gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &answer) || answer.Actual != status {
		return false
	}
	_, ok := ownMessage(status, answer.Body)
	return ok
}

// ownMessage returns the message of an error document, or all of body if there is none, and
// whether the document is Keystone's (keystone/server/flask/application.py, render_exception).
func ownMessage(status int, body []byte) (message string, ok bool) {
	var said struct {
		Error struct {
			Code           int
			Title, Message string
		}
	}
	// Google's APIs have a code and a message in the same places, but no title.
	ok = json.Unmarshal(body, &said) == nil && said.Error.Code == status && said.Error.Title != "" && said.Error.Message != ""
	return cmp.Or(said.Error.Message, string(body)), ok
}

// requestError shows an error of gophercloud, whose own text contains whatever the
// network sent, in a form fit for a terminal. It unwraps to that error.
type requestError struct {
	text string
	err  error
}

func (e *requestError) Error() string { return e.text }
func (e *requestError) Unwrap() error { return e.err }

// GoString keeps %#v from printing what the network sent.
func (e *requestError) GoString() string { return e.text }

// failure says which request failed and why, without secret. Callers get
// gophercloud's error with errors.As, and may print all of it, so secret isn't there either.
func (c connection) failure(request, secret string, err error) error {
	hide := strings.NewReplacer(cmp.Or(secret, "\x00"), "…").Replace
	clean := func(text string) string { return terminal.Printable(hide(text)) }
	var answer gophercloud.ErrUnexpectedResponseCode
	isAnswer := errors.As(err, &answer)
	if fault := cmp.Or(c.Fault(err), c.answerFault(answer.Actual, string(answer.Body))); fault != nil {
		return fault
	}
	if !isAnswer {
		text, failed := "the answer can't be used ("+clean(err.Error())+"): is this the address of Keystone?", new(url.Error)
		if errors.As(err, &failed) {
			text = clean(failed.Err.Error()) // whose own text repeats the request
		}
		return &requestError{"websso: " + clean(request) + ": " + text, err}
	}
	answer.Body = []byte(hide(string(answer.Body)))
	answer.ResponseHeader = answer.ResponseHeader.Clone()
	for _, values := range answer.ResponseHeader {
		for i := range values {
			values[i] = hide(values[i])
		}
	}
	text, _ := ownMessage(answer.Actual, answer.Body)
	text = cmp.Or(clean(strings.Join(strings.Fields(text), " ")), "try again later, or tell the cloud's operator")
	failed := &requestError{fmt.Sprintf("websso: %s: status %d %s: %s", clean(request), answer.Actual, http.StatusText(answer.Actual), text), answer}
	if location := answer.ResponseHeader.Get("Location"); location != "" && answer.Actual/100 == 3 {
		return redirected(clean(request), endpointOf(answer.URL, location), failed)
	}
	return failed
}

func redirected(request, target string, err error) error {
	return &cloudconf.SettingError{
		Problem: words{request, " is redirected, which could carry the token elsewhere"},
		Advice:  words{"if ", terminal.Printable(target), " is your cloud's Keystone, set ", cloudconf.AuthURL, " to it"},
		Err:     err,
	}
}

// endpointOf turns the target of a redirect into an identity endpoint.
func endpointOf(request, location string) string {
	to, err := url.Parse(location)
	if err != nil {
		return terminal.Address(location)
	}
	if from, err := url.Parse(request); err == nil {
		to = from.ResolveReference(to)
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil
	for _, path := range []string{"/auth/tokens", "/auth/projects"} {
		to.Path = strings.TrimSuffix(strings.TrimRight(to.Path, "/"), path)
	}
	return to.String()
}
