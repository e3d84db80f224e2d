package command

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
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

func (p *program) projects() *cobra.Command {
	return p.command("projects", "list the projects you have a role on",
		`Asks Keystone for your projects and prints the name, ID and domain of each. *
marks the cloud's own project.

Examples:
  websso projects --cloud mycloud
  websso projects --cloud mycloud --output json`,
		func(f *pflag.FlagSet) {
			outputFlag(f, "`FORMAT`: text or json")
		},
		func(ctx context.Context, a *app, _ []string) error {
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			found, err := c.projects(ctx)
			if err != nil {
				return err
			}
			if a.text("output") == "json" {
				return a.printJSON(found)
			}
			if len(found) == 0 {
				a.screen.Say("you have no role on any project; ask the cloud's operator for one")
				return nil
			}
			stdout, ok := a.stdout.(*os.File)
			return a.print(projectTable(found, ok && screen.HasColor(stdout)))
		})
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
	client, err := c.unscoped().signIn(ctx, false)
	if err != nil {
		return nil, err
	}
	listed, err := listProjects(ctx, client)
	if err != nil {
		return nil, c.explain(client, "listing the projects", err)
	}
	domains := make(map[string]string)
	if result, err := authResult(client); err == nil {
		if user, err := result.ExtractUser(); err == nil {
			domains[user.Domain.ID] = user.Domain.Name
		}
	}
	current, err := c.currentProject(ctx, domains)
	if err != nil {
		return nil, err
	}
	all := make([]project, len(listed)) // [] in JSON, even if there are none
	for i, p := range listed {
		all[i] = project{ID: p.ID, Name: p.Name, DomainID: p.DomainID, DomainName: domains[p.DomainID], Current: p.ID == current}
	}
	return all, nil
}

func listProjects(ctx context.Context, client *gophercloud.ProviderClient) ([]projects.Project, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	identity := &gophercloud.ServiceClient{ProviderClient: client, Endpoint: client.IdentityEndpoint}
	page, err := projects.ListAvailable(identity).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := projects.ExtractProjects(page)
	slices.SortFunc(all, func(a, b projects.Project) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// currentProject returns the ID of the project in the cloud's scope, or "" if there is
// none. Its name is not enough: projects in different domains may share one.
func (c *cloud) currentProject(ctx context.Context, domains map[string]string) (string, error) {
	if c.opts.Scope == nil || c.opts.Scope.ProjectID == "" && c.opts.Scope.ProjectName == "" {
		return "", nil
	}
	id, err := c.projectOfToken(ctx, domains)
	if errors.Is(err, websso.ErrScope) {
		c.app.screen.Say("you have no role on %s, the cloud's own project", keystone.DescribeScope(*c.opts.Scope))
		return "", nil
	}
	return id, err
}

// projectOfToken returns the ID of the project that a token for the cloud's scope is for,
// and learns the name of the project's domain from it.
func (c *cloud) projectOfToken(ctx context.Context, domains map[string]string) (string, error) {
	own := *c
	own.opts.NonInteractive = true
	client, err := own.signIn(ctx, false)
	if err != nil {
		return "", err
	}
	result, err := authResult(client)
	if err != nil {
		return "", err
	}
	p, err := result.ExtractProject()
	if err != nil || p == nil {
		return "", err
	}
	domains[p.Domain.ID] = p.Domain.Name
	return p.ID, nil
}

func projectTable(all []project, color bool) string {
	var columns strings.Builder
	w := tabwriter.NewWriter(&columns, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tID\tDOMAIN")
	for _, p := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", terminal.Escape(p.Name), terminal.Escape(p.ID), terminal.Escape(cmp.Or(p.DomainName, p.DomainID)))
	}
	w.Flush()
	// Marks are added afterwards, because tabwriter counts color codes as text.
	var table strings.Builder
	for i, line := range slices.Collect(strings.Lines(columns.String())) {
		mark := " "
		if i > 0 && all[i-1].Current {
			mark = screen.Paint(color, screen.Green, "*")
		}
		table.WriteString(mark + " " + line)
	}
	return table.String()
}
