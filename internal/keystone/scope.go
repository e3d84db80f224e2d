package keystone

import (
	"net/url"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// CheckScope refuses a scope that Keystone could not read, or that names several
// targets of which gophercloud would silently use one.
func CheckScope(scope gophercloud.AuthScope) error {
	targets := 0
	for _, set := range []bool{
		scope.System,
		scope.TrustID != "",
		scope.ProjectID != "" || scope.ProjectName != "",
		scope.ProjectID == "" && scope.ProjectName == "" && (scope.DomainID != "" || scope.DomainName != ""),
	} {
		if set {
			targets++
		}
	}
	if targets > 1 {
		return &cloudconf.SettingError{Problem: words{"the scope names several targets"}, Advice: words{"keep one of project, domain, trust and system"}}
	}
	if scope.ProjectName != "" && scope.ProjectID == "" && scope.DomainID == "" && scope.DomainName == "" {
		return &cloudconf.SettingError{Problem: words{"the scope names project ", strconv.Quote(scope.ProjectName), " without its domain"}, Advice: words{"set ", cloudconf.ProjectDomainName}}
	}
	if _, err := (&gophercloud.AuthOptions{Scope: &scope}).ToTokenV3ScopeMap(); err != nil {
		return &cloudconf.SettingError{Problem: words{"invalid scope"}, Advice: words{err}}
	}
	return nil
}

// ScopeKey spells a scope in one way.
func ScopeKey(scope gophercloud.AuthScope) string {
	v := url.Values{}
	for name, value := range map[string]string{
		"project_id": scope.ProjectID, "project_name": scope.ProjectName,
		"domain_id": scope.DomainID, "domain_name": scope.DomainName,
		"trust_id": scope.TrustID,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if scope.System {
		v.Set("system", "all")
	}
	return v.Encode()
}

// DescribeScope names a scope in a message.
func DescribeScope(scope gophercloud.AuthScope) string {
	domain := scope.DomainName
	if domain == "" {
		domain = scope.DomainID
	}
	switch {
	case scope.System:
		return "the system"
	case scope.TrustID != "":
		return "trust " + strconv.Quote(scope.TrustID)
	case scope.ProjectID != "":
		return "project " + strconv.Quote(scope.ProjectID)
	case scope.ProjectName != "":
		return "project " + strconv.Quote(scope.ProjectName) + " in domain " + strconv.Quote(domain)
	case domain != "":
		return "domain " + strconv.Quote(domain)
	default:
		return "no scope"
	}
}
