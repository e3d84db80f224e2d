// Package command is the command websso for other programs: it signs users in to
// OpenStack through their browser and hands the sign-in to tools that don't speak WebSSO.
// A company's own tool can have it under its own name, as a group of commands:
//
//	root.AddCommand(command.New(command.Config{Name: "cloud"})) // acme cloud login
//
// or as commands of its own:
//
//	for _, c := range command.New(command.Config{Name: "acme"}).Commands() {
//		root.AddCommand(c) // acme login
//	}
package command

import (
	"cmp"

	"github.com/spf13/cobra"
)

// New returns the command with all its subcommands. It can be executed, added to another
// command, or taken apart: each of its Commands works below any other command. Commands
// from different calls of New share nothing.
func New(config Config) *cobra.Command {
	p := &program{config: config, tell: make(map[*cobra.Command]func(*app, error) bool), help: help{groups: sharedFlags(config.OmitFlags), shared: newFlagSet()}}
	for _, group := range p.help.groups {
		p.help.shared.AddFlagSet(group.flags)
	}
	build := readBuild(config.Version)
	root := p.command(cmp.Or(config.Name, "websso")+" COMMAND", "sign in to OpenStack in your browser, for every tool", about, nil, nil)
	root.Args = unknownCommand
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.Version = build.Version
	root.SetVersionTemplate("{{.Root.Name}} " + build.String() + "\n")
	root.PersistentFlags().AddFlagSet(p.help.shared)
	root.AddCommand(
		p.login(), p.logout(), p.status(), p.projects(), p.doctor(),
		p.token(), p.env(), p.exec(), p.kubeCredential(), p.credential(),
		p.export(), p.importCommand(),
		p.completion(), p.versionCommand(),
	)
	root.AddCommand(p.topics()...)
	root.SetHelpCommand(p.helpCommand())
	p.root = root
	for _, c := range append(root.Commands(), root) {
		check := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return p.fail(newApp(c), unusable{err})
			}
			return nil
		}
	}
	completeFlags(p, root)
	return root
}

const about = `websso login opens your browser on the cloud's own sign-in page, with whatever
second factor it asks for. Then every command works without a browser until the
sign-in expires. The cloud is one in your clouds.yaml with auth_type v3websso.`
