package e2e_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// tokenOf signs a user in without a browser and returns the token that Keystone
// posts. It gives the hostile site a token of its own.
func (c *cloud) tokenOf(t *testing.T, name string) string {
	t.Helper()
	token := ""
	b := &webssotest.Browser{User: name, Password: name, TLS: c.tls}
	b.Before = func(step webssotest.Step, r *http.Request) error {
		if step != webssotest.StepCallback {
			return nil
		}
		token = r.PostFormValue("token")
		return errors.New("the test stops here")
	}
	if _, err := b.Visit(c.websso("lemon")); token == "" {
		t.Fatalf("got no token for %s (%v), want one", name, err)
	}
	return token
}
