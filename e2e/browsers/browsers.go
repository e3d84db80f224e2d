// Package browsers drives real browsers as far as the tests of a sign-in, and of attacks
// on it, need. Each engine has its own file.
//
// Each browser starts with an empty profile in a folder that the caller names, and Close
// ends all its processes. The user's own browser is never touched.
package browsers

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Options describe how to start a browser. With NoScript and BlockStorage false, the
// browser has its default settings.
type Options struct {
	Program string // the path of the browser or its driver
	Home    string // a home folder whose NSS database has the private authority
	Dir     string // an empty folder for the profile and the browser's own log

	NoScript bool // turns JavaScript off

	// BlockStorage blocks cookies, and with them all storage, except for the hosts in
	// Allowed, which need them for a sign-in.
	BlockStorage bool
	Allowed      []string
}

const (
	// poll is the interval between two looks at a condition.
	poll = 50 * time.Millisecond

	// look is how long one look may take. WebKitWebDriver never answers some that
	// arrive while one page replaces another; the next look is answered.
	look = 5 * time.Second
)

// Wait polls a JavaScript expression until it is true or ctx ends. It ignores errors
// until then, because evaluating fails while one page replaces another.
func Wait(ctx context.Context, tab *Tab, expression string) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var last error
	for {
		ok, err := isTrue(ctx, tab, expression)
		if ok {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not true: %w", errors.Join(context.Cause(ctx), last))
		case <-ticker.C:
		}
	}
}

// isTrue looks once.
func isTrue(ctx context.Context, tab *Tab, expression string) (ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, look)
	defer cancel()
	err = tab.Eval(ctx, "Boolean("+expression+")", &ok)
	return ok && err == nil, err
}
