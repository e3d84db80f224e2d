package command

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso/internal/keystone"
)

func (p *program) projects() *cobra.Command {
	return p.command("projects", "list the projects you have a role on", outputFlag, forCloud(func(ctx context.Context, a *app, c *cloud) error {
		all, err := c.projects(ctx)
		if err != nil {
			return err
		}
		own := c.opts.Scope
		if own != nil && own.ProjectID+own.ProjectName != "" && !slices.ContainsFunc(all, func(p project) bool { return p.Current }) {
			a.screen.Say("you have no role on %s, the cloud's own project", keystone.DescribeScope(*own))
		}
		rows := [][]string{{"  NAME", "ID", "DOMAIN"}}
		for _, p := range all {
			mark := map[bool]string{true: "* ", false: "  "}[p.Current]
			rows = append(rows, []string{mark + p.Name, p.ID, cmp.Or(p.DomainName, p.DomainID)})
		}
		if len(all) == 0 {
			a.screen.Say("you have no role on any project; ask the cloud's operator for one")
			rows = nil
		}
		return a.printAs(all, func() string { return columns(rows...) })
	}))
}

// A project is one that the user has a role on. Its JSON is part of the command's
// interface.
type project struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	DomainID   string `json:"domain_id"`
	DomainName string `json:"domain_name,omitempty"` // unless Keystone does not tell
	Current    bool   `json:"current"`               // it is the cloud's own
}

// projects returns the user's projects by name.
func (c *cloud) projects(ctx context.Context) ([]project, error) {
	// Unscoped, because the user may have no role on the cloud's own project.
	token, err := c.scoped(nil).signIn(ctx, false)
	if err != nil {
		return nil, err
	}
	client := keystone.NewClient(token.client, token.AuthURL)
	listed, err := client.Projects(ctx, token.ID)
	if keystone.IsDead(err) { // the token was revoked
		if err = token.client.Reauthenticate(ctx, token.ID); err == nil {
			listed, err = client.Projects(ctx, token.client.Token())
		}
	}
	if err != nil {
		return nil, c.rename(err)
	}
	own := cmp.Or(c.opts.Scope, &gophercloud.AuthScope{})
	// Keystone lists domains by their IDs. It names the user's own in the token, and the
	// cloud may name that of its project.
	domains := map[string]string{token.User.Domain.ID: token.User.Domain.Name}
	all := make([]project, len(listed)) // [] in JSON, even if there are none
	for i, p := range listed {
		all[i] = project{ID: p.ID, Name: p.Name, DomainID: p.DomainID}
		domain := domains[p.DomainID]
		inDomain := own.DomainID == p.DomainID || own.DomainName != "" && (domain == "" || own.DomainName == domain)
		all[i].Current = own.ProjectID == p.ID || own.ProjectName == p.Name && inDomain
		if all[i].Current && own.DomainName != "" {
			domains[p.DomainID] = own.DomainName
		}
	}
	for i, p := range all {
		all[i].DomainName = domains[p.DomainID]
	}
	slices.SortFunc(all, func(a, b project) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	return all, nil
}
