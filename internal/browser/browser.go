// Package browser opens a web page in the user's browser.
package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pkg/browser"
)

var (
	// ErrNoProgram means that what the user has set names no program that there is.
	ErrNoProgram = errors.New("names no program that there is")

	// A text browser of xdg-open's must not start in the user's terminal, nor a browser on a
	// screen that the user does not see.
	errNoDisplay = errors.New("there is no display here, and $BROWSER is not set")
	errElsewhere = errors.New("you are connected by SSH, and $BROWSER is not set")
)

// Open shows url in the browser that the user has set, or else in the system's, which is
// that of Windows in WSL. It returns when the browser has started or, for one that stays
// in the foreground, when it ends.
func (c Computer) Open(url string) error {
	if all, setting := c.choices(url); len(all) > 0 {
		return open(all, setting)
	}
	if c.isWSL() {
		if err := c.openOnWindows(url); err == nil || !c.HasDisplay() {
			return err
		}
	}
	if err := c.hidden(); err != nil {
		return err
	}
	silence()
	return browser.OpenURL(url)
}

// hidden returns an error if nothing opens where the user is.
func (c Computer) hidden() error {
	switch {
	case c.HasDisplay():
		return nil
	case c.OS == "windows", c.OS == "darwin":
		return errElsewhere
	}
	return errNoDisplay
}

// Find returns the program that Open would start, or why it would start none. It starts
// nothing.
func (c Computer) Find() (program string, err error) {
	all, setting := c.choices("")
	var missing []string
	for _, choice := range all {
		if path, err := exec.LookPath(choice.program); err == nil {
			return path, nil
		}
		missing = append(missing, choice.program)
	}
	switch {
	case len(missing) > 0:
		return "", fmt.Errorf("%s %w: %s", setting, ErrNoProgram, strings.Join(missing, ", "))
	case c.isWSL():
		return systems, nil
	}
	return systems, c.hidden()
}

const systems = "the system's browser"

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

// openOnWindows shows url in the browser of the Windows around this Linux. Windows
// forwards its own localhost to this one.
func (c Computer) openOnWindows(url string) error {
	if viewer, err := exec.LookPath("wslview"); err == nil && run(false, viewer, url) == nil {
		return nil
	}
	explorer, err := exec.LookPath("explorer.exe")
	if err != nil {
		// The path of Windows may be left out of this one's (wsl.conf, appendWindowsPath).
		explorer = filepath.Join(c.Root, "mnt/c/Windows/explorer.exe")
	}
	err = run(false, explorer, url)
	// It exits with 1 although all went well.
	if exit := new(exec.ExitError); err == nil || errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil
	}
	return fmt.Errorf("no browser of Windows could be started: %w", err)
}

// run runs a program until it ends or, in the background, starts it. Nobody sees its output.
func run(background bool, program string, args ...string) error {
	cmd := exec.Command(program, args...) //nolint:noctx // it outlives the sign-in
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	if background {
		go func() { _ = cmd.Wait() }()
		return nil
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}
