package command

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

func (p *program) env() *cobra.Command {
	c := p.command("env", "print shell commands that set OS_TOKEN and related variables",
		func(f *pflag.FlagSet) {
			f.VarP(&choice{defaultShell(), handover.Shells()}, "shell", "s", "`NAME` of the shell: "+alternatives(handover.Shells()))
			f.Bool("unset", false, "undo what env and exec have set")
			handOverFlags(f)
		},
		func(ctx context.Context, a *app, _ []string) error {
			if a.bool("unset") {
				changes, lost := a.user.Undo()
				for _, name := range lost {
					a.screen.Say("%s is not known any more; if you need it, set it again", name)
				}
				return a.printChanges(changes)
			}
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			handed, err := c.handedOver(ctx)
			if err != nil {
				return err
			}
			c.noteEnd("")
			return a.printChanges(a.user.HandOver(handed, ""))
		})
	p.tell[c] = failInShell
	return c
}

func (a *app) printChanges(changes []handover.Change) error {
	text, err := handover.Print(a.shell(), changes)
	if err != nil {
		return err
	}
	return a.print(text)
}

// failInShell prints what leaves a shell without a cloud and with a failure. eval would
// otherwise succeed, and tools would use the cloud before.
func failInShell(a *app, _ error) (said bool) {
	text, _ := handover.Print(a.shell(), handover.Read(os.Environ(), false).Withdraw())
	_ = a.print(text + handover.Fail(a.shell()))
	return false
}

// shell is the one that --shell names. A program may have omitted the option.
func (a *app) shell() string { return cmp.Or(a.text("shell"), defaultShell()) }

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
