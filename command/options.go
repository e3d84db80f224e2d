package command

import (
	"fmt"
	"time"

	"github.com/gophercloud-websso/websso"
)

// allOptions returns the options that all commands have, as the help lists them.
func (p *program) allOptions() []option {
	return []option{
		{groupCloud, "cloud", "OS_CLOUD", "`NAME` of a cloud in clouds.yaml", p.offer(cloudNames)},
		{groupCloud, "auth-url", "OS_AUTH_URL", "`URL` of Keystone", nil},
		{groupCloud, "identity-provider", "OS_IDENTITY_PROVIDER", "`NAME` of the identity provider in Keystone", nil},
		{groupCloud, "protocol", "OS_PROTOCOL", "`NAME` of the protocol in Keystone: openid, saml2, mapped, ...", offered("openid\tOpenID Connect", "saml2\tSAML", "mapped\tby a mapping of Keystone")},
		{groupCloud, "username", "OS_USERNAME", "`NAME` that keeps the sign-ins of several accounts in one cloud apart", nil},
		{groupCloud, "region", "OS_REGION_NAME", "`NAME` of the region", nil},
		{groupCloud, "interface", "OS_INTERFACE", "`KIND` of endpoint: public, internal or admin", offered("public", "internal", "admin")},

		{groupScope, "project-name", "OS_PROJECT_NAME", "`NAME` of a project (default domain: the cloud's project domain)", p.offer(cached(projectName))},
		{groupScope, "project-domain-name", "OS_PROJECT_DOMAIN_NAME", "`NAME` of the project's domain", nil},
		{groupScope, "project-domain-id", "OS_PROJECT_DOMAIN_ID", "`ID` of the project's domain", nil},
		{groupScope, "project-id", "OS_PROJECT_ID", "`ID` of a project", p.offer(cached(projectID))},
		{groupScope, "domain-name", "OS_DOMAIN_NAME", "`NAME` of a domain", nil},
		{groupScope, "domain-id", "OS_DOMAIN_ID", "`ID` of a domain", nil},
		{groupScope, "trust-id", "OS_TRUST_ID", "`ID` of a trust", nil},
		{groupScope, "system-scope", "OS_SYSTEM_SCOPE", "`all`, for administrators of the whole cloud", choice{"", []string{"all"}}},

		{groupTLS, "cacert", "OS_CACERT", "`FILE` of certificate authorities to trust", offerFiles},
		{groupTLS, "cert", "OS_CERT", "`FILE` of the client certificate", offerFiles},
		{groupTLS, "key", "OS_KEY", "`FILE` of the client certificate's key", offerFiles},
		{groupTLS, "insecure", "OS_INSECURE", "accept any certificate; anyone on the network can then read along", false},

		{groupSignIn, "redirect-host", "OS_REDIRECT_HOST", "`HOST` that the browser returns to (default: localhost)", offered("localhost", "127.0.0.1", "::1")},
		{groupSignIn, "redirect-port", "OS_REDIRECT_PORT", fmt.Sprintf("`PORT` that the browser returns to (default: %d)", websso.DefaultRedirectPort), nil},
		{groupSignIn, "browser", "WEBSSO_BROWSER", "`COMMAND` that opens your browser, as in $BROWSER: 'firefox -P work %s'", offerPrograms},
		{groupSignIn, "no-browser", "WEBSSO_NO_BROWSER", "print the address instead of opening it", false},
		{groupSignIn, "non-interactive", "WEBSSO_NON_INTERACTIVE", "never open a browser; exit with status 3 instead", false},
		{groupSignIn, "timeout", "WEBSSO_TIMEOUT", "`TIME` to sign in, such as 90s (default: 1m for the browser to appear, then 5m)", time.Duration(0)},
		{groupSignIn, "debug", "OS_DEBUG", "say what is decided, and show each request to Keystone", false},
		{
			groupSignIn, "cache", "WEBSSO_CACHE", "`WHERE` to cache sign-ins: file, keyring (files encrypted with a key in the system's keyring) or memory (until the command ends)",
			choice{cacheFile, []string{cacheFile, cacheKeyring, cacheMemory}},
		},
		{groupSignIn, "cache-dir", "WEBSSO_CACHE_DIR", "`DIRECTORY` for cached sign-ins (default: gophercloud-websso in your cache directory)", offerDirectories},
	}
}
