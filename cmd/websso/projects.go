package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
)

func (a *app) projects() *cli.Command {
	return &cli.Command{
		Name:  "projects",
		Usage: "list the projects that you may use",
		Description: `Asks Keystone for your projects, and prints name, id and domain id of each. The
one that the cloud's description names is marked with *.

Example:
   websso projects --cloud mycloud`,
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			// Without the scope, for those whose own one is not theirs.
			client, err := cloud.unscoped().signIn(ctx, false)
			if err != nil {
				return err
			}
			mine, err := listProjects(ctx, client)
			if err != nil {
				return err
			}
			current, err := cloud.currentProject(ctx)
			if err != nil {
				return err
			}
			if len(mine) == 0 {
				a.screen.say("no project is yours: ask the cloud's operator for a role")
			}
			stdout, ok := a.stdout.(*os.File)
			return a.print(projectTable(mine, current, ok && hasColour(stdout)))
		},
	}
}

func listProjects(ctx context.Context, client *gophercloud.ProviderClient) ([]projects.Project, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	identity := &gophercloud.ServiceClient{ProviderClient: client, Endpoint: client.IdentityEndpoint}
	page, err := projects.ListAvailable(identity).AllPages(ctx)
	if err != nil {
		return nil, explain("asking Keystone for the projects", err)
	}
	all, err := projects.ExtractProjects(page)
	slices.SortFunc(all, func(a, b projects.Project) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// currentProject is the id of the project that the cloud's scope names: a name alone
// may be that of several.
func (c *cloud) currentProject(ctx context.Context) (string, error) {
	if c.opts.Scope == nil || c.opts.Scope.ProjectID == "" && c.opts.Scope.ProjectName == "" {
		return "", nil
	}
	own := *c
	own.opts.NonInteractive = true
	client, err := own.authenticate(ctx)
	if errors.Is(err, websso.ErrScope) {
		c.screen.say("%s, the cloud's own, is not among them", describe(*c.opts.Scope))
		return "", nil
	}
	if err != nil {
		return "", err
	}
	result, err := described(client)
	if err != nil {
		return "", err
	}
	project, err := result.ExtractProject()
	if err != nil || project == nil {
		return "", err
	}
	return project.ID, nil
}

func projectTable(mine []projects.Project, current string, colour bool) string {
	var columns strings.Builder
	w := tabwriter.NewWriter(&columns, 0, 0, 2, ' ', 0)
	for _, p := range mine {
		fmt.Fprintf(w, "%s\t%s\t%s\n", printable(p.Name), printable(p.ID), printable(p.DomainID))
	}
	w.Flush()
	// The mark is put in front afterwards: tabwriter takes a colour for text.
	var table strings.Builder
	for i, line := range slices.Collect(strings.Lines(columns.String())) {
		mark := " "
		if mine[i].ID == current {
			mark = paint(colour, green, "*")
		}
		table.WriteString(mark + " " + line)
	}
	return table.String()
}
