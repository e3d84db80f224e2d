package clouds

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// ErrAuthType reports that the cloud's auth_type is not v3websso. Use
// [NewProviderClient], or gophercloud itself, for such a cloud.
var ErrAuthType = errors.New("auth_type is not " + cloudconf.AuthType)

// otherTypes are the auth_types that gophercloud can sign in with. It doesn't look at
// the auth_type, only at the credentials, and would report a missing password for others.
var otherTypes = []string{
	"password", "v3password", "v2password", "token", "v3token", "v2token",
	"v3applicationcredential", "v3totp", "v3multifactor",
}

// authType returns the cloud's auth_type. OS_AUTH_TYPE counts only if the cloud has
// neither an auth_type nor credentials: gophercloud ignores the variable and looks at
// the credentials. An auth_type that is nowhere is from where the cloud is.
func (c *cloud) authType() (cloudconf.Value, error) {
	key, _ := cloudconf.Find("auth_type")
	own, err := c.inFiles(key)
	if err != nil || own.Text != "" {
		return own, err
	}
	switch env := c.env["auth_type"]; {
	case c.signsIn():
	case env.Text != "":
		return env, nil
	case c.isEnv && c.top["protocol"].scalar() != "":
		// websso.AuthOptionsFromEnv does the same.
		return cloudconf.Value{Text: cloudconf.AuthType, From: c.where}, nil
	}
	// openstack/config/defaults.json.
	return cloudconf.Value{Text: "password", From: c.where}, nil
}

// signsIn reports whether the cloud has one of the keys by which gophercloud signs in.
func (c *cloud) signsIn() bool {
	return slices.ContainsFunc([]string{"password", "token", "application_credential_id", "application_credential_name"}, func(name string) bool {
		key, _ := cloudconf.Find(name)
		return len(c.nodes(key, c.belowFirst)) > 0
	})
}

// noAuthType returns the error for a cloud that is a v3websso one and does not say so.
func (c *cloud) noAuthType() error {
	name, place := c.names("auth_type")
	return fmt.Errorf("websso: %s is not set: set it to %s; without it, %w", strings.TrimSpace(name+" "+place), cloudconf.AuthType, ErrAuthType)
}

// cloud finds the cloud, and reports whether to sign in to it through the browser.
func (o *options) cloud() (c *cloud, isWebsso bool, err error) {
	if c, err = o.find(); err != nil {
		return nil, false, err
	}
	authType, err := c.authType()
	isWebsso = authType.Text == cloudconf.AuthType
	if env := c.env["auth_type"]; isWebsso && env.Text != "" && env.Text != cloudconf.AuthType {
		// openstackclient would follow the variable and ask for a password.
		err = fmt.Errorf("websso: %s is %s, but in OS_AUTH_TYPE %w: it is %s. Unset OS_AUTH_TYPE", authType.From, cloudconf.AuthType, ErrAuthType, quote(env.Text))
	}
	return c, isWebsso, err
}
