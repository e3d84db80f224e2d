// Package doctor finds out what keeps a sign-in from working.
package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/gophercloud-websso/websso/internal/terminal"
)

// Examine makes all checks. It opens no browser and changes no setting.
func (p *Patient) Examine(ctx context.Context) []Finding {
	all := p.settings()
	if p.Err == nil {
		all = append(all, p.keystone(ctx)...)
	}
	all = append(all, p.port(ctx), p.browser(), p.cache())
	return append(all, python(ctx)...)
}

// New counts findings.
func New(findings []Finding) *Diagnosis {
	d := &Diagnosis{Checks: findings}
	for _, f := range findings {
		switch f.State {
		case Fault:
			d.Faults++
		case Warning:
			d.Warnings++
		}
	}
	return d
}

// Text returns the diagnosis for a terminal.
func (d *Diagnosis) Text() string {
	var b strings.Builder
	mark := map[string]string{OK: "✓", Warning: "!", Unchecked: "!", Fault: "✗"}
	for _, f := range d.Checks {
		text := terminal.Escape(f.Found)
		if f.Advice != "" {
			text += ": " + terminal.Escape(f.Advice)
		}
		if f.Copy != "" {
			text += ":"
		}
		fmt.Fprintf(&b, "%s %-13s %s\n", mark[f.State], f.Check, text)
		for line := range strings.Lines(f.Copy) {
			b.WriteString("    " + terminal.Escape(strings.TrimSuffix(line, "\n")) + "\n")
		}
	}
	if d.Faults == 0 {
		fmt.Fprintf(&b, "\nno fault found; warnings: %d\n", d.Warnings)
	}
	return b.String()
}
