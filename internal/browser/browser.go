// Package browser opens a web page in the user's browser.
package browser

import (
	"errors"
	"os"
	"sync"

	"github.com/pkg/browser"
)

// errNoDisplay keeps xdg-open from starting a text browser in the user's terminal.
var errNoDisplay = errors.New("there is no display here, and $BROWSER is not set")

// errElsewhere keeps a browser from opening on a screen that the user does not see.
var errElsewhere = errors.New("you are connected by SSH, and $BROWSER is not set")

// Open shows url in the browser that the user has set, or else in the system's, which is
// that of Windows in WSL. It returns when the browser has started or, for one that stays
// in the foreground, when it ends.
func (c Computer) Open(url string) error {
	if all, setting := c.choices(url); len(all) > 0 {
		return open(all, setting)
	}
	var failed error
	if c.isWSL() {
		if failed = c.openOnWindows(url); failed == nil {
			return nil
		}
	}
	switch {
	case c.HasDisplay():
	case failed != nil:
		return failed
	case c.OS == "windows", c.OS == "darwin":
		return errElsewhere
	default:
		return errNoDisplay
	}
	silence()
	return browser.OpenURL(url)
}

// silence keeps the browser's own output, which pkg/browser passes on, off standard
// output. It goes to the null device and not to a pipe: a browser outlives this
// program, and would die of a pipe that nobody reads.
var silence = sync.OnceFunc(func() {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		null = os.Stderr
	}
	browser.Stdout, browser.Stderr = null, null
})
