package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// displayWait bounds the wait for a display to accept a connection.
const displayWait = time.Second

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
func (c Computer) Find(ctx context.Context) (program string, err error) {
	if list := c.Getenv("BROWSER"); list != "" {
		return findCommand(list)
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
	if err := c.tryDisplay(ctx); err != nil {
		return "", err
	}
	names := []string{"xdg-open", "x-www-browser", "www-browser"} // those of pkg/browser
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is none of %s (install xdg-utils, or set BROWSER to your browser)", strings.Join(names, ", "))
}

// findCommand returns the first program of a $BROWSER that there is.
func findCommand(list string) (string, error) {
	var missing []string
	for _, command := range commands(list) {
		args := arguments(command, "")
		if len(args) == 0 {
			continue
		}
		if path, err := exec.LookPath(args[0]); err == nil {
			return path, nil
		}
		missing = append(missing, args[0])
	}
	return "", fmt.Errorf("%w: %s", ErrNoProgram, strings.Join(missing, ", "))
}

// ErrNoProgram means that $BROWSER names no program that there is.
var ErrNoProgram = errors.New("BROWSER names no program that there is")

// tryDisplay reports a display that does not answer: variables outlive the screen that
// they name, in tmux and in screen.
func (c Computer) tryDisplay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, displayWait)
	defer cancel()
	var tried []string
	for _, d := range c.displays() {
		for _, address := range d.addresses {
			conn, err := new(net.Dialer).DialContext(ctx, d.network, address)
			if err == nil {
				conn.Close()
				return nil
			}
			if errors.Is(err, os.ErrPermission) {
				return nil // it is there
			}
		}
		if len(d.addresses) == 0 {
			return nil
		}
		tried = append(tried, d.name)
	}
	return fmt.Errorf("the display that %s names does not answer", strings.Join(tried, " and "))
}

// display is a screen, and the addresses at which it listens; none if they are not known.
type display struct {
	name, network string
	addresses     []string
}

func (c Computer) displays() []display {
	var all []display
	if name := c.Getenv("WAYLAND_DISPLAY"); name != "" {
		d := display{name: "WAYLAND_DISPLAY=" + name, network: "unix"}
		if dir := c.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(name) || dir != "" {
			path := name
			if !filepath.IsAbs(name) {
				path = filepath.Join(dir, name)
			}
			d.addresses = []string{path}
		}
		all = append(all, d)
	}
	// [host]:number[.screen] (X(7), DISPLAY NAMES).
	if name := c.Getenv("DISPLAY"); name != "" {
		d := display{name: "DISPLAY=" + name, network: "unix"}
		host, rest, ok := strings.Cut(name, ":")
		number, _, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(number)
		switch {
		case !ok || err != nil || strings.ContainsAny(host, "/"):
		case host == "" || host == "unix":
			path := filepath.Join(c.Root, "tmp/.X11-unix/X"+number)
			d.addresses = []string{path, "@" + path}
		default:
			d.network, d.addresses = "tcp", []string{net.JoinHostPort(host, strconv.Itoa(6000+n))}
		}
		all = append(all, d)
	}
	return all
}
