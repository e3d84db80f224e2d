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
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
)

// New returns the command with all its subcommands. It can be executed, added to another
// command, or taken apart: each of its Commands works below any other command. Commands
// from different calls of New share nothing. They read and write where the program has them
// (SetIn, SetOut, SetErr); only what exec runs has the process's own standard streams.
func New(config Config) *cobra.Command {
	info, _ := debug.ReadBuildInfo()
	build := describeBuild(config.Version, info)
	p := &program{config: config, shared: newFlagSet(), tell: make(map[*cobra.Command]func(*app, error) bool)}
	p.options = p.allOptions()
	for _, o := range p.options {
		if !slices.Contains(config.OmitFlags, o.name) {
			o.addTo(p.shared)
		}
	}
	root := p.command(cmp.Or(config.Name, "websso")+" COMMAND", "sign in to OpenStack in your browser, for every tool", nil, nil)
	p.root = root
	root.Long = helpText("about.txt")
	root.Args = unknownCommand
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.Version = build.Version
	root.SetVersionTemplate("{{.Root.Name}} " + build.String() + "\n")
	root.PersistentFlags().AddFlagSet(p.shared)
	root.AddCommand(
		p.login(), p.logout(), p.status(), p.projects(), p.doctor(),
		p.token(), p.env(), p.exec(), p.kubeCredential(), p.credential(),
		p.export(), p.importCommand(),
		p.completion(), p.versionCommand(build),
	)
	root.AddCommand(p.topics()...)
	root.SetHelpCommand(p.helpCommand())
	for _, c := range append(root.Commands(), root) {
		check := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return p.fail(p.newApp(c), unusable(err))
			}
			return nil
		}
		p.completeOptions(c)
	}
	return root
}

func (p *program) helpCommand() *cobra.Command {
	c := p.command("help [COMMAND]", "show the help of a command", nil,
		func(_ context.Context, a *app, args []string) error {
			about, rest, err := a.cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unusable(unknownCommand(a.cmd.Root(), args))
			}
			return about.Help()
		})
	c.Aliases = []string{"h"}
	c.Args = cobra.ArbitraryArgs
	c.ValidArgsFunction = func(c *cobra.Command, _ []string, _ string) (names []string, _ cobra.ShellCompDirective) {
		for _, sub := range c.Root().Commands() {
			names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// topics are what help has more to say about.
func (p *program) topics() []*cobra.Command {
	topic := func(name, short, text string) *cobra.Command {
		c := p.command(name, short, nil, nil)
		c.RunE = nil // it is only there for its help
		c.SetHelpFunc(func(c *cobra.Command, _ []string) { _, _ = fmt.Fprint(c.OutOrStdout(), inItsName(c, text)) })
		return c
	}
	return []*cobra.Command{
		topic("options", "the options of all commands, and exit statuses", p.describeOptions()+"\n"+helpText("statuses.txt")+"\n"),
		topic("clouds", "a clouds.yaml with a cloud to sign in to", helpText("clouds.txt")+"\n\n"+helpText("clouds.yaml")+"\n"),
	}
}
