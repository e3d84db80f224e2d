package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (p *program) status() *cobra.Command {
	return p.command("status", "show who is signed in, and until when",
		`Shows the cached sign-in without asking Keystone. --check asks Keystone about
each cached token, and replaces those that were revoked while the sign-in lasts.
Exits with status 3 if you are not signed in. It never opens a browser.

Examples:
  websso status --cloud mycloud
  websso status --all`,
		func(f *pflag.FlagSet) {
			f.Bool("check", false, "check each cached token with Keystone")
			f.Bool("all", false, "show every v3websso cloud in clouds.yaml, and every other sign-in")
			outputFlag(f, "`FORMAT`: text or json")
		},
		func(ctx context.Context, a *app, _ []string) error {
			if a.bool("all") {
				return a.statusAll(ctx)
			}
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			r, err := c.report(ctx, a.bool("check"))
			if err != nil {
				return err
			}
			return a.printAs(r, r.text)
		})
}

// statusAll shows all clouds, the ones that can't be asked too.
func (a *app) statusAll(ctx context.Context) error {
	all, err := a.allClouds()
	if err != nil {
		return err
	}
	reports := []*report{} // [] in JSON, even if there are none
	var failed []error
	signedIn := false
	for _, c := range all {
		r, err := c.report(ctx, a.bool("check"))
		if err != nil {
			r = &report{Cloud: c.name, AuthURL: c.opts.IdentityEndpoint, Username: c.opts.Username}
		}
		if err != nil && !errors.Is(err, websso.ErrLoginRequired) {
			failed = append(failed, fmt.Errorf("cloud %s: %w", c.name, err))
			r.problem = true
		}
		signedIn = signedIn || r.SignedIn
		reports = append(reports, r)
	}
	err = a.printAs(reports, func() string { return reportTable(reports) })
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

	problem bool // it could not be asked
}

// A tokenReport is what status says of a cached token.
type tokenReport struct {
	ProjectID   string `json:"project_id,omitempty"`
	ProjectName string `json:"project_name,omitempty"`
	DomainID    string `json:"domain_id,omitempty"`
	DomainName  string `json:"domain_name,omitempty"`
	TrustID     string `json:"trust_id,omitempty"`
	System      bool   `json:"system,omitempty"`
	State       string `json:"state"`

	name string
}

// words says the state of the token, or "" if Keystone was not asked.
func (t tokenReport) words() string {
	switch t.State {
	case stateValid:
		return ": valid"
	case stateReplaced:
		return ": was revoked, and has been replaced"
	case stateRefused:
		return ": was revoked; you have no role there any more"
	}
	return ""
}

// The states of a cached token.
const (
	stateCached   = "cached"   // Keystone was not asked
	stateValid    = "valid"    // Keystone says so
	stateReplaced = "replaced" // it was revoked, and there is a new one
	stateRefused  = "refused"  // Keystone no longer gives a token for this scope
)

// report returns what there is to say about the cloud. With check, Keystone is asked.
func (c *cloud) report(ctx context.Context, check bool) (*report, error) {
	c = c.unscoped()
	c.opts.NonInteractive = true
	signInState := stateCached
	if check {
		if _, err := c.signIn(ctx, true); err != nil {
			return nil, err
		}
		signInState = stateValid
	}
	signIn, err := websso.Status(c.opts)
	if err != nil {
		return nil, c.rename(err)
	}
	r := &report{
		Cloud: c.name, AuthURL: c.opts.IdentityEndpoint, SignedIn: true,
		User: signIn.UserName, UserID: signIn.UserID, UserDomain: signIn.UserDomain, Username: c.opts.Username,
		IdentityProvider: signIn.IdentityProvider, Protocol: signIn.Protocol, Expires: &signIn.ExpiresAt, CachedIn: c.app.describeCache(),
		Tokens: []tokenReport{{State: signInState, name: "unscoped"}},
	}
	for _, scope := range signIn.Scopes {
		state := stateCached
		if check {
			if state, err = c.scoped(&scope).checkScope(ctx); err != nil {
				return nil, err
			}
		}
		r.Tokens = append(r.Tokens, tokenReport{
			ProjectID: scope.ProjectID, ProjectName: scope.ProjectName, DomainID: scope.DomainID, DomainName: scope.DomainName,
			TrustID: scope.TrustID, System: scope.System, State: state, name: keystone.DescribeScope(scope),
		})
	}
	return r, nil
}

// checkScope asks Keystone about the cached token for a scope.
func (c *cloud) checkScope(ctx context.Context) (state string, err error) {
	before, err := c.signIn(ctx, false)
	if err == nil {
		var client *gophercloud.ProviderClient
		if client, err = c.signIn(ctx, true); err == nil && client.Token() == before.Token() {
			return stateValid, nil
		}
	}
	switch {
	case errors.Is(err, websso.ErrScope):
		return stateRefused, nil
	case err != nil:
		return "", err
	}
	return stateReplaced, nil
}

func (r *report) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(w, "%s\t%s\n", name, terminal.Escape(value)) }
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
	row("expires", fmt.Sprintf("%s (in %s)", terminal.Clock(*r.Expires), timeLeft(*r.Expires)))
	title := "cached tokens"
	for i, t := range r.Tokens {
		value := t.name + t.words()
		if i == 0 && t.State == stateValid {
			value += " (checked with Keystone)"
		}
		row(title, value)
		title = ""
	}
	row("cached in", r.CachedIn)
	w.Flush()
	return b.String()
}

// reportTable has one line for each cloud.
func reportTable(reports []*report) string {
	if len(reports) == 0 {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	account := func(string) string { return "" }
	if slices.ContainsFunc(reports, func(r *report) bool { return r.Username != "" }) {
		account = func(label string) string { return terminal.Escape(cmp.Or(label, "-")) + "\t" }
	}
	fmt.Fprintf(w, "CLOUD\tKEYSTONE\t%sUSER\tEXPIRES\n", account("ACCOUNT"))
	for _, r := range reports {
		user, expires := "-", "not signed in"
		switch {
		case r.problem:
			expires = "unknown"
		case r.SignedIn:
			user, expires = r.User, fmt.Sprintf("%s (in %s)", terminal.Clock(*r.Expires), timeLeft(*r.Expires))
		}
		host := (&cloud{opts: websso.AuthOptions{IdentityEndpoint: r.AuthURL}}).host()
		fmt.Fprintf(w, "%s\t%s\t%s%s\t%s\n", terminal.Escape(cmp.Or(r.Cloud, "not in clouds.yaml")), terminal.Escape(host), account(r.Username), terminal.Escape(user), expires)
	}
	w.Flush()
	return b.String()
}

// timeLeft is the time until t, to the minute.
func timeLeft(t time.Time) string {
	left := time.Until(t).Round(time.Minute)
	if left < time.Minute {
		return "less than a minute"
	}
	return terminal.Duration(left)
}
