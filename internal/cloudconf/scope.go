package cloudconf

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// SettleScope reduces v to the one scope that it names, and each part of that to one
// key: a project by ID, or by name with the ID or the name of its domain; a domain by
// ID or by name; a trust; the system; or nothing.
func (v Values) SettleScope() error {
	if err := v.settleProject(); err != nil {
		return err
	}
	v.drop("domain_id", "domain_name")

	// keystoneauth1/identity/v3/base.py, Auth.get_auth_ref.
	var named []Value
	for _, key := range []string{"project_id", "project_name", "domain_id", "domain_name", "trust_id"} {
		if value, ok := v[key]; ok {
			named = append(named, value)
		}
	}
	if len(named) > 1 {
		return fmt.Errorf("websso: %s and %s ask for different scopes: set only one of project, domain and trust", named[0].From, named[1].From)
	}

	system, ok := v["system_scope"]
	switch {
	case !ok:
	case len(named) > 0:
		// A federated sign-in ignores the system if another scope is named
		// (keystoneauth1/identity/v3/federation.py, _Rescoped).
		delete(v, "system_scope")
	case system.Text != "all":
		return fmt.Errorf(`websso: %s must be "all"`, system.From)
	}
	return nil
}

func (v Values) settleProject() error {
	id, byID := v["project_id"]
	name, byName := v["project_name"]
	if !byID && !byName {
		// The domain of a project is often left over when the project is gone. It
		// names no scope.
		delete(v, "project_domain_id")
		delete(v, "project_domain_name")
		return nil
	}
	// With a project, domain_id and domain_name mean the project's domain unless that
	// is set too: openstack/config/loader.py, _handle_domain_id.
	_, hasID := v["project_domain_id"]
	_, hasName := v["project_domain_name"]
	for _, kind := range []string{"id", "name"} {
		if domain, ok := v["domain_"+kind]; ok && !hasID && !hasName {
			v["project_domain_"+kind] = domain
		}
		delete(v, "domain_"+kind)
	}
	v.drop("project_domain_id", "project_domain_name")

	_, hasID = v["project_domain_id"]
	_, hasName = v["project_domain_name"]
	if byName && !hasID && !hasName {
		// keystoneauth1/loading/identity.py, BaseV3Loader.load_from_options.
		// openstackclient fills in a default domain, but only for passwords
		// (osc_lib/cli/client_config.py, _auth_default_domain).
		if byID {
			return fmt.Errorf("websso: %s names a project without its domain: set project_domain_name (OS_PROJECT_DOMAIN_NAME) too, or remove the name and keep %s", name.From, id.From)
		}
		return fmt.Errorf("websso: %s names a project without its domain, and another domain may have a project of that name: set project_domain_name (OS_PROJECT_DOMAIN_NAME) too", name.From)
	}
	if byID {
		delete(v, "project_name")
		delete(v, "project_domain_id")
		delete(v, "project_domain_name")
	}
	return nil
}

// drop removes loser if winner is set: of a name and an ID, keystoneauth uses the ID
// (keystoneauth1/identity/v3/base.py, Auth.get_auth_ref).
func (v Values) drop(winner, loser string) {
	if _, ok := v[winner]; ok {
		delete(v, loser)
	}
}

// Scope returns the scope after SettleScope, or nil if v names none.
func (v Values) Scope() *gophercloud.AuthScope {
	scope := gophercloud.AuthScope{
		ProjectID:   v["project_id"].Text,
		ProjectName: v["project_name"].Text,
		DomainID:    v["domain_id"].Text + v["project_domain_id"].Text,
		DomainName:  v["domain_name"].Text + v["project_domain_name"].Text,
		TrustID:     v["trust_id"].Text,
		System:      v["system_scope"].Text != "",
	}
	if scope == (gophercloud.AuthScope{}) {
		return nil
	}
	return &scope
}

// RedirectPort returns the value of redirect_port, or 0 if it is not set.
func (v Values) RedirectPort() (int, error) {
	value, ok := v["redirect_port"]
	if !ok {
		return 0, nil
	}
	port, err := strconv.Atoi(value.Text)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("websso: %s must be a port number from 1 to 65535", value.From)
	}
	return port, nil
}

// LoginTimeout returns the value of login_timeout, or 0 if it is not set. Keystoneauth
// reads it as a number of seconds that may have a fraction.
func (v Values) LoginTimeout() (time.Duration, error) {
	value, ok := v["login_timeout"]
	if !ok {
		return 0, nil
	}
	seconds, err := strconv.ParseFloat(value.Text, 64)
	timeout := time.Duration(seconds * float64(time.Second))
	if err != nil || !(seconds <= 24*60*60) || timeout <= 0 {
		return 0, fmt.Errorf("websso: %s must be a number of seconds, more than 0 and at most 86400", value.From)
	}
	return timeout, nil
}

// Require returns an error for the first required key that is missing. where is the
// cloud's place in a file; it is empty if v comes from the environment.
func (v Values) Require(where string) error {
	for _, missing := range []struct{ key, what string }{
		{"auth_url", "the URL of Keystone"},
		{"protocol", "Keystone's name for the federation protocol, such as openid or saml2"},
	} {
		if _, ok := v[missing.key]; ok {
			continue
		}
		key, _ := Find(missing.key)
		if where == "" {
			return fmt.Errorf("websso: %s is not set: set it to %s", key.Variables[0], missing.what)
		}
		return fmt.Errorf("websso: %s has no %s: set it to %s", where, missing.key, missing.what)
	}
	return nil
}
