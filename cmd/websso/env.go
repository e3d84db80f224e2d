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
		Usage: "print shell commands that set OS_TOKEN and its like",
		Description: `Prints what makes the tools that you start from this shell signed in, until the
sign-in ends: the variables that they read, and the removal of those that would
lead them elsewhere. Where nobody is signed in, your browser opens first.

Examples:
   eval "$(websso env --cloud mycloud)"
   websso env --cloud mycloud --shell fish | source
   websso env --cloud mycloud --shell powershell | Out-String | Invoke-Expression

Later, in the same shell, the same command renews them; name the cloud with
--cloud, as OS_CLOUD is one of the variables that are removed.`,
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name: "shell", Aliases: []string{"s"}, Value: ownShell(), Usage: "`NAME`: sh (for bash, zsh and the like), fish or powershell", Local: true,
				Validator: func(name string) error {
					if shells[name] == nil {
						return fmt.Errorf("it is one of %s", strings.Join(slices.Sorted(maps.Keys(shells)), ", "))
					}
					return nil
				},
			},
			unscopedFlag("hand over the unscoped token, for a cloud where no other can be exchanged"),
			checkFlag("ask Keystone first: a token that was revoked is replaced"),
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
			shell := shells[c.String("shell")]
			var text strings.Builder
			for _, s := range settings {
				text.WriteString(shell(s) + "\n")
			}
			return a.print(text.String())
		},
	}
}

// ownShell is the shell that the person most likely has.
func ownShell() string {
	switch {
	case filepath.Base(os.Getenv("SHELL")) == "fish":
		return "fish"
	case runtime.GOOS == "windows" && os.Getenv("SHELL") == "":
		return "powershell"
	}
	return "sh"
}
