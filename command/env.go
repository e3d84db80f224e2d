package command

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) env() *cobra.Command {
	return p.command("env", "print shell commands that set OS_TOKEN and related variables",
		`Prints shell commands that sign in the tools you start from this shell until the
sign-in expires. They remove what would send those elsewhere, such as OS_CLOUD,
so give --cloud to run it again. If you are not signed in, your browser opens.

Examples:
  eval "$(websso env --cloud mycloud)"
  websso env --cloud mycloud --shell fish | source
  websso env --cloud mycloud --shell powershell | Out-String | Invoke-Expression
  for /f "delims=" %i in ('websso env --cloud mycloud --shell cmd') do @%i`,
		func(f *pflag.FlagSet) {
			names := slices.Sorted(maps.Keys(shells))
			f.VarP(&choice{defaultShell(), names}, "shell", "s", "`NAME` of the shell: sh (also for bash and zsh), fish, powershell or cmd")
			handOverFlags(f)
		},
		func(ctx context.Context, a *app, _ []string) error {
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			settings, err := c.handover(ctx, a.bool("unscoped"), a.bool("check"))
			if err != nil {
				return err
			}
			if !a.bool("unscoped") {
				c.noteNoProject()
			}
			shell := shells[a.text("shell")]
			var text strings.Builder
			for _, s := range settings {
				line, err := shell(s)
				if err != nil {
					return err
				}
				text.WriteString(line + "\n")
			}
			return a.print(text.String())
		})
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
