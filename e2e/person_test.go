package e2e_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// tokenOf signs a person in without a browser and returns the token that Keystone
// would post. It is how the hostile site comes by a token of its own.
func (c *cloud) tokenOf(t *testing.T, name string) string {
	t.Helper()
	token := ""
	b := &webssotest.Browser{User: name, Password: name, TLS: c.tls}
	b.Before = func(step webssotest.Step, r *http.Request) error {
		if step != webssotest.StepCallback {
			return nil
		}
		token = r.PostFormValue("token")
		return errors.New("this is as far as it goes")
	}
	if _, err := b.Visit(c.websso("lemon")); token == "" {
		t.Fatalf("%s got no token: %v", name, err)
	}
	return token
}
