package browser

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// openOnWindows shows url in the browser of the Windows around this Linux. Windows
// forwards its own localhost to this one.
func (c Computer) openOnWindows(url string) error {
	if viewer, err := exec.LookPath("wslview"); err == nil && run(viewer, url) == nil {
		return nil
	}
	explorer, err := exec.LookPath("explorer.exe")
	if err != nil {
		// The path of Windows may be left out of this one's (wsl.conf, appendWindowsPath).
		explorer = filepath.Join(c.Root, "mnt/c/Windows/explorer.exe")
	}
	err = run(explorer, url)
	// It exits with 1 although all went well.
	if exit := new(exec.ExitError); err == nil || errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil
	}
	return fmt.Errorf("no browser of Windows could be started: %w", err)
}
