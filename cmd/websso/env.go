package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

func (a *app) env() *cli.Command {
	return &cli.Command{
		Name:  "env",
		Usage: "print shell commands that set OS_TOKEN and related variables",
		Description: `Prints shell commands that sign in the tools you start from this shell, until
the sign-in expires. They set the variables that tools read and remove those
that would send them elsewhere. If you are not signed in, your browser opens
first.

Examples:
   eval "$(websso env --cloud mycloud)"
   websso env --cloud mycloud -s fish | source
   websso env --cloud mycloud -s powershell | Out-String | Invoke-Expression
   for /f "delims=" %i in ('websso env --cloud mycloud -s cmd') do @%i

Run the same command again to renew them. Use --cloud for that, because OS_CLOUD
is one of the variables that are removed.`,
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name: "shell", Aliases: []string{"s"}, Value: defaultShell(), Usage: "`NAME` of the shell: sh (also for bash and zsh), fish, powershell or cmd", Local: true,
				Validator: func(name string) error {
					if shells[name] == nil {
						return fmt.Errorf("use one of %s", strings.Join(slices.Sorted(maps.Keys(shells)), ", "))
					}
					return nil
				},
			},
			unscopedFlag(handOverUnscoped),
			checkFlag(replaceRevoked),
			minValidityFlag(),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			settings, err := cloud.handover(ctx, c.Bool("unscoped"), c.Bool("check"))
			if err != nil {
				return err
			}
			if !c.Bool("unscoped") {
				cloud.noteNoProject()
			}
			shell := shells[c.String("shell")]
			var text strings.Builder
			for _, s := range settings {
				line, err := shell(s)
				if err != nil {
					return err
				}
				text.WriteString(line + "\n")
			}
			return a.print(text.String())
		},
	}
}

// defaultShell guesses the user's shell.
func defaultShell() string {
	switch {
	case filepath.Base(os.Getenv("SHELL")) == "fish":
		return "fish"
	case runtime.GOOS == "windows" && os.Getenv("SHELL") == "":
		return "powershell"
	}
	return "sh"
}
