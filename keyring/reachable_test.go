//go:build linux

package keyring_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/keyring"
)

// Without D-Bus no daemon is started: it would be there for good.
func TestNoDaemonIsStarted(t *testing.T) {
	if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()))); err == nil {
		t.Skip("this session has a D-Bus")
	}
	for _, address := range []string{"", "autolaunch:"} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte("#!/bin/sh\n: >"+dir+"/started\n"), 0o755))
		t.Setenv("PATH", dir)
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		inner := &shared{}
		c := keyring.NewSystemProgram().NewCache(inner)
		if err := c.Set(entry, "value"); err == nil || !strings.Contains(err.Error(), "there is no keyring here (no D-Bus session)") {
			t.Errorf("with address %q: got %v, want an error that says that there is no D-Bus", address, err)
		}
		inner.none(t)
		if _, err := os.Stat(filepath.Join(dir, "started")); err == nil {
			t.Errorf("with address %q: dbus-launch was started", address)
		}
	}
}
