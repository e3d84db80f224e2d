package websso

import (
	"fmt"
	"strconv"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// AuthOptionsFromEnv reads AuthOptions from the OS_* environment variables, as an
// openrc file sets them for openstackclient: OS_AUTH_URL and OS_PROTOCOL, which are
// required; OS_IDENTITY_PROVIDER, OS_REDIRECT_HOST and OS_REDIRECT_PORT; and a scope
// from OS_PROJECT_ID or OS_PROJECT_NAME with OS_PROJECT_DOMAIN_ID or
// OS_PROJECT_DOMAIN_NAME, from OS_DOMAIN_ID or OS_DOMAIN_NAME, OS_TRUST_ID or
// OS_SYSTEM_SCOPE. OS_TENANT_ID and OS_TENANT_NAME are older names of the project,
// and OS_DOMAIN_ID or OS_DOMAIN_NAME beside a project names the project's domain.
//
// It is an error if OS_AUTH_TYPE is neither empty nor v3websso, if a project's name
// comes without its domain, or if two of project, domain and trust are named.
// Variables about users and passwords are ignored.
//
// AuthOptions hold nothing about TLS, so OS_CACERT, OS_CERT, OS_KEY and OS_INSECURE
// have no effect here: those are settings of the client that is given to
// [Authenticate]. Package clouds reads them, and OS_CLOUD, OS_REGION_NAME and
// OS_INTERFACE as well.
func AuthOptionsFromEnv() (AuthOptions, error) {
	v := cloudconf.FromEnv(cloudconf.Keys)
	if authType, ok := v["auth_type"]; ok && authType.Text != cloudconf.AuthType {
		return AuthOptions{}, fmt.Errorf("websso: OS_AUTH_TYPE is %s, and this signs in to %s only: unset it, or read the environment with package clouds, which takes any",
			printable(strconv.Quote(authType.Text)), cloudconf.AuthType)
	}
	if err := v.Require(""); err != nil {
		return AuthOptions{}, err
	}
	if err := v.SettleScope(); err != nil {
		return AuthOptions{}, err
	}
	port, err := v.RedirectPort()
	if err != nil {
		return AuthOptions{}, err
	}
	return AuthOptions{
		IdentityEndpoint: v["auth_url"].Text,
		IdentityProvider: v["identity_provider"].Text,
		Protocol:         v["protocol"].Text,
		Scope:            v.Scope(),
		RedirectHost:     v["redirect_host"].Text,
		RedirectPort:     port,
	}, nil
}
