package clouds

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// message is an error whose text is safe to show. Its cause is there for errors.Is and
// errors.As only: it may hold what Keystone sent, so it must not be printed, not even
// with %#v.
type message struct {
	text  string
	cause error
}

func (m *message) Error() string    { return m.text }
func (m *message) Unwrap() error    { return m.cause }
func (m *message) GoString() string { return strconv.Quote(m.text) }

// shown returns err with a text that is safe to show, whatever file or variable it is from.
func shown(err error) error {
	text := terminal.Escape(err.Error())
	if text == err.Error() {
		return err
	}
	return &message{text, err}
}

// short returns err with a text that is safe to show and cut to a length to read.
func short(err error) error { return &message{terminal.Printable(err.Error()), err} }

// refusal returns the error of a sign-in through gophercloud. Keystone, or whatever
// answers in its place, decides what its text says, and how long it is.
func refusal(err error) error {
	var code gophercloud.ErrUnexpectedResponseCode
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return &message{terminal.Printable(terminal.Address(failed.URL) + ": " + failed.Err.Error()), err}
	} else if !errors.As(err, &code) {
		return short(err)
	}
	text := fmt.Sprintf("%s answered %d %s", terminal.Printable(terminal.Address(code.URL)), code.Actual, http.StatusText(code.Actual))
	if len(code.Body) > 0 {
		text += ": " + terminal.Printable(string(code.Body))
	}
	return &message{text, err}
}

// quote quotes a name for a message.
func quote(name string) string { return terminal.Printable(strconv.Quote(name)) }

// quoted lists names for a message.
func quoted(names []string) string {
	const most = 20
	var all []string
	for i, name := range names {
		if i == most {
			all = append(all, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		all = append(all, quote(name))
	}
	return cmp.Or(strings.Join(all, ", "), "none")
}
