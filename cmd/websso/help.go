package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// helpWidth is the width of a help text, unless the terminal is narrower.
const helpWidth = 80

func (a *app) help() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Aliases:   []string{"h"},
		Usage:     "show this help, or that of a command",
		ArgsUsage: "[COMMAND]",
		Description: `Shows the help of websso, or of one of its commands.

Example:
   websso help login`,
		ArgValidator: func(_ context.Context, c *cli.Command) error {
			if c.NArg() > 1 {
				return fmt.Errorf("%s takes one command, got %q as well; see %[1]s --help", c.FullName(), c.Args().Get(1))
			}
			return nil
		},
		Action: func(_ context.Context, c *cli.Command) error {
			about := c.Root()
			if name := c.Args().First(); name != "" {
				if about = c.Root().Command(name); about == nil {
					return unusable{unknownCommand(c.Root(), name)}
				}
			}
			return a.print(helpText(about, a.helpWidth()))
		},
	}
}

// printHelp takes the place of urfave/cli's templates, which don't wrap options.
func (a *app) printHelp(_ io.Writer, _ string, data any) {
	if c, ok := data.(*cli.Command); ok {
		// If the reader has closed the pipe, as head does, that is not a failure.
		_ = a.print(helpText(c, a.helpWidth()))
	}
}

func (a *app) helpWidth() int {
	if f, ok := a.stdout.(*os.File); ok {
		return max(minWidth, min(helpWidth, terminalWidth(f)))
	}
	return helpWidth
}

// helpText is the help of a command.
func helpText(c *cli.Command, width int) string {
	root := c.Root()
	var b strings.Builder
	b.WriteString(reflow(c.FullName()+" - "+c.Usage+"\n", width) + "\nUsage:\n")
	arguments := strings.TrimSpace("[OPTION...] " + c.ArgsUsage)
	if c == root {
		arguments = "[OPTION...] COMMAND [OPTION...]"
	}
	fmt.Fprintf(&b, "   %s %s\n\n", c.FullName(), arguments)
	b.WriteString(reflow(c.Description+"\n", width))
	if c == root {
		b.WriteString("\nCommands:\n")
		var rows [][2]string
		for _, sub := range c.Commands {
			if !sub.Hidden {
				rows = append(rows, [2]string{sub.Name, sub.Usage})
			}
		}
		b.WriteString(columns(rows, width))
	}
	for _, group := range groupsOf(c) {
		b.WriteString("\n" + group.title + ":\n" + columns(group.rows, width))
	}
	if c != root {
		b.WriteString("\n" + reflow("Options for the cloud, the scope and the sign-in: see "+root.Name+" --help\n", width))
	}
	return b.String()
}

// reflow fits paragraphs to a terminal that is narrower than they were written for.
// Lines that are indented are examples, and stay as they are.
func reflow(text string, width int) string {
	if width >= helpWidth {
		return text
	}
	var b, paragraph strings.Builder
	flush := func() {
		column := 0
		for word := range strings.FieldsSeq(paragraph.String()) {
			n := len([]rune(word))
			switch {
			case column == 0:
			case column+1+n >= width:
				b.WriteString("\n")
				column = 0
			default:
				b.WriteString(" ")
				column++
			}
			b.WriteString(word)
			column += n
		}
		if column > 0 {
			b.WriteString("\n")
		}
		paragraph.Reset()
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, " ") || line == "\n" {
			flush()
			b.WriteString(line)
		} else {
			paragraph.WriteString(line)
		}
	}
	flush()
	return b.String()
}

type optionGroup struct {
	title string
	rows  [][2]string
}

// groupsOf returns the options of a command by category, those without one first.
func groupsOf(c *cli.Command) []optionGroup {
	groups := []optionGroup{{title: "Options"}}
	for _, flag := range c.Flags {
		documented, ok := flag.(interface {
			cli.DocGenerationFlag
			cli.VisibleFlag
		})
		if !ok || !documented.IsVisible() {
			continue
		}
		title := "Options"
		if categorized, ok := flag.(cli.CategorizableFlag); ok && categorized.GetCategory() != "" {
			title = categorized.GetCategory()
		}
		i := slices.IndexFunc(groups, func(g optionGroup) bool { return g.title == title })
		if i < 0 {
			i = len(groups)
			groups = append(groups, optionGroup{title: title})
		}
		groups[i].rows = append(groups[i].rows, optionRow(documented))
	}
	return groups
}

// optionRow is what the help says of an option. Its usage has the name of the value
// between backquotes.
func optionRow(flag cli.DocGenerationFlag) [2]string {
	names := dashed(flag.(cli.Flag))
	slices.Reverse(names) // -o, --output
	value, usage := "", flag.GetUsage()
	if before, rest, ok := strings.Cut(usage, "`"); ok {
		if name, after, ok := strings.Cut(rest, "`"); ok {
			value, usage = " "+name, before+name+after
		}
	}
	if text := flag.GetDefaultText(); text != "" && flag.IsDefaultVisible() && flag.TakesValue() {
		usage += " (default: " + strings.Trim(text, `"`) + ")"
	}
	for _, variable := range flag.GetEnvVars() {
		usage += " [$" + variable + "]"
	}
	return [2]string{strings.Join(names, ", ") + value, usage}
}

// columns lays out rows of two columns, and wraps the second one.
func columns(rows [][2]string, width int) string {
	const indent, gap, widest = 3, 2, 26
	left := 0
	for _, row := range rows {
		if n := len(row[0]); n <= widest {
			left = max(left, n)
		}
	}
	start := indent + left + gap
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%*s%-*s", indent, "", left, row[0])
		if len(row[0]) > left {
			b.WriteString("\n" + strings.Repeat(" ", indent+left))
		}
		column := indent + left
		for i, word := range strings.Fields(row[1]) {
			switch {
			case i == 0:
				b.WriteString(strings.Repeat(" ", gap) + word)
				column += gap + len([]rune(word))
			case column+1+len([]rune(word)) > width:
				b.WriteString("\n" + strings.Repeat(" ", start) + word)
				column = start + len([]rune(word))
			default:
				b.WriteString(" " + word)
				column += 1 + len([]rune(word))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
