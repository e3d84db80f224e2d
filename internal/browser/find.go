package browser

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Place describes a computer that a browser may not be on: "WSL", "a container of
// docker", "a codespace", "over SSH". It is "" for any other.
func (c Computer) Place() string {
	switch {
	case c.isCodespace():
		return "a codespace"
	case c.isToolbox():
		return "a toolbox of " + c.engine()
	case c.engine() != "":
		return "a container of " + c.engine()
	case c.isWSL():
		return "WSL"
	case c.SSHDestination() != "":
		return "a computer that you use by SSH"
	}
	return ""
}

// Find returns the program that Open would start, or why it would start none. It starts
// nothing.
func (c Computer) Find() (program string, err error) {
	var missing []string
	for _, choice := range c.choices("") {
		if path, err := exec.LookPath(choice.program); err == nil {
			return path, nil
		}
		missing = append(missing, choice.program)
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("%w: %s", ErrNoProgram, strings.Join(missing, ", "))
	}
	if c.isWSL() {
		for _, name := range []string{"wslview", "explorer.exe", filepath.Join(c.Root, "mnt/c/Windows/explorer.exe")} {
			if path, err := exec.LookPath(name); err == nil {
				return path, nil
			}
		}
	}
	if !c.HasDisplay() {
		if c.OS == "windows" || c.OS == "darwin" {
			return "", errElsewhere
		}
		return "", errNoDisplay
	}
	if c.OS == "windows" || c.OS == "darwin" {
		return "the default browser", nil
	}
	names := []string{"xdg-open", "x-www-browser", "www-browser"} // those of pkg/browser
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is none of %s (install xdg-utils, or set BROWSER to your browser)", strings.Join(names, ", "))
}

// ErrNoProgram means that $BROWSER names no program that there is.
var ErrNoProgram = errors.New("BROWSER names no program that there is")
