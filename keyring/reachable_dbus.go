//go:build unix && !darwin

package keyring

import (
	"os"
	"path/filepath"
	"strconv"
)

// reachable looks for the session's D-Bus in the places that godbus looks in. Without one,
// godbus would start a daemon with dbus-launch, which outlives the program and has no
// keyring that is unlocked.
func reachable() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return nil
	}
	runtime := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(runtime, name)); err == nil {
			return nil
		}
	}
	return errNoBus
}
