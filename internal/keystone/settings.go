package keystone

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// ParseEndpoint returns the one spelling of the URL of Keystone, which ends in /v3. The
// error is a [cloudconf.SettingError]. It shows nothing of a user, a password or a query.
func ParseEndpoint(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "":
		return "", mistake(words{"no identity endpoint"}, "set ", cloudconf.AuthURL, " to the URL of Keystone")
	case err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != ""):
		return "", mistake(words{cloudconf.AuthURL, " has a user, a query or a fragment"}, "use only scheme, host and path")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.Contains(u.Host, "%"): // no browser opens an address with a zone
		return "", mistake(words{cloudconf.AuthURL, " ", terminal.Printable(strconv.Quote(terminal.Address(endpoint))), " is not an http or https URL"},
			"use one such as https://identity.example.com/v3")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":") // a port may be empty (RFC 3986, section 3.2.3)
	host = strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
	path := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(u.EscapedPath(), "/"), "/v3"), "/")
	return u.Scheme + "://" + host + path + "/v3", nil
}

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
