package command

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso/command/internal/screen"
)

// helpWidth is the width of a help text, unless the terminal is narrower.
const helpWidth = 80

// help writes the help of commands.
type help struct {
	groups []flagGroup    // of the options that all commands have
	shared *pflag.FlagSet // the same
}

// show is the help of a command. An error means that the reader has closed the pipe,
// as head does.
func (h help) show(c *cobra.Command, _ []string) {
	width := widthFor(c)
	text := inItsName(c, c.Long) + "\n\n"
	_, _ = fmt.Fprint(c.OutOrStdout(), reflow(strings.TrimLeft(text, "\n"), width), h.text(c, width))
}

func (h help) usage(c *cobra.Command) error {
	_, err := fmt.Fprint(c.OutOrStderr(), h.text(c, widthFor(c)))
	return err
}

func (h help) text(c *cobra.Command, width int) string {
	var b strings.Builder
	use := strings.TrimPrefix(c.Use, c.Name())
	fmt.Fprintf(&b, "Usage:\n  %s%s [OPTION...]\n", c.CommandPath(), use)
	if c.Name() == "exec" {
		b.Reset()
		fmt.Fprintf(&b, "Usage:\n  %s [OPTION...]%s\n", c.CommandPath(), use)
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
		b.WriteString("\n" + reflow(fmt.Sprintf("More: %[1]s COMMAND --help, %[1]s help options, %[1]s help clouds\n", c.CommandPath()), width))
		return b.String()
	}
	own := newFlagSet()
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if h.shared.Lookup(f.Name) != f && f.Name != "help" {
			own.AddFlag(f)
		}
	})
	if own.HasAvailableFlags() {
		b.WriteString("\nOptions:\n" + own.FlagUsagesWrapped(width))
	}
	if !c.HasParent() {
		return b.String()
	}
	for _, sub := range c.Parent().Commands() {
		if sub.Name() == "options" {
			b.WriteString(reflow("\nOptions for the cloud, the scope and the sign-in: "+c.Parent().CommandPath()+" help options\n", width))
			return b.String()
		}
	}
	return b.String() + "\n" + h.options(c)
}

// sharedHelp is what the help says of the options that all commands have.
func (h help) options(c *cobra.Command) string {
	var b strings.Builder
	for i, group := range h.groups {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(group.title + ":\n" + group.flags.FlagUsagesWrapped(widthFor(c)))
	}
	return b.String()
}

func widthFor(c *cobra.Command) int {
	if f, ok := c.OutOrStdout().(*os.File); ok {
		return max(screen.MinWidth, min(helpWidth, screen.TerminalWidth(f)))
	}
	return helpWidth
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

// reflow fits paragraphs to a terminal that is narrower than they were written for.
// Examples are indented, and stay as they are.
func reflow(text string, width int) string {
	if width >= helpWidth {
		return text
	}
	var b strings.Builder
	for _, paragraph := range strings.SplitAfter(text, "\n\n") {
		if strings.HasPrefix(paragraph, " ") {
			b.WriteString(paragraph)
			continue
		}
		screen.Fill(&b, "", "", paragraph, width)
		if strings.HasSuffix(paragraph, "\n\n") {
			b.WriteString("\n")
		}
	}
	return b.String()
}
