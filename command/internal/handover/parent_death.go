//go:build linux || freebsd

package handover

import "syscall"

// endWithParent makes the system send a command SIGTERM when the thread that starts it
// ends.
var endWithParent = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
