// Package manpage writes manual pages of section 1 from the description of a command
// line, in the macros of man(7).
package manpage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/packaging/commandline"
)

// A Book is what the pages of a command have in common.
type Book struct {
	Command     commandline.Command // with its subcommands, each of which has a page of its own
	Version     string
	Date        time.Time
	Environment []File // variables beside those that stand for an option
	Files       []File
	SeeAlso     []string // other pages, such as "openstack(1)"
	Home        string   // the project's address
}

// A File is a path that the command reads or writes, or a variable.
type File struct{ Path, Usage string }

// Pages returns the pages by their file names: websso.1, websso-login.1, ...
func (b Book) Pages() map[string]string {
	pages := map[string]string{b.Command.Name + ".1": b.main()}
	for _, sub := range b.Command.Visible() {
		pages[b.pageOf(sub)+".1"] = b.sub(sub)
	}
	return pages
}

func (b Book) pageOf(sub commandline.Command) string { return b.Command.Name + "-" + sub.Name }

func (b Book) main() string {
	c := b.Command
	var p page
	b.head(&p, c.Name, c.Usage)
	p.macro("SH", "SYNOPSIS")
	p.macro("SY", c.Name)
	p.line("[" + italic("OPTION") + " ...] " + italic("COMMAND") + " [" + italic("ARGUMENT") + " ...]")
	p.macro("YS")
	p.macro("SH", "DESCRIPTION")
	sections := p.text(c.Description)
	p.macro("SH", "COMMANDS")
	for _, sub := range c.Visible() {
		p.macro("TP")
		p.macro("BR", b.pageOf(sub), "(1)")
		p.paragraph(sentence(sub.Usage, ""))
	}
	p.options(c.Flags)
	b.sections(&p, sections)
	b.environment(&p)
	if len(b.Files) > 0 {
		p.macro("SH", "FILES")
	}
	for _, f := range b.Files {
		p.macro("TP")
		p.line(italic(f.Path))
		p.paragraph(f.Usage)
	}
	var others []string
	for _, sub := range c.Visible() {
		others = append(others, b.pageOf(sub)+"(1)")
	}
	b.tail(&p, append(others, b.SeeAlso...))
	return p.String()
}

func (b Book) sub(c commandline.Command) string {
	var p page
	b.head(&p, b.pageOf(c), c.Usage)
	p.macro("SH", "SYNOPSIS")
	p.macro("SY", b.Command.Name)
	p.line("[" + italic("GLOBAL OPTION") + " ...] " + bold(c.Name) + " [" + italic("OPTION") + " ...]")
	if c.Arguments != "" {
		p.line(escape(c.Arguments))
	}
	p.macro("YS")
	p.macro("SH", "DESCRIPTION")
	sections := p.text(c.Description)
	p.options(c.Flags)
	if !p.headed() {
		p.macro("PP")
	}
	p.line("The global options, among them those that choose the cloud, are those of")
	p.macro("BR", b.Command.Name, "(1).")
	b.sections(&p, sections)
	b.tail(&p, []string{b.Command.Name + "(1)"})
	return p.String()
}

func (b Book) head(p *page, name, usage string) {
	// mandoc reads the date only with plain hyphens.
	fmt.Fprintf(p, ".TH %s 1 %s \"%s\" \"User Commands\"\n", escape(strings.ToUpper(name)), b.Date.UTC().Format(time.DateOnly), escape(b.Command.Name+" "+b.Version))
	p.macro("SH", "NAME")
	p.line(escape(name) + ` \- ` + escape(usage))
}

// environment lists the variables that stand for an option, and those that concern
// the whole program.
func (b Book) environment(p *page) {
	type variable struct{ name, option, usage string }
	var variables []variable
	for _, v := range b.Environment {
		variables = append(variables, variable{name: v.Path, usage: v.Usage})
	}
	for _, f := range b.Command.Flags {
		for _, name := range f.Variables {
			variables = append(variables, variable{name: name, option: f.Spelled()[0]})
		}
	}
	if len(variables) == 0 {
		return
	}
	slices.SortFunc(variables, func(a, b variable) int { return strings.Compare(a.name, b.name) })
	p.macro("SH", "ENVIRONMENT")
	p.paragraph("A variable stands for the option that is named beside it. An option on the command line wins.")
	for _, v := range variables {
		p.macro("TP")
		p.line(bold(v.name))
		if v.option != "" {
			p.line(bold(v.option))
		} else {
			p.paragraph(v.usage)
		}
	}
}

func (b Book) sections(p *page, sections []section) {
	for _, s := range sections {
		p.macro("SH", s.title)
		for _, block := range s.blocks {
			p.block(block)
		}
	}
}

func (b Book) tail(p *page, others []string) {
	p.macro("SH", "SEE ALSO")
	for i, other := range others {
		name, number, _ := strings.Cut(other, "(")
		end := ""
		if i < len(others)-1 {
			end = ","
		}
		p.macro("BR", name, "("+number+end)
	}
	if b.Home != "" {
		p.macro("PP")
		p.line("Documentation and source:")
		p.line(escape(b.Home))
	}
}

// sentence makes a line of help a sentence. Its first word stays as it is if it is the
// placeholder of an option's value.
func sentence(usage, placeholder string) string {
	if usage == "" {
		return ""
	}
	if placeholder == "" || !strings.HasPrefix(usage, placeholder) {
		usage = strings.ToUpper(usage[:1]) + usage[1:]
	}
	return strings.TrimSuffix(usage, ".") + "."
}

