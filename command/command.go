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

	"github.com/gophercloud-websso/websso/clouds"
)

// Config says how a program has the command. Its zero value is the command websso.
type Config struct {
	// Name is the name of the command that New returns, "websso" if empty. Messages and
	// examples call the program by the name of its root command, wherever that is.
	// With a name the options have no one-letter forms, which the program may use itself.
	Name string

	// Version is what --version and the version command print. If empty, it is the
	// version of the running program's main module.
	Version string

	// CloudsYAML is a clouds.yaml to use. If it is nil, the user's is searched for.
	CloudsYAML []byte

	// Cloud is the cloud to use if neither an option nor a variable names or describes
	// another one.
	Cloud string

	// Options returns further options for reading the cloud, such as clouds.WithRegion. It
	// is called for each reading, maybe at the same time. The commands make clients of their
	// own, so clouds.WithClient has no effect.
	Options func() []clouds.ParseOption

	// Browser is what opens an address, in the form of $BROWSER, unless --browser or
	// WEBSSO_BROWSER says something else. If empty, it is the user's browser.
	Browser string

	// OmitFlags are long names of options that the commands leave to the program. If the
	// program has a persistent flag of that name, they use its value.
	OmitFlags []string
}

// New returns the command with all its subcommands. It can be executed, added to another
// command, or taken apart: each of its Commands works below any other command. Commands
// from different calls of New share nothing.
func New(config Config) *cobra.Command {
	p := &program{config: config, tell: make(map[*cobra.Command]func(*app, error) bool), help: help{groups: sharedFlags(config.OmitFlags), shared: newFlagSet()}}
	for _, group := range p.help.groups {
		p.help.shared.AddFlagSet(group.flags)
	}
	build := thisBuild(config.Version)
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
				return p.fail(newApp(c), unusable(err))
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
