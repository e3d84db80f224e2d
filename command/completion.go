package command

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// The scripts are our own, because cobra's evaluate the line: a Tab then runs what stands
// on it. Like cobra's they ask the program itself, by its hidden command __complete.
//
//go:embed completion
var completionScripts embed.FS

var completionShells = []string{"bash", "fish", "powershell", "zsh"}

func (p *program) completion() *cobra.Command {
	c := p.command("completion SHELL", "print a completion script for bash, zsh, fish or PowerShell",
		`Prints a script with which SHELL completes commands, options, names of clouds
and of projects with a cached token. SHELL is bash, zsh, fish or powershell.

In PowerShell, put the last line into the file that $PROFILE names.

Examples:
  source <(websso completion bash)            # in ~/.bashrc
  source <(websso completion zsh)             # in ~/.zshrc, after compinit
  websso completion fish > ~/.config/fish/completions/websso.fish
  websso completion powershell | Out-String | Invoke-Expression`, nil,
		func(_ context.Context, a *app, args []string) error {
			script, err := completionScripts.ReadFile("completion/websso." + strings.Replace(args[0], "pwsh", "powershell", 1))
			if err != nil {
				return err
			}
			return a.print(strings.ReplaceAll(string(script), "websso", a.cmd.Root().Name()))
		})
	c.ValidArgs = completionShells
	c.ValidArgsFunction = nil
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] != "pwsh" && !slices.Contains(completionShells, args[0]) {
			return fmt.Errorf("choose a shell: %s", strings.Join(completionShells, ", "))
		}
		return nil
	}
	return c
}
