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

// help writes the help of commands.
type help struct {
	groups []flagGroup    // of the options that all commands have
	shared *pflag.FlagSet // the same
}

// show is the help of a command. An error means that the reader has closed the pipe,
// as head does.
func (h help) show(c *cobra.Command, _ []string) {
	_, _ = fmt.Fprint(c.OutOrStdout(), strings.TrimLeft(inItsName(c, c.Long)+"\n\n", "\n"), h.text(c))
}

func (h help) usage(c *cobra.Command) error {
	_, err := fmt.Fprint(c.OutOrStderr(), h.text(c))
	return err
}

func (h help) text(c *cobra.Command) string {
	var b strings.Builder
	use := strings.TrimPrefix(c.Use, c.Name())
	if c.Name() == "exec" {
		fmt.Fprintf(&b, "Usage:\n  %s [OPTION...]%s\n", c.CommandPath(), use)
	} else {
		fmt.Fprintf(&b, "Usage:\n  %s%s [OPTION...]\n", c.CommandPath(), use)
	}
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
		fmt.Fprintf(&b, "\nMore: %[1]s COMMAND --help, %[1]s help options, %[1]s help clouds\n", c.CommandPath())
		return b.String()
	}
	own := newFlagSet()
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if h.shared.Lookup(f.Name) != f && f.Name != "help" {
			own.AddFlag(f)
		}
	})
	if own.HasAvailableFlags() {
		b.WriteString("\nOptions:\n" + own.FlagUsagesWrapped(helpWidth))
	}
	switch {
	case !c.HasParent():
	case newApp(c).beside["options"] != "":
		b.WriteString("\nOptions for the cloud, the scope and the sign-in: " + c.Parent().CommandPath() + " help options\n")
	default:
		b.WriteString("\n" + h.options())
	}
	return b.String()
}

// options is what the help says of the options that all commands have.
func (h help) options() string {
	var parts []string
	for _, group := range h.groups {
		parts = append(parts, group.title+":\n"+group.flags.FlagUsagesWrapped(helpWidth))
	}
	return strings.Join(parts, "\n")
}

// ownName matches the name of this command in examples, but not the auth_type or a path.
var ownName = regexp.MustCompile(`(^|[\s("'])websso( |$)`)

// inItsName calls the command by the name under which it stands in this program.
func inItsName(c *cobra.Command, text string) string {
	path := c.CommandPath()
	if c.HasParent() {
		path = c.Parent().CommandPath()
	}
	return ownName.ReplaceAllString(text, "${1}"+path+"${2}")
}
