package command

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
)

// The scripts are our own, because cobra's evaluate the line: a Tab then runs what stands
// on it. Like cobra's they ask the program itself, by its hidden command __complete.
//
//go:embed completion
var completionScripts embed.FS

var completionShells = []string{"bash", "fish", "powershell", "zsh"}

func (p *program) completion() *cobra.Command {
	c := p.command("completion SHELL", "print a completion script for bash, zsh, fish or PowerShell", nil,
		func(_ context.Context, a *app, args []string) error {
			script, _ := completionScripts.ReadFile("completion/websso." + strings.Replace(args[0], "pwsh", "powershell", 1))
			return a.print(strings.ReplaceAll(string(script), "websso", a.cmd.Root().Name()))
		})
	c.ValidArgsFunction = offered(completionShells...)
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] != "pwsh" && !slices.Contains(completionShells, args[0]) {
			return fmt.Errorf("choose a shell: %s", strings.Join(completionShells, ", "))
		}
		return nil
	}
	return c
}

// completeOptions says what the values of a command's options are.
func (p *program) completeOptions(c *cobra.Command) {
	for _, o := range p.options {
		if complete, ok := o.value.(cobra.CompletionFunc); ok {
			_ = c.RegisterFlagCompletionFunc(o.name, complete) // an error: it has none of that name, or one that is shared
		}
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if choice, ok := f.Value.(*choice); ok {
			_ = c.RegisterFlagCompletionFunc(f.Name, offered(choice.values...)) // an error: it is shared
		}
	})
}

var (
	offerFiles       = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	offerDirectories = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
)

func offered(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// offer returns a function that offers words that come from files or from Keystone. A
// terminal would obey control characters in them, and scripts read line by line.
func (p *program) offer(words func(*app) []string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		a, _ := p.read(c) // a wrong variable is reported when the command runs
		a.screen = screen.New(io.Discard, "")
		return slices.DeleteFunc(words(a), func(word string) bool {
			return word == "" || strings.ContainsFunc(word, isUnprintable)
		}), cobra.ShellCompDirectiveNoFileComp
	}
}

func isUnprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// cloudNames returns the names of the clouds in clouds.yaml. Without one there are none.
func cloudNames(a *app) []string {
	names, _ := clouds.Names(a.sources()...)
	return names
}

func projectName(scope gophercloud.AuthScope) string { return scope.ProjectName }
func projectID(scope gophercloud.AuthScope) string   { return scope.ProjectID }

// cached returns what get says of the scopes with a cached token. Asking Keystone for all
// projects would be slow, and could fail.
func cached(get func(gophercloud.AuthScope) string) func(*app) []string {
	return func(a *app) []string {
		chosen, err := a.chosenCloud()
		if err != nil || a.cacheKind() != cacheFile { // a keyring could ask for its password
			return nil
		}
		signIn, err := websso.Status(chosen.opts)
		if err != nil {
			return nil
		}
		var found []string
		for _, scope := range signIn.Scopes {
			found = append(found, get(scope))
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
}

// offerPrograms offers the programs that exec could run, and files as their arguments.
func offerPrograms(_ *cobra.Command, args []string, current string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 || strings.ContainsAny(current, `/\`) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		entries, _ := os.ReadDir(dir) // one that can't be read has nothing to run
		for _, entry := range entries {
			name := entry.Name()
			if strings.HasPrefix(name, current) && !strings.ContainsFunc(name, isUnprintable) && isProgram(filepath.Join(dir, name)) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}

func isProgram(path string) bool {
	if runtime.GOOS == "windows" {
		return slices.Contains([]string{".exe", ".bat", ".cmd", ".com"}, strings.ToLower(filepath.Ext(path)))
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
