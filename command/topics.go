package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) helpCommand() *cobra.Command {
	c := p.command("help [COMMAND]", "show the help of a command", "", nil,
		func(_ context.Context, a *app, args []string) error {
			about := a.cmd.Root()
			if len(args) > 0 {
				found, rest, err := about.Find(args)
				if err != nil || len(rest) > 0 {
					return unusable{unknownCommand(about, args)}
				}
				about = found
			}
			return about.Help()
		})
	c.Aliases = []string{"h"}
	c.Args = cobra.ArbitraryArgs
	c.ValidArgsFunction = func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var names []string
		if about, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
			for _, sub := range about.Commands() {
				if sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// topics are what help has more to say about.
func (p *program) topics() []*cobra.Command {
	topic := func(name, short string, text func(*cobra.Command) string) *cobra.Command {
		c := p.command(name, short, "", nil, nil)
		c.RunE = nil // it is only there for its help
		c.SetHelpFunc(func(c *cobra.Command, _ []string) { _, _ = fmt.Fprint(c.OutOrStdout(), text(c)) })
		return c
	}
	return []*cobra.Command{
		topic("options", "the options of all commands, and exit statuses", func(c *cobra.Command) string {
			return p.help.options(c) + "\n" + exitHelp + "\n"
		}),
		topic("clouds", "a clouds.yaml with a cloud to sign in to", func(c *cobra.Command) string {
			return inItsName(c, cloudsHelp)
		}),
	}
}

const cloudsHelp = `A clouds.yaml describes clouds. It is the first of these files:

  the one that OS_CLIENT_CONFIG_FILE names
  clouds.yaml in the current directory
  ~/.config/openstack/clouds.yaml
  /etc/openstack/clouds.yaml

The cloud's operator knows these values:

` + exampleCloud + `
Variables and options describe a cloud too: see websso help options.
`
