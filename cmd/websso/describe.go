//go:build describe

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"
)

// With the build tag describe, the program prints its command line as JSON and does
// nothing else: the man pages and the check for incompatible changes are made from
// that (packaging), without a generator in the command that people install.
func init() {
	if err := describeTo(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

type describedCommand struct {
	Name        string             `json:"name"`
	Aliases     []string           `json:"aliases,omitempty"`
	Usage       string             `json:"usage"`
	UsageText   string             `json:"usage_text,omitempty"`
	Arguments   string             `json:"arguments,omitempty"`
	Description string             `json:"description"`
	Hidden      bool               `json:"hidden,omitempty"`
	Flags       []describedFlag    `json:"flags,omitempty"`
	Commands    []describedCommand `json:"commands,omitempty"`
}

type describedFlag struct {
	Names      []string `json:"names"`
	TakesValue bool     `json:"takes_value,omitempty"`
	Usage      string   `json:"usage"`
	Default    string   `json:"default,omitempty"`
	Variables  []string `json:"variables,omitempty"`
	Group      string   `json:"group,omitempty"`
	Hidden     bool     `json:"hidden,omitempty"`
}

func describeTo(w io.Writer) error {
	root := (&app{stdout: io.Discard, screen: newScreen(os.Stderr)}).command()
	// The library adds --help, --version and the like when it runs.
	if err := root.Run(context.Background(), []string{root.Name, "--version"}); err != nil {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(describeCommand(root))
}

func describeCommand(c *cli.Command) describedCommand {
	d := describedCommand{
		Name: c.Name, Aliases: c.Aliases, Usage: c.Usage, UsageText: c.UsageText,
		Arguments: c.ArgsUsage, Description: c.Description, Hidden: c.Hidden,
	}
	for _, f := range c.Flags {
		d.Flags = append(d.Flags, describeFlag(f))
	}
	for _, sub := range c.Commands {
		d.Commands = append(d.Commands, describeCommand(sub))
	}
	return d
}

func describeFlag(f cli.Flag) describedFlag {
	d := describedFlag{Names: f.Names()}
	if f, ok := f.(cli.DocGenerationFlag); ok {
		d.TakesValue, d.Usage, d.Variables = f.TakesValue(), f.GetUsage(), f.GetEnvVars()
		if f.TakesValue() && f.IsDefaultVisible() {
			d.Default = f.GetDefaultText()
			if d.Default == "" {
				d.Default = f.GetValue()
			}
		}
	}
	if f, ok := f.(cli.CategorizableFlag); ok {
		d.Group = f.GetCategory()
	}
	if f, ok := f.(cli.VisibleFlag); ok {
		d.Hidden = !f.IsVisible()
	}
	return d
}
