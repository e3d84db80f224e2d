package browser

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Find returns the program that Open would start, or why it would start none. It starts
// nothing.
func (c Computer) Find() (program string, err error) {
	var missing []string
	all, setting := c.choices("")
	for _, choice := range all {
		if path, err := exec.LookPath(choice.program); err == nil {
			return path, nil
		}
		missing = append(missing, choice.program)
	}
	switch {
	case len(missing) > 0:
		return "", fmt.Errorf("%s %w: %s", setting, ErrNoProgram, strings.Join(missing, ", "))
	case c.isWSL(), c.HasDisplay():
		return "the system's browser", nil
	case c.OS == "windows", c.OS == "darwin":
		return "", errElsewhere
	}
	return "", errNoDisplay
}

// ErrNoProgram means that what the user has set names no program that there is.
var ErrNoProgram = errors.New("names no program that there is")
