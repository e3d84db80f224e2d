// Command acme is a tool as a company could give it to its staff. Beside a command of its
// own it has some of websso's, under its own name and for its own clouds, which are built
// in: acme login, acme exec -- openstack server list, acme teams.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command"
)

//go:embed clouds.yaml
var sites []byte

func main() {
	os.Exit(command.ExitStatus(acme("paris", sites).Execute()))
}

// acme returns the tool. Its tests give it other sites, and options for them.
func acme(site string, sites []byte, more ...clouds.ParseOption) *cobra.Command {
	root := &cobra.Command{Use: "acme", Short: "work with Acme's clouds", SilenceUsage: true}
	only := root.PersistentFlags().StringP("only", "o", "", "list what begins with this `TEXT`")
	debug := root.PersistentFlags().BoolP("debug", "d", false, "say what is going on")
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if *debug {
			c.PrintErrln("this is", c.CommandPath(), "at", site)
		}
		return nil
	}
	for _, c := range command.New(command.Config{
		Name: "acme", CloudsYAML: sites, Cloud: site, OmitFlags: []string{"debug"}, Options: func() []clouds.ParseOption { return more },
	}).Commands() {
		switch c.Name() {
		case "login", "logout", "status", "exec":
			root.AddCommand(c)
		}
	}
	root.AddCommand(&cobra.Command{Use: "teams", Short: "list your teams", RunE: func(c *cobra.Command, _ []string) error {
		client, _, err := clouds.NewProviderClient(c.Context(), append(more, clouds.WithCloudsYAML(bytes.NewReader(sites)), clouds.WithCloudName(site))...)
		if err != nil {
			return err
		}
		identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
		if err != nil {
			return err
		}
		page, err := projects.ListAvailable(identity).AllPages(c.Context())
		if err != nil {
			return err
		}
		teams, err := projects.ExtractProjects(page) // Acme's word for them
		for _, team := range teams {
			if strings.HasPrefix(team.Name, *only) {
				fmt.Fprintln(c.OutOrStdout(), team.Name)
			}
		}
		return err
	}})
	return root
}
