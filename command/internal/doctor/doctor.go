// Package doctor finds out what keeps a sign-in from working.
package doctor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// A Patient is what the doctor looks at.
type Patient struct {
	Sources    cloudconf.Sources
	Misspelled []Finding
	Err        error // why the cloud can't be used, or nil

	// These are only looked at if the cloud can be used.
	Options  websso.AuthOptions
	Endpoint string // normalized
	Insecure bool
	Client   func() *gophercloud.ProviderClient
	Named    func(error) error           // calls settings as the user does
	NameOf   func(cloudconf.Name) string // what the user calls a setting
	Callback string                      // the callback URL of the cached sign-in, or ""

	Host     string // that the browser comes back to
	Port     int
	Browser  browser.Computer
	CacheDir string // "" if nothing is written
	Cache    websso.Cache
}

// A Finding is one line of the doctor's. Its JSON is part of the command's interface.
type Finding struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Found  string `json:"found"`
	Advice string `json:"advice,omitempty"`
	Copy   string `json:"copy,omitempty"` // lines to copy
}

// The states of a finding.
const (
	OK        = "ok"
	Warning   = "warning"   // it may be wrong, or matter
	Unchecked = "unchecked" // it can't be checked from here
	Fault     = "fault"     // no sign-in can work, or not as the settings say
)

// FaultOf returns the finding for an error.
func FaultOf(check string, err error) Finding {
	f := Finding{Check: check, State: Fault, Found: strings.ReplaceAll(screen.Unmarked(err), "\n", " ")}
	var example screen.Example
	var setting *cloudconf.SettingError
	if errors.As(err, &example) {
		f.Found, f.Copy = strings.TrimSuffix(example.Before, ":"), example.Text
	} else if errors.As(err, &setting) {
		f.Found, f.Advice = setting.Parts()
	}
	return f
}

// A Diagnosis is all that the doctor found.
type Diagnosis struct {
	Faults   int       `json:"faults"`
	Warnings int       `json:"warnings"`
	Checks   []Finding `json:"checks"`
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
