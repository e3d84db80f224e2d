package clouds

import (
	"fmt"
	"strings"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// cloud holds what all sources say about one cloud.
type cloud struct {
	layer
	name  string           // in the file; "" if no file describes the cloud
	where cloudconf.Origin // of the whole cloud, for messages
	env   cloudconf.Values // variables that override a cloud of a file
	isEnv bool             // the environment describes the cloud; no file does

	noProfile string // that the cloud names and no file has

	belowFirst bool // any key below auth takes precedence, as for gophercloud

	regions []region
	listed  bool // the cloud has no other regions
}

// note is what a message about a missing key ends with.
func (c *cloud) note() string {
	if c.noProfile == "" {
		return ""
	}
	return fmt.Sprintf(" (no clouds-public.yaml has its profile %s)", quote(c.noProfile))
}

// lookup returns the value of key: the one that o sets, or else that of the variable,
// or else that of the file.
func (c *cloud) lookup(key cloudconf.Key, o *options) (cloudconf.Value, bool, error) {
	if value, ok := o.set[key.Name]; ok {
		return value, true, nil
	}
	if value, ok := c.env[key.Name]; ok {
		return value, true, nil
	}
	n, ok := c.node(key)
	if !ok {
		return cloudconf.Value{}, false, nil
	}
	text, err := n.text()
	return cloudconf.Value{Text: text, From: n.from}, true, err
}

// node returns the value of key in the file.
func (c *cloud) node(key cloudconf.Key) (node, bool) {
	places := []map[string]node{c.top}
	switch {
	case key.Auth && key.BesideFirst && !c.belowFirst:
		places = []map[string]node{c.top, c.auth}
	case key.Auth:
		places = []map[string]node{c.auth, c.top}
	}
	for _, name := range append([]string{key.Name}, key.Aliases...) {
		for _, place := range places {
			if n, ok := place[name]; ok {
				return n, true
			}
		}
	}
	return node{}, false
}

// values returns the value of each of the keys that is set.
func (c *cloud) values(o *options, keys ...string) (cloudconf.Values, error) {
	all := make(cloudconf.Values)
	for _, name := range keys {
		key, ok := cloudconf.Find(name)
		if !ok {
			panic("clouds: unknown key " + name)
		}
		value, ok, err := c.lookup(key, o)
		if err != nil {
			return nil, err
		}
		if ok {
			all[name] = value
		}
	}
	return all, nil
}

// credentials are the keys that decide how gophercloud signs in.
var credentials = []string{"password", "token", "application_credential_id", "application_credential_name"}

// noAuthType returns the error for a cloud that is a v3websso one and does not say so.
func (c *cloud) noAuthType(o *options) error {
	name, place := c.names(o)("auth_type")
	return fmt.Errorf("websso: %s is not set: set it to %s; without it, %w", strings.TrimSpace(name+" "+place), cloudconf.AuthType, ErrAuthType)
}

// authType returns the cloud's auth_type. OS_AUTH_TYPE counts only if the cloud has
// neither an auth_type nor credentials: gophercloud ignores the variable and looks at
// the credentials.
func (c *cloud) authType() (cloudconf.Value, error) {
	alone := *c
	alone.env = nil
	none := newOptions(nil)
	v, err := alone.values(none, "auth_type")
	if err != nil {
		return cloudconf.Value{}, err
	}
	if authType, ok := v["auth_type"]; ok {
		return authType, nil
	}
	found, err := alone.values(none, credentials...)
	if err != nil {
		return cloudconf.Value{}, err
	}
	if authType, ok := c.env["auth_type"]; ok && len(found) == 0 {
		return authType, nil
	}
	if _, ok := c.top["protocol"]; ok && c.isEnv && len(found) == 0 {
		// websso.AuthOptionsFromEnv does the same.
		return cloudconf.Value{Text: cloudconf.AuthType, From: c.where}, nil
	}
	// openstack/config/defaults.json.
	return cloudconf.Value{Text: "password", From: c.where}, nil
}
