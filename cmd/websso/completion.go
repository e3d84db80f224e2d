package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// The scripts are our own, because urfave/cli's evaluate the line: a Tab then runs what
// stands on it.
//
//go:embed completion
var completionScripts embed.FS

func (a *app) completion() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a completion script for bash, zsh, fish or PowerShell",
		ArgsUsage: "SHELL",
		Description: `Prints a script with which SHELL completes commands, options, names of clouds
and of projects with a cached token. SHELL is bash, zsh, fish or powershell.

Examples:
   source <(websso completion bash)            # in ~/.bashrc
   source <(websso completion zsh)             # in ~/.zshrc, after compinit
   websso completion fish > ~/.config/fish/completions/websso.fish

In PowerShell, put this line into the file that $PROFILE names:
   websso completion powershell | Out-String | Invoke-Expression`,
		ArgValidator: func(_ context.Context, c *cli.Command) error {
			if c.NArg() != 1 {
				return fmt.Errorf("choose a shell: %s", strings.Join(completionShells(), ", "))
			}
			return nil
		},
		Action: func(_ context.Context, c *cli.Command) error {
			shell := c.Args().First()
			if shell == "pwsh" {
				shell = "powershell"
			}
			script, err := completionScripts.ReadFile("completion/websso." + shell)
			if err != nil {
				return unusable{errors.New("choose a shell: " + strings.Join(completionShells(), ", "))}
			}
			return a.print(string(script))
		},
	}
}

func completionShells() []string {
	// What is embedded can be read.
	files, _ := completionScripts.ReadDir("completion")
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimPrefix(path.Ext(file.Name()), "."))
	}
	slices.Sort(names)
	return names
}
