package command

import (
	"cmp"
	"crypto/tls"
	"net/url"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// cloud is a cloud that the options, the variables and the files describe.
type cloud struct {
	app      *app
	name     string // in clouds.yaml, or ""
	opts     websso.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
}

// host is a short name for the cloud: Keystone's host.
func (c *cloud) host() string { return hostOf(c.opts.IdentityEndpoint) }

func hostOf(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return endpoint
}

// scoped returns the same cloud with another scope, or none.
func (c *cloud) scoped(scope *gophercloud.AuthScope) *cloud {
	other := *c
	other.opts.Scope = scope
	return &other
}

func (c *cloud) isInsecure() bool { return c.tls != nil && c.tls.InsecureSkipVerify }

// noteEnd tells, on a terminal, of a token that a tool may outlive.
func (c *cloud) noteEnd(more string) {
	if now, err := websso.Status(c.opts); err == nil && c.app.screen.IsTerminal() && time.Until(now.ExpiresAt) < soon {
		c.app.screen.Say("this token ends at %s: use %s--min-validity", terminal.Clock(now.ExpiresAt), more)
	}
}

// soon is the time left below which the user reads that the sign-in is about to end.
const soon = 15 * time.Minute

// noteNoProject tells those who have chosen no project that most services need one.
func (c *cloud) noteNoProject() {
	if c.opts.Scope == nil {
		c.app.screen.Say("no project is chosen, so this sign-in is for Keystone only; choose one with --project-id, or with project_name and project_domain_name in clouds.yaml%s", prefixed(". To list yours: ", c.app.beside["projects"]))
	}
}

// redirect returns the host and port that the browser comes back to.
func (c *cloud) redirect() (host string, port int) {
	host, err := loopback.Host(c.opts.RedirectHost)
	if err != nil {
		host = "localhost" // the library has refused it
	}
	return host, cmp.Or(c.opts.RedirectPort, websso.DefaultRedirectPort)
}
