package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (p *program) status() *cobra.Command {
	return p.command("status", "show who is signed in, and until when",
		func(f *pflag.FlagSet) {
			f.Bool("check", false, "check each cached token with Keystone")
			f.Bool("all", false, "show every v3websso cloud in clouds.yaml, and every other sign-in")
			outputFlag(f)
		},
		func(ctx context.Context, a *app, _ []string) error {
			all, err := a.clouds()
			if err != nil {
				return err
			}
			if a.bool("all") {
				return a.statusAll(ctx, all)
			}
			r, err := all[0].report(ctx, a.bool("check"))
			if err != nil {
				return err
			}
			return a.printAs(r, r.text)
		})
}

// statusAll shows all clouds, the ones that can't be asked too.
func (a *app) statusAll(ctx context.Context, all []*cloud) error {
	reports := []*report{} // [] in JSON, even if there are none
	rows := [][]string{{"CLOUD", "KEYSTONE", "ACCOUNT", "USER", "EXPIRES"}}
	signedIn := false
	var failed []error
	for _, c := range all {
		r, err := c.report(ctx, a.bool("check"))
		user, expires := "-", "not signed in"
		switch {
		case err == nil:
			signedIn, user, expires = true, r.User, until(*r.Expires)
		case !errors.Is(err, websso.ErrLoginRequired):
			expires = "unknown"
			failed = append(failed, fmt.Errorf("cloud %s: %w", c.name, err))
		}
		reports = append(reports, r)
		rows = append(rows, []string{cmp.Or(c.name, "not in clouds.yaml"), c.host(), cmp.Or(r.Username, "-"), user, expires})
	}
	if len(all) == 0 {
		rows = nil
	}
	err := a.printAs(reports, func() string { return columns(rows...) })
	if err = errors.Join(append(failed, err)...); err == nil && !signedIn {
		err = fmt.Errorf("nobody is signed in to any cloud: %w", websso.ErrLoginRequired)
	}
	return err
}

// A report is what status says of a cloud. Its JSON is part of the command's interface.
type report struct {
	Cloud            string        `json:"cloud,omitempty"`
	AuthURL          string        `json:"auth_url"`
	SignedIn         bool          `json:"signed_in"`
	User             string        `json:"user,omitempty"`
	UserID           string        `json:"user_id,omitempty"`
	UserDomain       string        `json:"user_domain,omitempty"`
	Username         string        `json:"username,omitempty"` // the label
	IdentityProvider string        `json:"identity_provider,omitempty"`
	Protocol         string        `json:"protocol,omitempty"`
	Expires          *time.Time    `json:"expires,omitempty"`
	Tokens           []tokenReport `json:"tokens,omitempty"`
	CachedIn         string        `json:"cached_in,omitempty"`
}

// A tokenReport is what status says of a cached token.
type tokenReport struct {
	scopeReport
	State string `json:"state"`

	name string
}

// A scopeReport is a gophercloud.AuthScope.
type scopeReport struct {
	ProjectID   string `json:"project_id,omitempty"`
	ProjectName string `json:"project_name,omitempty"`
	DomainID    string `json:"domain_id,omitempty"`
	DomainName  string `json:"domain_name,omitempty"`
	System      bool   `json:"system,omitempty"`
	TrustID     string `json:"trust_id,omitempty"`
}

// The states of a cached token.
const (
	stateCached   = "cached"   // Keystone was not asked
	stateValid    = "valid"    // Keystone says so
	stateReplaced = "replaced" // it was revoked, and there is a new one
	stateRefused  = "refused"  // Keystone no longer gives a token for this scope
)

// text is the token with its state, if Keystone was asked.
func (t tokenReport) text() string {
	return t.name + map[string]string{
		stateValid:    ": valid",
		stateReplaced: ": was revoked, and has been replaced",
		stateRefused:  ": was revoked; you have no role there any more",
	}[t.State]
}

// report returns what there is to say about the cloud: if it fails, only what is known
// without. With check, Keystone is asked.
func (c *cloud) report(ctx context.Context, check bool) (*report, error) {
	r := &report{Cloud: c.name, AuthURL: c.opts.IdentityEndpoint, Username: c.opts.Username}
	c = c.scoped(nil)
	c.opts.NonInteractive = true
	state := stateCached
	if check {
		if _, err := c.signIn(ctx, true); err != nil {
			return r, err
		}
		state = stateValid
	}
	signIn, err := websso.Status(c.opts)
	if err != nil {
		return r, c.rename(err)
	}
	all := []tokenReport{{State: state, name: "unscoped"}}
	for _, scope := range signIn.Scopes {
		if check {
			if state, err = c.scoped(&scope).checkScope(ctx); err != nil {
				return r, err
			}
		}
		all = append(all, tokenReport{scopeReport(scope), state, keystone.DescribeScope(scope)})
	}
	r.User, r.UserID, r.UserDomain = signIn.UserName, signIn.UserID, signIn.UserDomain
	r.IdentityProvider, r.Protocol = signIn.IdentityProvider, signIn.Protocol
	r.SignedIn, r.Expires, r.Tokens, r.CachedIn = true, &signIn.ExpiresAt, all, c.app.cachedIn
	return r, nil
}

// checkScope asks Keystone about the cached token for a scope.
func (c *cloud) checkScope(ctx context.Context) (state string, err error) {
	cached, err := c.signIn(ctx, false)
	checked := cached
	if err == nil {
		checked, err = c.signIn(ctx, true)
	}
	switch {
	case errors.Is(err, websso.ErrScope):
		return stateRefused, nil
	case err != nil:
		return "", err
	case checked.ID == cached.ID:
		return stateValid, nil
	default:
		return stateReplaced, nil
	}
}

func (r *report) text() string {
	var rows [][]string
	row := func(name, value string) { rows = append(rows, []string{name, value}) }
	if r.Cloud != "" {
		row("cloud", r.Cloud)
	}
	row("keystone", r.AuthURL)
	row("user", fmt.Sprintf("%s (domain %s)", r.User, r.UserDomain))
	row("user ID", r.UserID) // a federated user's has 64 characters
	if r.Username != "" {
		row("username", r.Username+" (the label of this sign-in)")
	}
	row("provider", r.IdentityProvider+", protocol "+r.Protocol)
	row("expires", until(*r.Expires))
	unscoped := r.Tokens[0]
	row("cached tokens", unscoped.text()+map[string]string{stateValid: " (checked with Keystone)"}[unscoped.State])
	for _, t := range r.Tokens[1:] {
		row("", t.text())
	}
	row("cached in", r.CachedIn)
	return columns(rows...)
}

// until says when a sign-in ends, and how long that is.
func until(end time.Time) string {
	left := "less than a minute"
	if d := time.Until(end).Round(time.Minute); d >= time.Minute {
		left = terminal.Duration(d)
	}
	return fmt.Sprintf("%s (in %s)", terminal.Clock(end), left)
}
