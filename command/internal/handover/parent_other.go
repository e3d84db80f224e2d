//go:build unix && !linux && !freebsd

package handover

import "syscall"

// endWithParent is nothing: no other system offers it.
var endWithParent *syscall.SysProcAttr
