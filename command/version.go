package command

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) versionCommand() *cobra.Command {
	return p.command("version", "print the version, the commit and the version of Go",
		`Prints what websso --version prints. Put it into bug reports.

Examples:
  websso version --output json`,
		func(f *pflag.FlagSet) {
			outputFlag(f, "`FORMAT`: text or json")
		},
		func(_ context.Context, a *app, _ []string) error {
			return a.printAs(a.version, func() string { return a.cmd.Root().Name() + " " + a.version.String() + "\n" })
		})
}
