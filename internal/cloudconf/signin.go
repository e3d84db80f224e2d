package cloudconf

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// SignIn is what the settings of a cloud say about a sign-in with [AuthType]. What is not
// set has its zero value.
type SignIn struct {
	AuthURL, IdentityProvider, Protocol, Username, RedirectHost string

	RedirectPort int
	LoginTimeout time.Duration
	Scope        *gophercloud.AuthScope
}

// SignIn reads and checks v. scope, if there is one, takes the place of the scope in v.
// where is the cloud's place in a file; it is empty if v comes from the environment.
func (v Values) SignIn(where string, scope *gophercloud.AuthScope) (s SignIn, err error) {
	for _, required := range []struct{ key, what string }{
		{"auth_url", "the URL of Keystone"},
		{"protocol", "Keystone's name for the federation protocol, such as openid or saml2"},
	} {
		switch key, _ := Find(required.key); {
		case v.has(required.key):
		case where == "":
			return s, fmt.Errorf("websso: %s is not set: set it to %s", key.Variables[0], required.what)
		default:
			return s, fmt.Errorf("websso: %s has no %s: set it to %s", where, required.key, required.what)
		}
	}
	s = SignIn{
		AuthURL: v["auth_url"].Text, IdentityProvider: v["identity_provider"].Text, Protocol: v["protocol"].Text,
		Username: v["username"].Text, RedirectHost: v["redirect_host"].Text,
	}
	if port := v["redirect_port"]; port.Text != "" {
		s.RedirectPort, err = strconv.Atoi(port.Text)
		if err != nil || s.RedirectPort < 1 || s.RedirectPort > 65535 {
			return s, fmt.Errorf("websso: %s is %.40q: use a port number from 1 to 65535", port.From, port.Text)
		}
	}
	if timeout := v["login_timeout"]; timeout.Text != "" {
		// Keystoneauth takes a fraction, too.
		seconds, err := strconv.ParseFloat(timeout.Text, 64)
		s.LoginTimeout = time.Duration(seconds * float64(time.Second))
		if err != nil || !(seconds <= 24*60*60) || s.LoginTimeout <= 0 {
			return s, fmt.Errorf("websso: %s must be a number of seconds, more than 0 and at most 86400", timeout.From)
		}
	}
	if scope != nil {
		own := *scope
		s.Scope = &own
		return s, nil
	}
	s.Scope, err = v.scope()
	return s, err
}

// scope returns the one scope that v names, with one key for each part of it, or nil.
func (v Values) scope() (*gophercloud.AuthScope, error) {
	v = maps.Clone(v)
	byID, byName := v.has("project_id"), v.has("project_name")
	if byID || byName {
		// With a project, domain_id and domain_name mean the project's domain unless that
		// is set too: openstack/config/loader.py, _handle_domain_id.
		if !v.has("project_domain_id", "project_domain_name") {
			v["project_domain_id"], v["project_domain_name"] = v["domain_id"], v["domain_name"]
		}
		v.remove("domain_id", "domain_name")
	} else {
		// Often left over when the project is gone. It names no scope.
		v.remove("project_domain_id", "project_domain_name")
	}
	// keystoneauth1/identity/v3/base.py, Auth.get_auth_ref, for all that follows.
	for _, domain := range []string{"project_domain", "domain"} {
		if v.has(domain + "_id") {
			v.remove(domain + "_name")
		}
	}
	if byName && !v.has("project_domain_id", "project_domain_name") {
		// keystoneauth1/loading/identity.py, BaseV3Loader.load_from_options.
		// openstackclient fills in a default domain, but only for passwords
		// (osc_lib/cli/client_config.py, _auth_default_domain).
		const set = "set project_domain_name (OS_PROJECT_DOMAIN_NAME) too"
		if byID {
			return nil, fmt.Errorf("websso: %s names a project without its domain: %s, or remove the name and keep %s", v["project_name"].From, set, v["project_id"].From)
		}
		return nil, fmt.Errorf("websso: %s names a project without its domain, and another domain may have a project of that name: %s", v["project_name"].From, set)
	}
	if byID {
		v.remove("project_name", "project_domain_id", "project_domain_name")
	}
	var named []Origin
	for _, key := range []string{"project_id", "project_name", "domain_id", "domain_name", "trust_id"} {
		if v.has(key) {
			named = append(named, v[key].From)
		}
	}
	system := v["system_scope"]
	switch {
	case len(named) > 1:
		return nil, fmt.Errorf("websso: %s and %s ask for different scopes: set only one of project, domain and trust", named[0], named[1])
	case len(named) == 0 && system.Text == "":
		return nil, nil
	case len(named) == 0 && system.Text != "all":
		return nil, fmt.Errorf(`websso: %s must be "all"`, system.From)
	}
	return &gophercloud.AuthScope{
		ProjectID:   v["project_id"].Text,
		ProjectName: v["project_name"].Text,
		DomainID:    v["domain_id"].Text + v["project_domain_id"].Text,
		DomainName:  v["domain_name"].Text + v["project_domain_name"].Text,
		TrustID:     v["trust_id"].Text,
		// A federated sign-in ignores the system if another scope is named
		// (keystoneauth1/identity/v3/federation.py, _Rescoped).
		System: len(named) == 0,
	}, nil
}

func (v Values) has(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return v[key].Text != "" })
}

func (v Values) remove(keys ...string) {
	for _, key := range keys {
		delete(v, key)
	}
}
