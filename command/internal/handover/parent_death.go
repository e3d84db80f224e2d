//go:build linux || freebsd

package handover

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the system send a command SIGTERM when the thread that starts it
// ends.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
