// Package browsers drives real browsers, one file for each engine, as far as a sign-in
// and an attack on it need it.
//
// Each browser starts with an empty profile, below a folder of the caller's, and ends
// with all its processes. Nothing of the person's own browser is touched.
package browsers

import (
	"context"
	"fmt"
	"time"
)

// Browser is a running browser.
type Browser interface {
	// Open opens a URL in a new tab that no page opened, as a program's
	// "open this address" does. It does not wait for the page.
	Open(ctx context.Context, url string) (Tab, error)

	// Close ends the browser. Tabs are useless afterwards.
	Close()
}

// Tab is one tab of a browser.
type Tab interface {
	// Eval evaluates a JavaScript expression in the page and decodes its value.
	Eval(ctx context.Context, expression string, value any) error

	// Click clicks, as a person does, at the first element that the CSS selector finds.
	Click(ctx context.Context, selector string) error

	// Type types into the first element that the CSS selector finds.
	Type(ctx context.Context, selector, text string) error

	// Screenshot returns what is in view, as PNG.
	Screenshot(ctx context.Context) ([]byte, error)

	Close(ctx context.Context) error
}

// Options say how to start a browser. The zero values of those below the blank line
// are the browser as it comes.
type Options struct {
	Program string // its path
	Home    string // a home folder with an NSS database that holds the private authority
	Dir     string // an empty folder for the profile and the browser's own log

	NoScript bool // JavaScript is off

	// BlockStorage forbids cookies, and with them all storage, except on Allowed,
	// the hosts that a person could not sign in at without.
	BlockStorage bool
	Allowed      []string
}

// poll is how often a condition is looked at.
const poll = 50 * time.Millisecond

// Wait looks at a JavaScript expression until it is true. Errors on the way are those
// of a page that is being replaced, and count only when ctx ends.
func Wait(ctx context.Context, tab Tab, expression string) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var last error
	for {
		var ok bool
		err := tab.Eval(ctx, "Boolean("+expression+")", &ok)
		if err == nil && ok {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it is not true: %w (the last error: %v)", context.Cause(ctx), last)
		case <-ticker.C:
		}
	}
}
