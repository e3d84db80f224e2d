// Package commandline describes the command line of websso.
package commandline

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/command"
)

// A Command is the command websso or one of its subcommands.
type Command struct {
	Name        string
	Aliases     []string
	Usage       string
	Arguments   string
	Description string
	Hidden      bool
	Flags       []Flag
	Commands    []Command
}

// A Flag is an option of a command.
type Flag struct {
	Names      []string
	TakesValue bool
	Usage      string
	Default    string
	Variables  []string
	Group      string
	Hidden     bool
}

// Spelled returns the names with their hyphens.
func (f Flag) Spelled() []string {
	var spelled []string
	for _, name := range f.Names {
		if len(name) > 1 {
			spelled = append(spelled, "--"+name)
		} else {
			spelled = append(spelled, "-"+name)
		}
	}
	return spelled
}

// Placeholder returns the word that stands for the flag's value, "" if it takes none,
// and the usage without the backquotes that mark that word.
func (f Flag) Placeholder() (word, usage string) {
	before, rest, ok := strings.Cut(f.Usage, "`")
	name, after, closed := strings.Cut(rest, "`")
	if !ok || !closed {
		if f.TakesValue {
			return "VALUE", f.Usage
		}
		return "", f.Usage
	}
	if !f.TakesValue {
		name, usage = "", before+name+after
		return name, usage
	}
	return name, before + name + after
}

// Visible returns the subcommands that the help lists, without the help command.
func (c Command) Visible() []Command {
	var visible []Command
	for _, sub := range c.Commands {
		if !sub.Hidden && sub.Name != "help" {
			visible = append(visible, sub)
		}
	}
	return visible
}

// Load returns the description of the command websso.
func Load() Command {
	root := command.New(command.Config{})
	root.InitDefaultVersionFlag()
	root.InitDefaultHelpCmd()
	return describe(root)
}

func describe(c *cobra.Command) Command {
	c.InitDefaultHelpFlag()
	name, arguments, _ := strings.Cut(c.Use, " ")
	d := Command{Name: name, Aliases: c.Aliases, Usage: c.Short, Arguments: arguments, Description: c.Long, Hidden: c.Hidden}
	if c.Example != "" {
		d.Description += "\n\nExamples:\n" + c.Example
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		// Each command has the options of all commands.
		if c.HasParent() && c.Parent().PersistentFlags().Lookup(f.Name) == f {
			return
		}
		flag := Flag{Names: []string{f.Name}, TakesValue: f.Value.Type() != "bool", Usage: f.Usage, Hidden: f.Hidden}
		if f.Shorthand != "" {
			flag.Names = append(flag.Names, f.Shorthand)
		}
		if before, variable, ok := strings.Cut(f.Usage, " [$"); ok {
			flag.Usage, flag.Variables = before, []string{strings.TrimSuffix(variable, "]")}
		}
		if f.DefValue != "0s" && flag.TakesValue {
			flag.Default = f.DefValue
		}
		d.Flags = append(d.Flags, flag)
	})
	for _, sub := range c.Commands() {
		if sub.Runnable() {
			d.Commands = append(d.Commands, describe(sub))
		}
	}
	return d
}
