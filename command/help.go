package command

import (
	"embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width of a help text.
const helpWidth = 80

// helpTexts has what the help of each command says beside its options.
//
//go:embed help
var helpTexts embed.FS

// helpText returns the text of a file, or "" for a command that needs none.
func helpText(file string) string {
	text, _ := helpTexts.ReadFile("help/" + file)
	return strings.TrimSuffix(string(text), "\n")
}

// showHelp is the help of a command. An error means that the reader has closed the pipe,
// as head does.
func (p *program) showHelp(c *cobra.Command, _ []string) {
	_, _ = fmt.Fprint(c.OutOrStdout(), strings.TrimLeft(inItsName(c, c.Long)+"\n\n", "\n"), p.usage(c))
}

func (p *program) showUsage(c *cobra.Command) error {
	_, err := fmt.Fprint(c.OutOrStderr(), p.usage(c))
	return err
}

func (p *program) usage(c *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Usage:\n  " + c.UseLine() + "\n")
	if c.Example != "" {
		b.WriteString("\nExamples:\n" + inItsName(c, c.Example) + "\n")
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-*s  %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
		return b.String() + inItsName(c, "\nMore: websso COMMAND --help, websso help options, websso help clouds\n")
	}
	own := newFlagSet()
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if p.shared.Lookup(f.Name) != f && f.Name != "help" {
			own.AddFlag(f)
		}
	})
	if own.HasAvailableFlags() {
		b.WriteString("\nOptions:\n" + own.FlagUsagesWrapped(helpWidth))
	}
	if p.newApp(c).beside["options"] != "" {
		b.WriteString(inItsName(c, "\nOptions for the cloud, the scope and the sign-in: websso help options\n"))
	} else {
		b.WriteString("\n" + p.describeOptions())
	}
	return b.String()
}

// describeOptions is what the help says of the options that all commands have.
func (p *program) describeOptions() string {
	var parts []string
	for _, title := range []string{groupCloud, groupScope, groupTLS, groupSignIn} {
		group := newFlagSet()
		for _, o := range p.options {
			if f := p.shared.Lookup(o.name); f != nil && o.group == title {
				group.AddFlag(f)
			}
		}
		parts = append(parts, title+":\n"+group.FlagUsagesWrapped(helpWidth))
	}
	return strings.Join(parts, "\n")
}

// ownName matches the name of this command in examples, but not the auth_type or a path.
var ownName = regexp.MustCompile(`(^|[\s("'])websso( |$)`)

// inItsName calls the command by the name under which it stands in this program. Help is a
// command of the program's root: acme help cloud options.
func inItsName(c *cobra.Command, text string) string {
	if !c.HasSubCommands() {
		c = c.Parent()
	}
	root, path := c.Root().CommandPath(), c.CommandPath()
	text = strings.ReplaceAll(text, "websso help", root+" help"+strings.TrimPrefix(path, root))
	return ownName.ReplaceAllString(text, "${1}"+path+"${2}")
}
