package cloudconf

import (
	"fmt"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"
)

// SettleScope leaves in v the one scope that it names, spelled in one way: a project
// by id, or by name and one of its domain's id and name; a domain by id or name; a
// trust; the system; or nothing.
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
		return fmt.Errorf("websso: %s and %s name different scopes: keep one of project, domain and trust", named[0].From, named[1].From)
	}

	system, ok := v["system_scope"]
	switch {
	case !ok:
	case len(named) > 0:
		// A sign-in through federation takes what else is named and never gets to
		// the system (keystoneauth1/identity/v3/federation.py, _Rescoped).
		delete(v, "system_scope")
	case system.Text != "all":
		return fmt.Errorf(`websso: %s must be "all": Keystone knows no smaller part of the system`, system.From)
	}
	return nil
}

func (v Values) settleProject() error {
	id, byID := v["project_id"]
	name, byName := v["project_name"]
	if !byID && !byName {
		// A project's domain is often left over without its project. It names nothing.
		delete(v, "project_domain_id")
		delete(v, "project_domain_name")
		return nil
	}
	// A domain beside a project is the project's, where that has none of its own:
	// openstack/config/loader.py, _handle_domain_id.
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
		// keystoneauth1/loading/identity.py, BaseV3Loader.load_from_options. The
		// default domain that openstackclient fills in is for passwords alone
		// (osc_lib/cli/client_config.py, _auth_default_domain).
		if byID {
			return fmt.Errorf("websso: %s names a project without its domain: set project_domain_name (OS_PROJECT_DOMAIN_NAME), or keep only %s", name.From, id.From)
		}
		return fmt.Errorf("websso: %s names a project without its domain, and another domain may have one of that name: set project_domain_name (OS_PROJECT_DOMAIN_NAME) too", name.From)
	}
	if byID {
		delete(v, "project_name")
		delete(v, "project_domain_id")
		delete(v, "project_domain_name")
	}
	return nil
}

// drop removes loser where winner says the same thing. The id wins throughout
// keystoneauth1/identity/v3/base.py, Auth.get_auth_ref.
func (v Values) drop(winner, loser string) {
	if _, ok := v[winner]; ok {
		delete(v, loser)
	}
}

// Scope is the settled scope; nil where v names none.
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

// RedirectPort is the port that v names; 0 where it names none.
func (v Values) RedirectPort() (int, error) {
	value, ok := v["redirect_port"]
	if !ok {
		return 0, nil
	}
	port, err := strconv.Atoi(value.Text)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("websso: %s must be a port, a number from 1 to 65535", value.From)
	}
	return port, nil
}

// Require names the first of the keys that no sign-in can do without and that v
// lacks; where says what is being read.
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
