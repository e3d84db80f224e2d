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
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (a *app) projects() *cli.Command {
	return &cli.Command{
		Name:  "projects",
		Usage: "list the projects you have a role on",
		Description: `Asks Keystone for your projects and prints the name, ID and domain ID of each. *
marks the cloud's own project.

Example:
   websso projects --cloud mycloud`,
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			// Unscoped, because the user may have no role on the cloud's own project.
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
				a.screen.say("you have no role on any project; ask the cloud's operator for one")
			}
			stdout, ok := a.stdout.(*os.File)
			return a.print(projectTable(mine, current, ok && hasColor(stdout)))
		},
	}
}

func listProjects(ctx context.Context, client *gophercloud.ProviderClient) ([]projects.Project, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	identity := &gophercloud.ServiceClient{ProviderClient: client, Endpoint: client.IdentityEndpoint}
	page, err := projects.ListAvailable(identity).AllPages(ctx)
	if err != nil {
		return nil, explain("listing the projects", err)
	}
	all, err := projects.ExtractProjects(page)
	slices.SortFunc(all, func(a, b projects.Project) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// currentProject returns the ID of the project in the cloud's scope, or "" if there is
// none. Its name is not enough: projects in different domains may share one.
func (c *cloud) currentProject(ctx context.Context) (string, error) {
	if c.opts.Scope == nil || c.opts.Scope.ProjectID == "" && c.opts.Scope.ProjectName == "" {
		return "", nil
	}
	own := *c
	own.opts.NonInteractive = true
	client, err := own.authenticate(ctx)
	if errors.Is(err, websso.ErrScope) {
		c.screen.say("you have no role on %s, the cloud's own project", keystone.DescribeScope(*c.opts.Scope))
		return "", nil
	}
	if err != nil {
		return "", err
	}
	result, err := authResult(client)
	if err != nil {
		return "", err
	}
	project, err := result.ExtractProject()
	if err != nil || project == nil {
		return "", err
	}
	return project.ID, nil
}

func projectTable(mine []projects.Project, current string, color bool) string {
	var columns strings.Builder
	w := tabwriter.NewWriter(&columns, 0, 0, 2, ' ', 0)
	for _, p := range mine {
		fmt.Fprintf(w, "%s\t%s\t%s\n", terminal.Escape(p.Name), terminal.Escape(p.ID), terminal.Escape(p.DomainID))
	}
	w.Flush()
	// Marks are added afterwards, because tabwriter counts color codes as text.
	var table strings.Builder
	for i, line := range slices.Collect(strings.Lines(columns.String())) {
		mark := " "
		if mine[i].ID == current {
			mark = paint(color, green, "*")
		}
		table.WriteString(mark + " " + line)
	}
	return table.String()
}
