package keystone

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// CheckScope refuses a scope that Keystone could not read, or that names several
// targets of which gophercloud would silently use one.
func CheckScope(scope gophercloud.AuthScope) error {
	hasProject := scope.ProjectID != "" || scope.ProjectName != ""
	hasDomain := scope.DomainID != "" || scope.DomainName != ""
	targets := []bool{scope.System, scope.TrustID != "", hasProject, hasDomain && !hasProject}
	if targets = slices.DeleteFunc(targets, func(named bool) bool { return !named }); len(targets) > 1 {
		return mistake(words{"the scope names several targets"}, "keep one of project, domain, trust and system")
	}
	if scope.ProjectName != "" && scope.ProjectID == "" && !hasDomain {
		return mistake(words{"the scope names project ", strconv.Quote(scope.ProjectName), " without its domain"}, "set ", cloudconf.ProjectDomainName)
	}
	if _, err := (&gophercloud.AuthOptions{Scope: &scope}).ToTokenV3ScopeMap(); err != nil {
		return mistake(words{"invalid scope"}, err)
	}
	return nil
}

// ScopeKey spells a scope in one way.
func ScopeKey(scope gophercloud.AuthScope) string {
	text, _ := json.Marshal(scope) // texts and a bool always encode
	return string(text)
}

// DescribeScope names a scope in a message.
func DescribeScope(scope gophercloud.AuthScope) string {
	domain := cmp.Or(scope.DomainName, scope.DomainID)
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