// standard reports whether a flag is the command line library's own.
func standard(f commandline.Flag) bool {
	return f.Names[0] == "help" || f.Names[0] == "version"
}

func (p *page) options(flags []commandline.Flag) {
	var groups []string
	for _, f := range flags {
		if !f.Hidden && !slices.Contains(groups, f.Group) {
			groups = append(groups, f.Group)
		}
	}
	// Without a group come the few that every command has: last.
	slices.SortStableFunc(groups, func(a, b string) int {
		switch {
		case a != "" && b == "":
			return -1
		case a == "" && b != "":
			return 1
		}
		return 0
	})
	p.macro("SH", "OPTIONS")
	for _, group := range groups {
		if len(groups) > 1 {
			title := strings.TrimSuffix(group, ":")
			if title == "" {
				title = "Other"
			}
			p.macro("SS", title)
		}
		for _, f := range flags {
			if f.Group == group && !f.Hidden {
				p.option(f)
			}
		}
	}
}

func (p *page) option(f commandline.Flag) {
	word, usage := f.Placeholder()
	var names []string
	for _, name := range f.Spelled() {
		name = bold(name)
		if word != "" {
			name += " " + italic(word)
		}
		names = append(names, name)
	}
	p.macro("TP")
	p.line(strings.Join(names, ", "))
	if d := strings.Trim(f.Default, `"`); d != "" && !standard(f) {
		usage += " (default: " + d + ")"
	}
	p.paragraph(sentence(usage, word))
	if len(f.Variables) > 0 {
		var variables []string
		for _, v := range f.Variables {
			variables = append(variables, bold(v))
		}
		p.line("Variable: " + strings.Join(variables, ", ") + ".")
	}
}

// A section is a part of a description that has a heading of its own in a manual page.
type section struct {
	title  string
	blocks []string
}

// headings are the first words of a paragraph that begins a section.
var headings = []struct{ words, title string }{
	{"Example:", "EXAMPLES"},
	{"Examples:", "EXAMPLES"},
	{"Exit status", "EXIT STATUS"},
	{"The exit status", "EXIT STATUS"},
}

// text writes a description, and returns what belongs under other headings, in the
// order of manual pages.
func (p *page) text(description string) []section {
	var (
		rest    []string
		moved   []section
		current = -1
	)
	for block := range strings.SplitSeq(strings.Trim(description, "\n"), "\n\n") {
		for _, h := range headings {
			if strings.HasPrefix(block, h.words) {
				moved = append(moved, section{title: h.title})
				current = len(moved) - 1
				block = strings.TrimLeft(strings.TrimPrefix(block, "Examples:"), "\n")
				block = strings.TrimLeft(strings.TrimPrefix(block, "Example:"), "\n")
				break
			}
		}
		if current >= 0 {
			moved[current].blocks = append(moved[current].blocks, block)
		} else {
			rest = append(rest, block)
		}
	}
	for _, block := range rest {
		p.block(block)
	}
	slices.SortStableFunc(moved, func(a, b section) int { return strings.Compare(b.title, a.title) })
	return moved
}

// block writes lines up to an empty one. Indented lines are shown as they are.
func (p *page) block(block string) {
	const (
		none = iota
		prose
		verbatim
	)
	kind := none
	for line := range strings.Lines(block) {
		line = strings.TrimRight(line, "\n")
		want := prose
		if strings.HasPrefix(line, " ") {
			want = verbatim
		}
		if want != kind {
			if kind == verbatim {
				p.macro("EE")
				p.macro("RE")
			}
			switch {
			case want == verbatim:
				if !p.headed() {
					p.macro("PP")
				}
				p.macro("RS", "4")
				p.macro("EX")
			case !p.headed():
				p.macro("PP")
			}
			kind = want
		}
		if kind == prose {
			p.paragraph(line)
			continue
		}
		line = strings.TrimPrefix(strings.TrimPrefix(line, "  "), " ")
		p.line(escape(line))
	}
	if kind == verbatim {
		p.macro("EE")
		p.macro("RE")
	}
}

// A page is the source of a manual page.
type page struct{ strings.Builder }

func (p *page) macro(name string, arguments ...string) {
	fmt.Fprintf(p, ".%s", name)
	for _, a := range arguments {
		a = escape(a)
		if strings.Contains(a, " ") || a == "" {
			a = `"` + a + `"`
		}
		fmt.Fprintf(p, " %s", a)
	}
	p.WriteString("\n")
}

// line writes a line that is escaped already.
func (p *page) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	p.WriteString(text + "\n")
}

// paragraph writes text that is not escaped yet, in lines that a reader of the source
// can take in.
func (p *page) paragraph(text string) {
	const width = 78
	line := ""
	for _, word := range strings.Fields(text) {
		word = escape(word)
		if line != "" && len(line)+1+len(word) > width {
			p.line(line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.line(line)
}

// headed reports whether the last line is a heading, after which a new paragraph
// begins by itself.
func (p *page) headed() bool {
	lines := strings.Split(strings.TrimSuffix(p.String(), "\n"), "\n")
	return strings.HasPrefix(lines[len(lines)-1], ".SH ")
}

// escape keeps troff from reading a text. A hyphen that is typed must not become a
// typographic one, or it can't be copied.
func escape(text string) string {
	return strings.NewReplacer(
		`\`, `\e`, `-`, `\-`, `"`, `\(dq`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`,
		"…", "...", "–", `\(en`, "→", `\(->`, "✓", "OK", "✗", "X",
	).Replace(text)
}

func bold(text string) string   { return `\fB` + escape(text) + `\fR` }
func italic(text string) string { return `\fI` + escape(text) + `\fR` }
